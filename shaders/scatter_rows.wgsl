// scatter_rows: the gradient of gather_rows; rows that did not count get zero.
// math:     dx[n] = rowSlot[n] > 0 ? dy[rowSlot[n] − 1] : 0
// shapes:   dy [R, C]  rowSlot [N]  dx [N, C]      dispatch: (N·C/4 / 64 over x and y)
// bindings: 0 dy  1 rowSlot  2 dx (written)
// numerics: exact
// oracle:   covered by the parity goldens
override N: u32;
override C4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> rowSlot: array<u32>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= N * C4) {
    return;
  }
  let slot = rowSlot[i / C4];
  if (slot > 0u) {
    dx[i] = dy[(slot - 1u) * C4 + i % C4];
  } else {
    dx[i] = vec4f(0.0);
  }
}
