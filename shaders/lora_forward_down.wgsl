// lora_forward_down: S = (mask∘x)·Aᵀ, the adapter's narrow middle; kept for the gradient of B.
// math:     S[n,r] = Σ_k mask[n,k]·x[n,k]·A[r,k]
// shapes:   x [N, in]  A [R, in] and S [CELL_ROWS, R] of each cell   rows padded to four
// dispatch: (largest R/4, CELL_ROWS/64, cells); one invocation computes a 4×4 tile whose column i is row i of S
// bindings: 0 step  1 x  2 factors  3 S (written)  4 table  5 cells
// numerics: f32 sums in order of k
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override IN4: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> S: array<vec4f>;
@group(0) @binding(4) var<storage, read> table: array<LoraCell>;
@group(0) @binding(5) var<storage, read> cells: array<CellStep>;

@compute @workgroup_size(1, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  let row = 4u * id.y;
  let cell = id.z;
  let lora = table[cell];
  if (row >= CELL_ROWS || r >= lora.rank4) {
    return;
  }
  let seed = cells[cell].seed;
  let rows = min(row + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u)); // past the end: read, never written
  let x_start = (cell * CELL_ROWS + rows) * IN4;
  let mask_start = rows * IN4;
  var tile = mat4x4f();
  let a = lora.a + 4u * r * IN4;
  for (var k = 0u; k < IN4; k++) {
    let x4 = mat4x4f(
      x[x_start.x + k] * dropout4(mask_start.x + k, seed, lora.stream),
      x[x_start.y + k] * dropout4(mask_start.y + k, seed, lora.stream),
      x[x_start.z + k] * dropout4(mask_start.z + k, seed, lora.stream),
      x[x_start.w + k] * dropout4(mask_start.w + k, seed, lora.stream));
    let a4 = mat4x4f(factors[a + k], factors[a + IN4 + k], factors[a + 2u * IN4 + k], factors[a + 3u * IN4 + k]);
    tile += transpose(a4) * x4;
  }
  for (var i = 0u; i < min(4u, CELL_ROWS - row); i++) {
    S[lora.before4 * CELL_ROWS + (row + i) * lora.rank4 + r] = tile[i];
  }
}
