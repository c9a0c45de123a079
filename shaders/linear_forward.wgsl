// linear_forward: y = x·Wᵀ + s·S·Bᵀ + bias + residual, the base product with its low-rank tail, a cell's own.
// math:     y[n,m] = Σ_k x[n,k]·W[m,k] + s·Σ_r S[n,r]·B[m,r] + bias[m] + residual[n,m]
// shapes:   x [N, in]  W [out, in]  S [CELL_ROWS, R] and B [out, R] of each cell  residual, y [N, out]   rows padded
//           to four; W may be a block of the rows of a larger matrix, whose columns of y begin at 4·FIRST4
// dispatch: (out/8/8, N/8/8); one invocation computes an 8×8 tile kept as four matrices: column i of tileRC is row i of
//           its block R of four rows, in its block C of four columns
// bindings: 0 x  1 W  2 S  3 factors  4 bias  5 residual  6 y (written)  7 table; absent ones are bound to any buffer
// numerics: f32 sums in order of k, after the tail; no workgroup memory, so software adapters keep their speed
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32; // of W
override Y4: u32; // of a row of y
override FIRST4: u32;
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

fn x_block(starts: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(x[starts.x + k], x[starts.y + k], x[starts.z + k], x[starts.w + k]);
}

fn w_block(start: u32, k: u32) -> mat4x4f {
  let w = start + k;
  return transpose(mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4)));
}

fn s_block(starts: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(S[starts.x + k], S[starts.y + k], S[starts.z + k], S[starts.w + k]);
}

fn b_block(start: u32, k: u32, rank4: u32) -> mat4x4f {
  let b = start + k;
  return transpose(mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]));
}

fn write_block(tile: mat4x4f, row: u32, column: u32) {
  if (column >= OUT4) {
    return;
  }
  for (var i = 0u; i < 4u && row + i < N; i++) {
    let at = (row + i) * Y4 + FIRST4 + column;
    var value = tile[i];
    if (HAS_BIAS) {
      value += bias[FIRST4 + column];
    }
    if (HAS_RESIDUAL) {
      value += residual[at];
    }
    y[at] = value;
  }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x * 2u;
  let row = id.y * 8u;
  if (column >= OUT4 || row >= N) {
    return;
  }
  let column1 = min(column + 1u, OUT4 - 1u); // past the end: read, never written
  let rows0 = min(row + vec4u(0u, 1u, 2u, 3u), vec4u(N - 1u));
  let rows1 = min(row + vec4u(4u, 5u, 6u, 7u), vec4u(N - 1u));
  var tile00 = mat4x4f();
  var tile01 = mat4x4f();
  var tile10 = mat4x4f();
  var tile11 = mat4x4f();

  if (HAS_TAIL) {
    let cell = row / CELL_ROWS;
    let lora = table[cell];
    let rank4 = lora.rank4;
    let s0 = lora.before4 * CELL_ROWS + (rows0 - cell * CELL_ROWS) * rank4;
    let s1 = lora.before4 * CELL_ROWS + (rows1 - cell * CELL_ROWS) * rank4;
    let first_b = lora.b + 4u * FIRST4 * rank4;
    for (var k = 0u; k < rank4; k++) {
      let b0 = b_block(first_b + column * 4u * rank4, k, rank4);
      let b1 = b_block(first_b + column1 * 4u * rank4, k, rank4);
      let rows_of_0 = s_block(s0, k);
      tile00 += b0 * rows_of_0;
      tile01 += b1 * rows_of_0;
      let rows_of_1 = s_block(s1, k);
      tile10 += b0 * rows_of_1;
      tile11 += b1 * rows_of_1;
    }
    tile00 *= lora.scaling;
    tile01 *= lora.scaling;
    tile10 *= lora.scaling;
    tile11 *= lora.scaling;
  }

  for (var k = 0u; k < IN4; k++) {
    let w0 = w_block(column * 4u * IN4, k);
    let w1 = w_block(column1 * 4u * IN4, k);
    let x0 = x_block(rows0 * IN4, k);
    tile00 += w0 * x0;
    tile01 += w1 * x0;
    let x1 = x_block(rows1 * IN4, k);
    tile10 += w0 * x1;
    tile11 += w1 * x1;
  }

  write_block(tile00, row, column);
  write_block(tile01, row, column + 1u);
  write_block(tile10, row + 4u, column);
  write_block(tile11, row + 4u, column + 1u);
}
