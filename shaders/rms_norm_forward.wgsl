// rms_norm_forward: y = x·rstd·weight; keeps rstd for the backward pass.
// math:     rstd[n] = 1/sqrt(mean_k x[n,k]² + eps)      y[n,k] = x[n,k]·rstd[n]·weight[k]   (Zhang & Sennrich 2019)
// shapes:   x, y [N, C]  weight [C]  rstd [N]   rows padded with zeros to four
// dispatch: N workgroups over x and y      bindings: 0 x  1 W (weight)  2 y (written)  3 rstd (written)
// numerics: f32, sum of squares by a fixed tree
// oracle:   oracle/goldens, rms_norm
override N: u32;
override C: u32;
override C4: u32;
override EPS: f32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> rstd: array<f32>;

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
  var squares = 0.0;
  for (var k = local; k < C4; k += WORKGROUP) {
    let value = x[n * C4 + k];
    squares += dot(value, value);
  }
  let scale = inverseSqrt(workgroup_sum(squares, local) / f32(C) + EPS);
  for (var k = local; k < C4; k += WORKGROUP) {
    y[n * C4 + k] = x[n * C4 + k] * scale * weight4(k);
  }
  if (local == 0u) {
    rstd[n] = scale;
  }
}
