// embedding_forward: one row of the table per token.
// math:     y[n] = W[tokens[n] − FIRST] where W, rows FIRST … of the whole table, has it
// shapes:   tokens [N]  W [ROWS, C]  y [N, C]      dispatch: (N·C/4 / 64 over x and y)
// bindings: 0 tokens  1 W  2 y (the rows above are written)
// numerics: exact
// oracle:   oracle/goldens, embedding
override N: u32;
override C4: u32;
override FIRST: u32;
override ROWS: u32;

@group(0) @binding(0) var<storage, read> tokens: array<u32>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= N * C4) {
    return;
  }
  let row = tokens[i / C4] - FIRST; // wraps round for a token before the first
  if (row < ROWS) {
    y[i] = weight4(row * C4 + i % C4);
  }
}
