// layer_norm_forward: y = (x − mean)·rstd·weight + bias; keeps x − mean and rstd for the backward pass.
// math:     mean[n] = Σ_k x[n,k]/C   rstd[n] = 1/sqrt(Σ_k (x[n,k] − mean[n])²/C + eps)   (Ba et al. 2016)
// shapes:   x, y, centred [N, C]  weight, bias [C]  rstd [N]   rows padded with zeros to four
// dispatch: N workgroups over x and y
// bindings: 0 x  1 W (weight)  2 bias  3 y (written)  4 centred (written)  5 rstd (written)
// numerics: f32, two passes, sums by a fixed tree; padding stays zero
// oracle:   oracle/goldens, layer_norm
override N: u32;
override C: u32;
override C4: u32;
override EPS: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read> bias: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> centred: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> rstd: array<f32>;

// x − mean, zero where columns are padding
fn centre(value: vec4f, mean: f32, k: u32) -> vec4f {
  let columns = 4u * k + vec4u(0u, 1u, 2u, 3u);
  return select(vec4f(), value - mean, columns < vec4u(C));
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let n = group.y * groups.x + group.x;
  if (n >= N) {
    return;
  }
  var sum = 0.0;
  for (var k = local; k < C4; k += WORKGROUP) {
    sum += dot(x[n * C4 + k], vec4f(1.0));
  }
  let mean = workgroup_sum(sum, local) / f32(C);
  var squares = 0.0;
  for (var k = local; k < C4; k += WORKGROUP) {
    let value = centre(x[n * C4 + k], mean, k);
    squares += dot(value, value);
  }
  let scale = inverseSqrt(workgroup_sum(squares, local) / f32(C) + EPS);
  for (var k = local; k < C4; k += WORKGROUP) {
    let at = n * C4 + k;
    let value = centre(x[at], mean, k);
    centred[at] = value;
    y[at] = value * scale * weight4(k) + bias[k];
  }
  if (local == 0u) {
    rstd[n] = scale;
  }
}
