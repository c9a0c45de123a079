// linear_backward_input: dx = dy·W + mask∘(U·A), the base product with its low-rank tail, a cell's own.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [CELL_ROWS, R] and A [R, in] of each cell  dx [N, in]   rows padded to four;
//           W may be a block of the rows of a larger matrix, whose columns of dy begin at 4·FIRST4
// dispatch: (in/4/8, N/16/4); one invocation computes 16 rows of four columns as four matrices: column i of tileR is row
//           quad_rows(…)[i] of its block R of four rows. A quad has the same rows, and shares them
// bindings: 0 step  1 dy  2 W  3 U  4 factors  5 dx (written, or added to when ACCUMULATE)  6 table  7 cells
// numerics: f32 sums in order of m, in blocks, after the tail: behind the output head, m runs over a vocabulary
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32; // of W
override DY4: u32; // of a row of dy
override FIRST4: u32;
override CELL_ROWS: u32;
override HAS_TAIL: u32; // 1 or 0, as all flags of u32: one pipeline serves both
override ACCUMULATE: u32;

const BLOCK4 = 128u; // 512 terms

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> U: array<vec4f>;
@group(0) @binding(4) var<storage, read> factors: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> table: array<LoraCell>;
@group(0) @binding(7) var<storage, read> cells: array<CellStep>;

fn w_block(w: u32) -> mat4x4f {
  return mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4));
}

fn a_block(a: u32) -> mat4x4f {
  return mat4x4f(factors[a], factors[a + IN4], factors[a + 2u * IN4], factors[a + 3u * IN4]);
}

fn masked(tile: mat4x4f, cell_rows: vec4u, column: u32, seed: u32, stream: u32) -> mat4x4f {
  let at = cell_rows * IN4 + column;
  return mat4x4f(
    tile[0] * dropout4(at.x, seed, stream), tile[1] * dropout4(at.y, seed, stream),
    tile[2] * dropout4(at.z, seed, stream), tile[3] * dropout4(at.w, seed, stream));
}

// What the adapter adds to `rows` and to those four behind them, together eight rows of a cell.
fn tail(rows: vec4u, column: u32) -> array<mat4x4f, 2> {
  let last = vec4u(N - 1u);
  let cell = min(rows.x, N - 1u) / CELL_ROWS;
  let rows0 = min(rows, last) - cell * CELL_ROWS;
  let rows1 = min(rows + 4u, last) - cell * CELL_ROWS;
  let lora = table[cell];
  let rank4 = lora.rank4;
  let start = lora.before4 * CELL_ROWS;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  for (var k = 0u; k < rank4; k++) {
    let a = a_block(lora.a + 4u * k * IN4 + column);
    tile0 += a * quad(U[start + rows0.x * rank4 + k]);
    tile1 += a * quad(U[start + rows1.x * rank4 + k]);
  }
  if (DROPOUT > 0.0 && rank4 > 0u) {
    let seed = cells[cell].seed;
    tile0 = masked(tile0, rows0, column, seed, lora.stream);
    tile1 = masked(tile1, rows1, column, seed, lora.stream);
  }
  return array(tile0, tile1);
}

fn write_block(tile: mat4x4f, rows: vec4u, column: u32) {
  for (var i = 0u; i < 4u; i++) {
    if (rows[i] < N && column < IN4) {
      let at = rows[i] * IN4 + column;
      if (ACCUMULATE == 1u) {
        dx[at] += tile[i];
      } else {
        dx[at] = tile[i];
      }
    }
  }
}

@compute @workgroup_size(8, 4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let rows = 16u * id.y + quad_rows(invocation);
  if (16u * id.y >= N) {
    return;
  }
  let column = min(id.x, IN4 - 1u); // past the end: read for the quad's sake, never written
  let last = N - 1u;
  let dy0 = min(rows.x, last) * DY4 + FIRST4;
  let dy1 = min(rows.x + 4u, last) * DY4 + FIRST4;
  let dy2 = min(rows.x + 8u, last) * DY4 + FIRST4;
  let dy3 = min(rows.x + 12u, last) * DY4 + FIRST4;
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  var tile2 = mat4x4f();
  var tile3 = mat4x4f();
  if (HAS_TAIL == 1u) {
    let tail01 = tail(rows, column);
    tile0 = tail01[0];
    tile1 = tail01[1];
    let tail23 = tail(rows + 8u, column);
    tile2 = tail23[0];
    tile3 = tail23[1];
  }
  for (var start = 0u; start < OUT4; start += BLOCK4) {
    var part0 = mat4x4f();
    var part1 = mat4x4f();
    var part2 = mat4x4f();
    var part3 = mat4x4f();
    for (var m = start; m < min(start + BLOCK4, OUT4); m++) {
      let w = w_block(4u * m * IN4 + column);
      part0 += w * quad(dy[dy0 + m]);
      part1 += w * quad(dy[dy1 + m]);
      part2 += w * quad(dy[dy2 + m]);
      part3 += w * quad(dy[dy3 + m]);
    }
    tile0 += part0;
    tile1 += part1;
    tile2 += part2;
    tile3 += part3;
  }
  write_block(tile0, rows, id.x);
  write_block(tile1, rows + 4u, id.x);
  write_block(tile2, rows + 8u, id.x);
  write_block(tile3, rows + 12u, id.x);
}
