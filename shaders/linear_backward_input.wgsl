// linear_backward_input: dx = dy·W + mask∘(U·A), the base product with its low-rank tail, a cell's own.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [CELL_ROWS, R] and A [R, in] of each cell  dx [N, in]   rows padded to four;
//           W may be a block of the rows of a larger matrix, whose columns of dy begin at 4·FIRST4
// dispatch: (in/8/8, N/8/8); one invocation computes an 8×8 tile kept as four matrices: column i of tileRC is row i of
//           its block R of four rows, in its block C of four columns
// bindings: 0 step  1 dy  2 W  3 U  4 factors  5 dx (written, or added to when ACCUMULATE)  6 table  7 cells
// numerics: f32 sums in order of m, in blocks, after the tail: behind the output head, m runs over a vocabulary
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32; // of W
override DY4: u32; // of a row of dy
override FIRST4: u32;
override CELL_ROWS: u32;
override HAS_TAIL: bool;
override ACCUMULATE: bool;

const BLOCK4 = 128u; // 512 terms

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> U: array<vec4f>;
@group(0) @binding(4) var<storage, read> factors: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> table: array<LoraCell>;
@group(0) @binding(7) var<storage, read> cells: array<CellStep>;

fn dy_block(starts: vec4u, m: u32) -> mat4x4f {
  return mat4x4f(dy[starts.x + m], dy[starts.y + m], dy[starts.z + m], dy[starts.w + m]);
}

fn w_block(m: u32, column: u32) -> mat4x4f {
  let w = 4u * m * IN4 + column;
  return mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4));
}

fn u_block(starts: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(U[starts.x + k], U[starts.y + k], U[starts.z + k], U[starts.w + k]);
}

fn a_block(start: u32, k: u32, column: u32) -> mat4x4f {
  let a = start + 4u * k * IN4 + column;
  return mat4x4f(factors[a], factors[a + IN4], factors[a + 2u * IN4], factors[a + 3u * IN4]);
}

fn masked(tile: mat4x4f, cell_rows: vec4u, column: u32, seed: u32, stream: u32) -> mat4x4f {
  let at = cell_rows * IN4 + column;
  return mat4x4f(
    tile[0] * dropout4(at.x, seed, stream), tile[1] * dropout4(at.y, seed, stream),
    tile[2] * dropout4(at.z, seed, stream), tile[3] * dropout4(at.w, seed, stream));
}

fn write_block(tile: mat4x4f, row: u32, column: u32) {
  if (column >= IN4) {
    return;
  }
  for (var i = 0u; i < 4u && row + i < N; i++) {
    let at = (row + i) * IN4 + column;
    if (ACCUMULATE) {
      dx[at] += tile[i];
    } else {
      dx[at] = tile[i];
    }
  }
}

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x * 2u;
  let row = id.y * 8u;
  if (column >= IN4 || row >= N) {
    return;
  }
  let column1 = min(column + 1u, IN4 - 1u); // past the end: read, never written
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
    let cell_rows0 = rows0 - cell * CELL_ROWS;
    let cell_rows1 = rows1 - cell * CELL_ROWS;
    for (var k = 0u; k < rank4; k++) {
      let a0 = a_block(lora.a, k, column);
      let a1 = a_block(lora.a, k, column1);
      let u0 = u_block(lora.before4 * CELL_ROWS + cell_rows0 * rank4, k);
      tile00 += a0 * u0;
      tile01 += a1 * u0;
      let u1 = u_block(lora.before4 * CELL_ROWS + cell_rows1 * rank4, k);
      tile10 += a0 * u1;
      tile11 += a1 * u1;
    }
    if (DROPOUT > 0.0 && rank4 > 0u) {
      let seed = cells[cell].seed;
      tile00 = masked(tile00, cell_rows0, column, seed, lora.stream);
      tile01 = masked(tile01, cell_rows0, column1, seed, lora.stream);
      tile10 = masked(tile10, cell_rows1, column, seed, lora.stream);
      tile11 = masked(tile11, cell_rows1, column1, seed, lora.stream);
    }
  }

  for (var start = 0u; start < OUT4; start += BLOCK4) {
    var part00 = mat4x4f();
    var part01 = mat4x4f();
    var part10 = mat4x4f();
    var part11 = mat4x4f();
    for (var m = start; m < min(start + BLOCK4, OUT4); m++) {
      let w0 = w_block(m, column);
      let w1 = w_block(m, column1);
      let dy0 = dy_block(rows0 * DY4 + FIRST4, m);
      part00 += w0 * dy0;
      part01 += w1 * dy0;
      let dy1 = dy_block(rows1 * DY4 + FIRST4, m);
      part10 += w0 * dy1;
      part11 += w1 * dy1;
    }
    tile00 += part00;
    tile01 += part01;
    tile10 += part10;
    tile11 += part11;
  }

  write_block(tile00, row, column);
  write_block(tile01, row, column + 1u);
  write_block(tile10, row + 4u, column);
  write_block(tile11, row + 4u, column + 1u);
}
