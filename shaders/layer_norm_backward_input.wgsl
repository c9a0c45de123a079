// layer_norm_backward_input: gradient through the norm.
// math:     g = dy∘weight,  c = x − mean,  dx (+)= rstd·(g − mean_k(g) − c·rstd²·mean_k(g·c))
// shapes:   dy, centred, dx [N, C]  weight [C]  rstd [N]   rows padded with zeros to four
// dispatch: N workgroups over x and y
// bindings: 0 dy  1 centred  2 W (weight)  3 rstd  4 dx (written or added to)
// numerics: f32, row sums by a fixed tree; padding stays zero
// oracle:   oracle/goldens, layer_norm
override N: u32;
override C: u32;
override C4: u32;
override ACCUMULATE: u32; // 1 or 0, as all flags of u32: one pipeline serves both

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> centred: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> rstd: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<vec4f>;

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
  var product = 0.0;
  for (var k = local; k < C4; k += WORKGROUP) {
    let g = dy[n * C4 + k] * weight4(k);
    sum += dot(g, vec4f(1.0));
    product += dot(g, centred[n * C4 + k]);
  }
  let scale = rstd[n];
  let mean = workgroup_sum(sum, local) / f32(C);
  let slope = workgroup_sum(product, local) / f32(C) * scale * scale;
  for (var k = local; k < C4; k += WORKGROUP) {
    let at = n * C4 + k;
    let columns = 4u * k + vec4u(0u, 1u, 2u, 3u);
    let value = scale * (dy[at] * weight4(k) - mean - centred[at] * slope);
    let kept = select(vec4f(), value, columns < vec4u(C));
    if (ACCUMULATE == 1u) {
      dx[at] += kept;
    } else {
      dx[at] = kept;
    }
  }
}
