// lora_forward_down_tiled: S = (mask∘x)·Aᵀ for GPUs (elsewhere lora_project), a workgroup for four rows, whose
// invocations read neighbouring columns.
// math:     S[n,r] = Σ_k mask[n,k]·x[n,k]·A[r,k]
// shapes:   x [N, in]  A [R, in] and S [CELL_ROWS, R] of each cell   rows padded to four
// dispatch: (largest R/4, CELL_ROWS/4, cells)
// bindings: 0 step  1 x  2 factors  3 S (written)  4 table  5 cells
// numerics: f32 sums of every 64th vec4 in order, added by a fixed tree
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override IN4: u32;

const THREADS = 64u;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> factors: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> S: array<vec4f>;
@group(0) @binding(4) var<storage, read> table: array<LoraCell>;
@group(0) @binding(5) var<storage, read> cells: array<CellStep>;

var<workgroup> sums: array<mat4x4f, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let r = group.x;
  let cell = group.z;
  let lora = table[cell];
  if (r >= lora.rank4) {
    return;
  }
  let seed = cells[cell].seed;
  let rows = min(4u * group.y + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u)); // past the end: read, never written
  let x_start = (cell * CELL_ROWS + rows) * IN4;
  let a = lora.a + 4u * r * IN4;
  var sum = mat4x4f(); // column i is row i of S
  for (var k = local; k < IN4; k += THREADS) {
    let a4 = transpose(mat4x4f(factors[a + k], factors[a + IN4 + k], factors[a + 2u * IN4 + k], factors[a + 3u * IN4 + k]));
    let mask_at = rows * IN4 + k;
    sum += a4 * mat4x4f(
      x[x_start.x + k] * dropout4(mask_at.x, seed, lora.stream), x[x_start.y + k] * dropout4(mask_at.y, seed, lora.stream),
      x[x_start.z + k] * dropout4(mask_at.z, seed, lora.stream), x[x_start.w + k] * dropout4(mask_at.w, seed, lora.stream));
  }
  sums[local] = sum;
  workgroupBarrier();
  for (var half = THREADS / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      sums[local] += sums[local + half];
    }
    workgroupBarrier();
  }
  if (local < min(4u, CELL_ROWS - 4u * group.y)) {
    S[lora.before4 * CELL_ROWS + (4u * group.y + local) * lora.rank4 + r] = sums[0][local];
  }
}
