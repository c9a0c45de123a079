// linear_forward: y = x·Wᵀ + s·S·Bᵀ + bias + residual, the base product with its low-rank tail, a cell's own.
// math:     y[n,m] = Σ_k x[n,k]·W[m,k] + s·Σ_r S[n,r]·B[m,r] + bias[m] + residual[n,m]
// shapes:   x [N, in]  W [out, in]  S [CELL_ROWS, R] and B [out, R] of each cell  residual, y [N, out]   rows padded
//           to four; W may be a block of the rows of a larger matrix, whose columns of y begin at 4·FIRST4
// dispatch: (out/4/8, N/16/4); one invocation computes 16 rows of four columns as four matrices: column i of tileR is row
//           quad_rows(…)[i] of its block R of four rows. A quad has the same rows, and shares them
// bindings: 0 x  1 W  2 S  3 factors  4 bias  5 residual  6 y (written)  7 table; absent ones are bound to any buffer
// numerics: f32 sums in order of k, after the tail; no workgroup memory, so software adapters keep their speed
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32; // of W
override Y4: u32; // of a row of y
override FIRST4: u32;
override CELL_ROWS: u32;
override HAS_TAIL: u32; // 1 or 0, as all flags of u32: one pipeline serves both
override HAS_BIAS: u32;
override HAS_RESIDUAL: u32;
override ONE_BLOCK: bool; // N ≤ 4, as in decoding: the other three blocks have no rows

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read> S: array<vec4f>;
@group(0) @binding(3) var<storage, read> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read> table: array<LoraCell>;

fn w_block(w: u32) -> mat4x4f {
  return transpose(mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4)));
}

fn b_block(b: u32, rank4: u32) -> mat4x4f {
  return transpose(mat4x4f(factors[b], factors[b + rank4], factors[b + 2u * rank4], factors[b + 3u * rank4]));
}

// What the adapter adds to `row` and to the fourth row behind it, and with the rest of the quad to eight rows of a cell.
fn tail(row: u32, column: u32) -> array<mat4x4f, 2> {
  let row0 = min(row, N - 1u);
  let row1 = min(row + 4u, N - 1u);
  let cell = row0 / CELL_ROWS;
  let lora = table[cell];
  let rank4 = lora.rank4;
  let start = lora.before4 * CELL_ROWS;
  let s0 = start + (row0 - cell * CELL_ROWS) * rank4;
  let s1 = start + (row1 - cell * CELL_ROWS) * rank4;
  let b_start = lora.b + 4u * (FIRST4 + column) * rank4;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  for (var k = 0u; k < rank4; k++) {
    let b = b_block(b_start + k, rank4);
    tile0 += b * quad(S[s0 + k]);
    tile1 += b * quad(S[s1 + k]);
  }
  return array(lora.scaling * tile0, lora.scaling * tile1);
}

fn write_block(tile: mat4x4f, rows: vec4u, column: u32) {
  for (var i = 0u; i < 4u; i++) {
    if (rows[i] < N && column < OUT4) {
      let at = rows[i] * Y4 + FIRST4 + column;
      var value = tile[i];
      if (HAS_BIAS == 1u) {
        value += bias[FIRST4 + column];
      }
      if (HAS_RESIDUAL == 1u) {
        value += residual[at];
      }
      y[at] = value;
    }
  }
}

@compute @workgroup_size(8, 4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let rows = 16u * id.y + quad_rows(invocation);
  if (16u * id.y >= N) {
    return;
  }
  let column = min(id.x, OUT4 - 1u); // past the end: read for the quad's sake, never written
  let last = N - 1u;
  let x0 = min(rows.x, last) * IN4;
  let x1 = min(rows.x + 4u, last) * IN4;
  let x2 = min(rows.x + 8u, last) * IN4;
  let x3 = min(rows.x + 12u, last) * IN4;
  let w_start = 4u * column * IN4;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  var tile2 = mat4x4f();
  var tile3 = mat4x4f();
  if (HAS_TAIL == 1u) {
    let tail01 = tail(rows.x, column);
    tile0 = tail01[0];
    tile1 = tail01[1];
    if (!ONE_BLOCK) {
      let tail23 = tail(rows.x + 8u, column);
      tile2 = tail23[0];
      tile3 = tail23[1];
    }
  }
  for (var k = 0u; k < IN4; k++) {
    let w = w_block(w_start + k);
    tile0 += w * quad(x[x0 + k]);
    if (!ONE_BLOCK) {
      tile1 += w * quad(x[x1 + k]);
      tile2 += w * quad(x[x2 + k]);
      tile3 += w * quad(x[x3 + k]);
    }
  }
  write_block(tile0, rows, id.x);
  if (!ONE_BLOCK) {
    write_block(tile1, rows + 4u, id.x);
    write_block(tile2, rows + 8u, id.x);
    write_block(tile3, rows + 12u, id.x);
  }
}
