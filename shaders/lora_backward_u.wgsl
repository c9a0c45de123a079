// lora_backward_u: what the adapter's narrow middle gets back, U = s·dy·B.
// math:     U[n,r] = s·Σ_m dy[n,m]·B[m,r]
// shapes:   dy [N, out]  B [out, R] and U [CELL_ROWS, R] of each cell   rows padded to four
// dispatch: (largest R/4, CELL_ROWS/64, cells); one invocation computes a 4×4 tile whose column i is row i of U
// bindings: 0 dy  1 factors  2 U (written)  3 table
// numerics: f32 sums in order of m; no workgroup memory, for software adapters
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override OUT4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> factors: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> U: array<vec4f>;
@group(0) @binding(3) var<storage, read> table: array<LoraCell>;

@compute @workgroup_size(1, 16)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  let row = 4u * id.y;
  let cell = id.z;
  let lora = table[cell];
  let rank4 = lora.rank4;
  if (row >= CELL_ROWS || r >= rank4) {
    return;
  }
  let rows = min(row + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u)); // past the end: read, never written
  let dy_start = (cell * CELL_ROWS + rows) * OUT4;
  var tile = mat4x4f();
  for (var m = 0u; m < OUT4; m++) {
    let b = lora.b + 4u * m * rank4 + r;
    let b4 = mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]);
    tile += b4 * mat4x4f(dy[dy_start.x + m], dy[dy_start.y + m], dy[dy_start.z + m], dy[dy_start.w + m]);
  }
  for (var i = 0u; i < min(4u, CELL_ROWS - row); i++) {
    U[lora.before4 * CELL_ROWS + (row + i) * rank4 + r] = lora.scaling * tile[i];
  }
}
