// gather_rows: only rows whose next token counts go on to the output head.
// math:     y[r] = x[rowIndex[r]] for the first step.lossRows of each cell, else 0
// shapes:   x [N, C]  rowIndex [R]  y [R, C]      dispatch: (R·C/4 / 64 over x and y)
// bindings: 0 step  1 x  2 rowIndex  3 y (written)
// numerics: exact
// oracle:   covered by the parity goldens
override ROWS: u32;
override CELL_ROWS: u32; // rows of each cell in y
override C4: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> rowIndex: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= ROWS * C4) {
    return;
  }
  let row = i / C4;
  if (row % CELL_ROWS < step.lossRows) {
    y[i] = x[rowIndex[row] * C4 + i % C4];
  } else {
    y[i] = vec4f(0.0);
  }
}
