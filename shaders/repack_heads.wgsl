// repack_heads: moves heads between rows as projections make them and rows whose heads start at a vec4; only head
// sizes that are not a multiple of four need it.
// math:     y[n, h, d] = d < D ? x[n, h, d] : 0
// shapes:   x [N, X_WIDTH] with heads X_STRIDE apart  y [N, Y_WIDTH] with heads Y_STRIDE apart   widths padded to four
// dispatch: (N·Y_WIDTH / 64 over x and y)      bindings: 0 x  1 y (written)
// numerics: exact
// oracle:   oracle/goldens, attention (grouped)
override N: u32;
override HEADS: u32;
override D: u32;
override X_WIDTH: u32;
override X_STRIDE: u32;
override Y_WIDTH: u32;
override Y_STRIDE: u32;

@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= N * Y_WIDTH) {
    return;
  }
  let n = i / Y_WIDTH;
  let head = i % Y_WIDTH / Y_STRIDE;
  let d = i % Y_WIDTH % Y_STRIDE;
  var value = 0.0;
  if (head < HEADS && d < D) {
    value = x[n * X_WIDTH + head * X_STRIDE + d];
  }
  y[i] = value;
}
