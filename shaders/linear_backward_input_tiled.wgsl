// linear_backward_input_tiled: linear_backward_input for GPUs, whose operands pass through workgroup memory.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [CELL_ROWS, R] and A [R, in] of each cell  dx [N, in], of each part of the sum
//           over m when there are several   rows padded to four
// dispatch: (cells·ROW_TILES, in/tile, parts); a tile of rows lies within one cell
// bindings: 0 step  1 dy  2 W  3 U  4 factors  5 dx (written, or added to when ACCUMULATE)  6 table  7 cells
// numerics: f32 sums in order of m, after the tail; parts are added by sum_parts in order
// oracle:   oracle/goldens, lora_linear
override N: u32;
override CELL_ROWS: u32;
override ROW_TILES: u32; // of a cell
override IN4: u32;
override OUT4: u32;
override PART4: u32; // vec4s of m in a part, a multiple of DEPTH4; the tail belongs to the only one
override HAS_TAIL: bool;
override ACCUMULATE: bool;

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
    let at = (cell * CELL_ROWS + rows_from(row + 4u * piece.x)) * OUT4 + min(m, OUT4 - 1u);
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
  let thread = thread_of(local);
  let first_row = row + 4u * thread.y;
  let first_column = column + thread.x;
  var results: Results;

  if (HAS_TAIL) {
    let lora = table[cell];
    for (var r = 0u; r < lora.rank4; r += DEPTH4) {
      put(local, fetch_tail(local, r, lora, row, column));
      workgroupBarrier();
      add_block(&results, thread);
      workgroupBarrier();
    }
    if (DROPOUT > 0.0) {
      let seed = cells[cell].seed;
      let stream = lora.stream;
      results.upper_left = masked(results.upper_left, first_row, first_column, seed, stream);
      if (THREAD_COLUMNS4 == 2u) {
        results.upper_right = masked(results.upper_right, first_row, first_column + THREADS_X, seed, stream);
      }
      if (THREAD_ROWS4 == 2u) {
        let lower_row = first_row + 4u * THREADS_Y;
        results.lower_left = masked(results.lower_left, lower_row, first_column, seed, stream);
        if (THREAD_COLUMNS4 == 2u) {
          results.lower_right = masked(results.lower_right, lower_row, first_column + THREADS_X, seed, stream);
        }
      }
    }
  }

  let start = group.z * PART4;
  let end = min(start + PART4, OUT4);
  for (var m = start; m < end; m += DEPTH4) {
    put(local, fetch(local, m, cell, row, column));
    workgroupBarrier();
    add_block(&results, thread);
    workgroupBarrier();
  }

  write(results.upper_left, group.z, cell, first_row, first_column);
  if (THREAD_COLUMNS4 == 2u) {
    write(results.upper_right, group.z, cell, first_row, first_column + THREADS_X);
  }
  if (THREAD_ROWS4 == 2u) {
    write(results.lower_left, group.z, cell, first_row + 4u * THREADS_Y, first_column);
    if (THREAD_COLUMNS4 == 2u) {
      write(results.lower_right, group.z, cell, first_row + 4u * THREADS_Y, first_column + THREADS_X);
    }
  }
}
