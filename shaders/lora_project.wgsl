// lora_project: rows projected to an adapter's rank, for software adapters: S = (mask∘x)·Aᵀ on the way forward, and what
// it gets back, U = s·dy·B. One kernel, because they compile slowly where they run on a CPU.
// math:     S[n,r] = Σ_k mask[n,k]·x[n,k]·A[r,k]      U[n,r] = s·Σ_k dy[n,k]·B[k,r] when OF_B
// shapes:   rows (x or dy) [N, WIDTH]  A [R, WIDTH] or B [WIDTH, R], projected (S or U) [CELL_ROWS, R] of each cell
//           padded to four
// dispatch: (CELL_ROWS/4/4, largest R/8, cells); one invocation computes four rows of eight ranks as two matrices: column
//           i of tileC is row i, in its block C of four ranks. A quad has the same ranks, and shares the factors
// bindings: 0 step  1 rows  2 factors  3 projected (written)  4 table  5 cells
// numerics: f32 sums in order of k; no workgroup memory
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override WIDTH4: u32;
override OF_B: u32; // 1 or 0: numbers may come from a uniform, so that one pipeline serves both factors

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> projected: array<vec4f>;
@group(0) @binding(4) var<storage, read> table: array<LoraCell>;
@group(0) @binding(5) var<storage, read> cells: array<CellStep>;

fn row_block(first: u32, starts: vec4u, k: u32, seed: u32, stream: u32) -> mat4x4f {
  let at = starts + k;
  return mat4x4f(
    rows[first + at.x] * dropout4(at.x, seed, stream), rows[first + at.y] * dropout4(at.y, seed, stream),
    rows[first + at.z] * dropout4(at.z, seed, stream), rows[first + at.w] * dropout4(at.w, seed, stream));
}

// Column i holds what term i adds to four ranks: four neighbours of B, or one of each of four rows of A.
fn factor_block(own: vec4f) -> mat4x4f {
  let b = quad_in_order(own);
  let a = transpose(b);
  let of_b = OF_B == 1u;
  return mat4x4f(
    select(a[0], b[0], of_b), select(a[1], b[1], of_b), select(a[2], b[2], of_b), select(a[3], b[3], of_b));
}

fn write_block(tile: mat4x4f, lora: LoraCell, row: u32, r: u32) {
  if (r >= lora.rank4) {
    return;
  }
  for (var i = 0u; i < 4u && row + i < CELL_ROWS; i++) {
    let at = lora.before4 * CELL_ROWS + (row + i) * lora.rank4 + r;
    projected[at] = select(1.0, lora.scaling, OF_B == 1u) * tile[i];
  }
}

@compute @workgroup_size(4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let row = 4u * id.x;
  let r = 2u * id.y;
  let cell = id.z;
  let lora = table[cell];
  if (r >= lora.rank4) {
    return;
  }
  let r1 = min(r + 1u, lora.rank4 - 1u); // past the end: read, never written
  let starts = min(row + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u)) * WIDTH4;
  let first = cell * CELL_ROWS * WIDTH4;
  let of_b = OF_B == 1u;
  let own = (invocation & 3u) * select(WIDTH4, lora.rank4, of_b);
  let factor0 = own + select(lora.a + 4u * r * WIDTH4, lora.b + r, of_b);
  let factor1 = own + select(lora.a + 4u * r1 * WIDTH4, lora.b + r1, of_b);
  let next = select(1u, 4u * lora.rank4, of_b);
  let seed = cells[cell].seed;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  for (var k = 0u; k < WIDTH4; k++) {
    let four_rows = row_block(first, starts, k, seed, lora.stream);
    tile0 += factor_block(factors[factor0 + k * next]) * four_rows;
    tile1 += factor_block(factors[factor1 + k * next]) * four_rows;
  }
  write_block(tile0, lora, row, r);
  write_block(tile1, lora, row, r + 1u);
}
