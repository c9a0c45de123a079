// linear_backward_input_tiled: linear_backward_input for GPUs, whose operands pass through workgroup memory.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [CELL_ROWS, R] and A [R, in] of each cell  dx [N, in], of each part of the sum
//           over m when there are several   rows padded to four; W may be a block of the rows of a larger
//           matrix, whose columns of dy begin at 4·FIRST4
// dispatch: (cells·ROW_TILES, in/tile, parts); a tile of rows lies within one cell
// bindings: 0 step  1 dy  2 W  3 U  4 factors  5 dx (written, or added to when ACCUMULATE)  6 table  7 cells
// numerics: f32 sums in order of m, after the tail; parts are added by sum_parts in order
// oracle:   oracle/goldens, lora_linear
override N: u32;
override CELL_ROWS: u32;
override IN4: u32;
override OUT4: u32; // of W
override DY4: u32; // of a row of dy
override FIRST4: u32;
override PART4: u32; // vec4s of m in a part, a multiple of DEPTH4; the tail belongs to the only one
override HAS_TAIL: bool;
override ACCUMULATE: bool;
const ROW_TILES = (CELL_ROWS + 4u * ROWS4 - 1u) / (4u * ROWS4); // of a cell

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> U: array<vec4f>;
@group(0) @binding(4) var<storage, read> factors: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> table: array<LoraCell>;
@group(0) @binding(7) var<storage, read> cells: array<CellStep>;

// Past the end of rows, columns or terms something is read, too; results beyond are not written, terms count zero.
fn rows_from(first: u32) -> vec4u {
  return min(first + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u));
}

fn fetch(local: u32, m_start: u32, cell: u32, row: u32, column: u32) -> mat4x4f {
  if (local < LEFT_PIECES) {
    let piece = piece_along(local);
    let m = m_start + piece.y;
    let at = (cell * CELL_ROWS + rows_from(row + 4u * piece.x)) * DY4 + FIRST4 + min(m, OUT4 - 1u);
    if (m < OUT4) {
      return transpose(mat4x4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]));
    }
    return mat4x4f();
  }
  let piece = piece_across(local - LEFT_PIECES, COLUMNS4);
  let m = m_start + piece.y;
  let at = 4u * min(m, OUT4 - 1u) * IN4 + min(column + piece.x, IN4 - 1u);
  if (m < OUT4) {
    return mat4x4f(weight4(at), weight4(at + IN4), weight4(at + 2u * IN4), weight4(at + 3u * IN4));
  }
  return mat4x4f();
}

fn fetch_tail(local: u32, r_start: u32, lora: LoraCell, row: u32, column: u32) -> mat4x4f {
  if (local < LEFT_PIECES) {
    let piece = piece_along(local);
    let r = r_start + piece.y;
    let at = lora.before4 * CELL_ROWS + rows_from(row + 4u * piece.x) * lora.rank4 + min(r, lora.rank4 - 1u);
    if (r < lora.rank4) {
      return transpose(mat4x4f(U[at.x], U[at.y], U[at.z], U[at.w]));
    }
    return mat4x4f();
  }
  let piece = piece_across(local - LEFT_PIECES, COLUMNS4);
  let r = r_start + piece.y;
  let at = lora.a + 4u * min(r, lora.rank4 - 1u) * IN4 + min(column + piece.x, IN4 - 1u);
  if (r < lora.rank4) {
    return mat4x4f(factors[at], factors[at + IN4], factors[at + 2u * IN4], factors[at + 3u * IN4]);
  }
  return mat4x4f();
}

fn put(local: u32, terms: mat4x4f) {
  if (local < LEFT_PIECES) {
    put_left(piece_along(local), terms);
  } else if (local < LEFT_PIECES + RIGHT_PIECES) {
    put_right(piece_across(local - LEFT_PIECES, COLUMNS4), terms);
  }
}

fn masked(tile: mat4x4f, row: u32, column: u32, seed: u32, stream: u32) -> mat4x4f {
  let at = row * IN4 + column;
  return mat4x4f(
    tile[0] * dropout4(at, seed, stream), tile[1] * dropout4(at + IN4, seed, stream),
    tile[2] * dropout4(at + 2u * IN4, seed, stream), tile[3] * dropout4(at + 3u * IN4, seed, stream));
}

fn write(tile: mat4x4f, part: u32, cell: u32, row: u32, column: u32) {
  if (column >= IN4) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < CELL_ROWS) {
      let at = (part * N + cell * CELL_ROWS + row + i) * IN4 + column;
      if (ACCUMULATE) {
        dx[at] += tile[i];
      } else {
        dx[at] = tile[i];
      }
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let cell = group.x / ROW_TILES;
  let row = group.x % ROW_TILES * ROWS4 * 4u;
  let column = group.y * COLUMNS4;
  let thread_x = local % COLUMNS4;
  let thread_y = local / COLUMNS4;
  var upper = mat4x4f(); // column i is row i of the results
  var lower = mat4x4f();
  let first_row = row + 4u * thread_y;
  let own_column = column + thread_x;

  var lora: LoraCell;
  if (HAS_TAIL) {
    lora = table[cell];
  }
  let tail = (lora.rank4 + DEPTH4 - 1u) / DEPTH4; // blocks of the tail, then those of dy·W
  let start = group.z * PART4;
  let end = min(start + PART4, OUT4);
  for (var block = 0u; block < tail + (end - start + DEPTH4 - 1u) / DEPTH4; block++) {
    if (HAS_TAIL && block < tail) {
      put(local, fetch_tail(local, block * DEPTH4, lora, row, column));
    } else {
      put(local, fetch(local, start + (block - tail) * DEPTH4, cell, row, column));
    }
    workgroupBarrier();
    for (var t = 0u; t < DEPTH; t++) {
      let columns = right[t * COLUMNS4 + thread_x];
      let rows = left[t * ROWS4 + thread_y];
      upper[0] += rows.x * columns;
      upper[1] += rows.y * columns;
      upper[2] += rows.z * columns;
      upper[3] += rows.w * columns;
      if (THREAD_ROWS4 == 2u) {
        let lower_rows = left[t * ROWS4 + thread_y + THREADS_Y];
        lower[0] += lower_rows.x * columns;
        lower[1] += lower_rows.y * columns;
        lower[2] += lower_rows.z * columns;
        lower[3] += lower_rows.w * columns;
      }
    }
    if (HAS_TAIL && DROPOUT > 0.0 && block + 1u == tail) {
      upper = masked(upper, first_row, own_column, cells[cell].seed, lora.stream);
      if (THREAD_ROWS4 == 2u) {
        lower = masked(lower, first_row + 4u * THREADS_Y, own_column, cells[cell].seed, lora.stream);
      }
    }
    workgroupBarrier();
  }

  write(upper, group.z, cell, first_row, own_column);
  if (THREAD_ROWS4 == 2u) {
    write(lower, group.z, cell, first_row + 4u * THREADS_Y, own_column);
  }
}
