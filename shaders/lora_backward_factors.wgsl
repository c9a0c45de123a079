// lora_backward_factors: the gradient of an adapter's A or B, for software adapters: one kernel for both, because they
// compile slowly where they run on a CPU.
// math:     dA[r,k] += Σ_n U[n,r]·(mask∘x)[n,k]      dB[k,r] += s·Σ_n dy[n,k]·S[n,r] when OF_B
// shapes:   rows (x or dy) [N, WIDTH]  of each cell: projected (U or S) [CELL_ROWS, R]  dA [R, WIDTH] or dB [WIDTH, R]
//           padded to four
// dispatch: (WIDTH/4/4, largest R/8, cells); one invocation computes four rows of dB or dAᵀ by eight ranks as two
//           matrices: column i of tileC is row i, in its block C of four ranks. A quad has the same ranks, and shares
//           `projected`
// bindings: 0 step  1 rows  2 projected  3 grads (added to)  4 table  5 cells
// numerics: f32 sums in order of n; no workgroup memory
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override WIDTH4: u32;
override OF_B: u32; // 1 or 0: numbers may come from a uniform, so that one pipeline serves both factors

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> projected: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> grads: array<vec4f>;
@group(0) @binding(4) var<storage, read> table: array<LoraCell>;
@group(0) @binding(5) var<storage, read> cells: array<CellStep>;

fn row_block(first: u32, starts: vec4u, k: u32, seed: u32, stream: u32) -> mat4x4f {
  let at = starts + k;
  return transpose(mat4x4f(
    rows[first + at.x] * dropout4(at.x, seed, stream), rows[first + at.y] * dropout4(at.y, seed, stream),
    rows[first + at.z] * dropout4(at.z, seed, stream), rows[first + at.w] * dropout4(at.w, seed, stream)));
}

fn add_block(tile: mat4x4f, lora: LoraCell, k: u32, r: u32) {
  if (k >= WIDTH4 || r >= lora.rank4) {
    return;
  }
  let at = select(lora.a + 4u * r * WIDTH4 + k, lora.b + 4u * k * lora.rank4 + r, OF_B == 1u);
  let stride = select(WIDTH4, lora.rank4, OF_B == 1u);
  let ofA = transpose(tile);
  for (var i = 0u; i < 4u; i++) {
    grads[at + i * stride] += select(ofA[i], lora.scaling * tile[i], OF_B == 1u);
  }
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let k = min(id.x, WIDTH4 - 1u); // past the end: read for the quad's sake, never written
  let r = 2u * id.y;
  let cell = id.z;
  let lora = table[cell];
  if (r >= lora.rank4) {
    return;
  }
  let r1 = min(r + 1u, lora.rank4 - 1u);
  let first = cell * CELL_ROWS * WIDTH4;
  let seed = cells[cell].seed;
  let last = CELL_ROWS - 1u;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  for (var n = 0u; n < CELL_ROWS; n += 4u) {
    let own = n + (invocation & 3u);
    let start = lora.before4 * CELL_ROWS + min(own, last) * lora.rank4;
    let counts = select(0.0, 1.0, own <= last); // past the end the last row is read again, and counts zero
    let starts = min(n + vec4u(0u, 1u, 2u, 3u), vec4u(last)) * WIDTH4;
    let four_rows = row_block(first, starts, k, seed, lora.stream);
    tile0 += quad_in_order(counts * projected[start + r]) * four_rows;
    tile1 += quad_in_order(counts * projected[start + r1]) * four_rows;
  }
  add_block(tile0, lora, id.x, r);
  add_block(tile1, lora, id.x, r + 1u);
}
