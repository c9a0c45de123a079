// lora_backward_b_tiled: partial sums of dB = s·dyᵀ·S for GPUs (elsewhere lora_backward_factors): tiles are small and sums
// are split, so that every processor has work.
// math:     sums[p][m,r] = s·Σ_{n in part p} dy[n,m]·S[n,r]
// shapes:   dy [N, out]  of each cell: S [CELL_ROWS, R]  sums [PARTS, out, R]   rows padded to four
// dispatch: (out/4/32, largest R/4/2, cells·PARTS); one invocation computes a 4×4 tile whose column i is row i of dB
// bindings: 0 dy  1 S  2 sums (written)  3 table
// numerics: f32 sums over the rows of a part in order; parts are added by lora_sum_parts in order
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override OUT4: u32;
override PARTS: u32;
override PART_ROWS: u32; // multiple of 4

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> S: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(3) var<storage, read> table: array<LoraCell>;

fn row_of_s(lora: LoraCell, n: u32, r: u32) -> vec4f {
  let at = lora.before4 * CELL_ROWS + min(n, CELL_ROWS - 1u) * lora.rank4 + r;
  return select(vec4f(0.0), S[at], n < CELL_ROWS);
}

fn row_of_dy(cell: u32, n: u32, m: u32) -> vec4f {
  return dy[(cell * CELL_ROWS + min(n, CELL_ROWS - 1u)) * OUT4 + m];
}

@compute @workgroup_size(32, 2)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x;
  let r = id.y;
  let cell = id.z / PARTS;
  let part = id.z % PARTS;
  let lora = table[cell];
  if (m >= OUT4 || r >= lora.rank4) {
    return;
  }
  var tile = mat4x4f();
  let first = part * PART_ROWS;
  for (var n = first; n < min(first + PART_ROWS, CELL_ROWS); n += 4u) {
    let s4 = mat4x4f(
      row_of_s(lora, n, r), row_of_s(lora, n + 1u, r), row_of_s(lora, n + 2u, r), row_of_s(lora, n + 3u, r));
    let dy4 = mat4x4f(
      row_of_dy(cell, n, m), row_of_dy(cell, n + 1u, m), row_of_dy(cell, n + 2u, m), row_of_dy(cell, n + 3u, m));
    tile += s4 * transpose(dy4);
  }
  let start = (lora.before4 * PARTS + part * lora.rank4) * 4u * OUT4 + 4u * m * lora.rank4 + r;
  for (var i = 0u; i < 4u; i++) {
    sums[start + i * lora.rank4] = lora.scaling * tile[i];
  }
}
