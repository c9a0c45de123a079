// lora_forward_down: S = (mask∘x)·Aᵀ, the adapter's narrow middle; kept for the gradient of B.
// math:     S[n,r] = Σ_k mask[n,k]·x[n,k]·A[r,k]
// shapes:   x [N, in]  A [R, in] and S [CELL_ROWS, R] of each cell   rows padded to four
// dispatch: (largest R/4, CELL_ROWS/64, cells); one invocation computes four neighbouring r of one row
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

@compute @workgroup_size(1, 64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  let n = id.y;
  let cell = id.z;
  let lora = table[cell];
  if (n >= CELL_ROWS || r >= lora.rank4) {
    return;
  }
  let seed = cells[cell].seed;
  let x_start = (cell * CELL_ROWS + n) * IN4;
  var sum = vec4f();
  let a = lora.a + 4u * r * IN4;
  for (var k = 0u; k < IN4; k++) {
    let x4 = x[x_start + k] * dropout4(n * IN4 + k, seed, lora.stream);
    sum += x4 * mat4x4f(factors[a + k], factors[a + IN4 + k], factors[a + 2u * IN4 + k], factors[a + 3u * IN4 + k]);
  }
  S[lora.before4 * CELL_ROWS + n * lora.rank4 + r] = sum;
}
