// linear_forward: y = x·Wᵀ + s·S·Bᵀ + bias + residual, the base product with its low-rank tail, a cell's own.
// math:     y[n,m] = Σ_k x[n,k]·W[m,k] + s·Σ_r S[n,r]·B[m,r] + bias[m] + residual[n,m]
// shapes:   x [N, in]  W [out, in]  S [CELL_ROWS, R] and B [out, R] of each cell  residual, y [N, out]   rows padded
//           to four
// dispatch: (out/4/8, N/4/8); one invocation computes a 4×4 tile kept as a matrix whose column i is row i of y
// bindings: 0 x  1 W  2 S  3 factors  4 bias  5 residual  6 y (written)  7 table; absent ones are bound to any buffer
// numerics: f32 sums in order of k, after the tail; no workgroup memory, so software adapters keep their speed
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32;
override CELL_ROWS: u32;
override HAS_TAIL: bool;
override HAS_BIAS: bool;
override HAS_RESIDUAL: bool;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read> S: array<vec4f>;
@group(0) @binding(3) var<storage, read> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read> table: array<LoraCell>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y * 4u;
  if (column >= OUT4 || row >= N) {
    return;
  }
  let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(N - 1u)); // past the end: read, never written
  var tile = mat4x4f();

  if (HAS_TAIL) {
    let cell = row / CELL_ROWS;
    let lora = table[cell];
    let rank4 = lora.rank4;
    let s_start = lora.before4 * CELL_ROWS + (rows - cell * CELL_ROWS) * rank4;
    let b_start = lora.b + column * 4u * rank4;
    for (var k = 0u; k < rank4; k++) {
      let s = mat4x4f(S[s_start.x + k], S[s_start.y + k], S[s_start.z + k], S[s_start.w + k]);
      let b = b_start + k;
      let b4 = mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]);
      tile += transpose(b4) * s;
    }
    tile *= lora.scaling;
  }

  let x_start = rows * IN4;
  let w_start = column * 4u * IN4;
  for (var k = 0u; k < IN4; k++) {
    let x4 = mat4x4f(x[x_start.x + k], x[x_start.y + k], x[x_start.z + k], x[x_start.w + k]);
    let w = w_start + k;
    tile += transpose(mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4))) * x4;
  }

  for (var i = 0u; i < min(4u, N - row); i++) {
    let at = (row + i) * OUT4 + column;
    var value = tile[i];
    if (HAS_BIAS) {
      value += bias[column];
    }
    if (HAS_RESIDUAL) {
      value += residual[at];
    }
    y[at] = value;
  }
}
