// lora_backward_u_tiled: U = s·dy·B for GPUs (elsewhere lora_project), a workgroup for four rows, whose invocations read
// neighbouring columns.
// math:     U[n,r] = s·Σ_m dy[n,m]·B[m,r]
// shapes:   dy [N, out]  B [out, R] and U [CELL_ROWS, R] of each cell   rows padded to four
// dispatch: (largest R/4, CELL_ROWS/4, cells)
// bindings: 0 dy  1 factors  2 U (written)  3 table
// numerics: f32 sums of every 64th vec4 in order, added by a fixed tree
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override OUT4: u32;

const THREADS = 64u;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> factors: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> U: array<vec4f>;
@group(0) @binding(3) var<storage, read> table: array<LoraCell>;

var<workgroup> sums: array<mat4x4f, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let r = group.x;
  let cell = group.z;
  let lora = table[cell];
  let rank4 = lora.rank4;
  if (r >= rank4) {
    return;
  }
  let rows = min(4u * group.y + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u)); // past the end: read, never written
  let dy_start = (cell * CELL_ROWS + rows) * OUT4;
  var sum = mat4x4f(); // column i is row i of U
  for (var m = local; m < OUT4; m += THREADS) {
    let b = lora.b + 4u * m * rank4 + r;
    let b4 = mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]);
    sum += b4 * mat4x4f(dy[dy_start.x + m], dy[dy_start.y + m], dy[dy_start.z + m], dy[dy_start.w + m]);
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
    U[lora.before4 * CELL_ROWS + (4u * group.y + local) * rank4 + r] = lora.scaling * sums[0][local];
  }
}
