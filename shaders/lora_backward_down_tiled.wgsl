// lora_backward_down_tiled: partial sums of dA = Uᵀ·(mask∘x) for GPUs (elsewhere lora_backward_factors): tiles are small
// and sums are split, so that every processor has work.
// math:     sums[p][r,k] = Σ_{n in part p} U[n,r]·(mask∘x)[n,k]
// shapes:   x [N, in]  of each cell: U [CELL_ROWS, R]  sums [PARTS, R, in]   rows padded to four
// dispatch: (in/4/32, largest R/4/2, cells·PARTS); one invocation computes a 4×4 tile whose column i is row i of dA
// bindings: 0 step  1 x  2 U  3 sums (written)  4 table  5 cells
// numerics: f32 sums over the rows of a part in order; parts are added by lora_sum_parts in order
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override IN4: u32;
override PARTS: u32;
override PART_ROWS: u32; // multiple of 4

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> U: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(4) var<storage, read> table: array<LoraCell>;
@group(0) @binding(5) var<storage, read> cells: array<CellStep>;

fn row_of_u(lora: LoraCell, n: u32, r: u32) -> vec4f {
  let at = lora.before4 * CELL_ROWS + min(n, CELL_ROWS - 1u) * lora.rank4 + r;
  return select(vec4f(0.0), U[at], n < CELL_ROWS);
}

fn row_of_x(lora: LoraCell, cell: u32, n: u32, k: u32) -> vec4f {
  let row = min(n, CELL_ROWS - 1u);
  return x[(cell * CELL_ROWS + row) * IN4 + k] * dropout4(row * IN4 + k, cells[cell].seed, lora.stream);
}

@compute @workgroup_size(32, 2)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  let r = id.y;
  let cell = id.z / PARTS;
  let part = id.z % PARTS;
  let lora = table[cell];
  if (k >= IN4 || r >= lora.rank4) {
    return;
  }
  var tile = mat4x4f();
  let first = part * PART_ROWS;
  for (var n = first; n < min(first + PART_ROWS, CELL_ROWS); n += 4u) {
    let u4 = mat4x4f(
      row_of_u(lora, n, r), row_of_u(lora, n + 1u, r), row_of_u(lora, n + 2u, r), row_of_u(lora, n + 3u, r));
    let x4 = mat4x4f(
      row_of_x(lora, cell, n, k), row_of_x(lora, cell, n + 1u, k),
      row_of_x(lora, cell, n + 2u, k), row_of_x(lora, cell, n + 3u, k));
    tile += x4 * transpose(u4);
  }
  for (var i = 0u; i < 4u; i++) {
    sums[((lora.before4 * PARTS + part * lora.rank4 + r) * 4u + i) * IN4 + k] = tile[i];
  }
}
