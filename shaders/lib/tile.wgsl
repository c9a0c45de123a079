// tile: what the tiled matrix products share. A workgroup computes 4·ROWS4 × 4·COLUMNS4 results and walks the sum in
// blocks of 16 terms. Of each block every invocation fetches one 4×4 piece of an operand; in workgroup memory the
// operands lie term by term, four neighbouring rows (columns) to a vec4, and every invocation adds to its own results,
// which stay in registers. Each result is summed in order of the terms, whatever the tile.
override ROWS4: u32;
override COLUMNS4: u32;
override THREAD_ROWS4: u32;    // 1 or 2: an invocation has 4·THREAD_ROWS4 × 4·THREAD_COLUMNS4 results
override THREAD_COLUMNS4: u32; // 1 or 2

const DEPTH4 = 4u; // vec4s of a block along the sum
const LEFT_PIECES = ROWS4 * DEPTH4;
const RIGHT_PIECES = COLUMNS4 * DEPTH4;
const THREADS_X = COLUMNS4 / THREAD_COLUMNS4;
const THREADS_Y = ROWS4 / THREAD_ROWS4;
const THREADS = THREADS_X * THREADS_Y; // at least LEFT_PIECES + RIGHT_PIECES

var<workgroup> left: array<vec4f, 4 * LEFT_PIECES>;
var<workgroup> right: array<vec4f, 4 * RIGHT_PIECES>;

// An invocation's results as 4×4 matrices whose column i is row i; those it has no use for vanish when compiled.
struct Results {
  upper_left: mat4x4f,
  upper_right: mat4x4f,
  lower_left: mat4x4f,
  lower_right: mat4x4f,
}

// Which piece of an operand an invocation fetches: x of its rows (columns), y of the sum, in vec4s. Pieces of an
// operand that is contiguous along the sum go eight rows at a time, so that their vec4s meet no bank twice.
fn piece_along(task: u32) -> vec2u {
  return vec2u(task % 8u + task / (8u * DEPTH4) * 8u, task / 8u % DEPTH4);
}

fn piece_across(task: u32, width4: u32) -> vec2u {
  return vec2u(task % width4, task / width4);
}

// Column i of a piece is term i, for four rows (columns).
fn put_left(piece: vec2u, terms: mat4x4f) {
  let at = 4u * piece.y * ROWS4 + piece.x;
  left[at] = terms[0];
  left[at + ROWS4] = terms[1];
  left[at + 2u * ROWS4] = terms[2];
  left[at + 3u * ROWS4] = terms[3];
}

fn put_right(piece: vec2u, terms: mat4x4f) {
  let at = 4u * piece.y * COLUMNS4 + piece.x;
  right[at] = terms[0];
  right[at + COLUMNS4] = terms[1];
  right[at + 2u * COLUMNS4] = terms[2];
  right[at + 3u * COLUMNS4] = terms[3];
}

fn add_term(tile: mat4x4f, row: vec4f, column: vec4f) -> mat4x4f {
  return mat4x4f(
    tile[0] + row.x * column, tile[1] + row.y * column, tile[2] + row.z * column, tile[3] + row.w * column);
}

// Adds the block that lies in workgroup memory.
fn add_block(results: ptr<function, Results>, thread: vec2u) {
  for (var k = 0u; k < 4u * DEPTH4; k++) {
    let row_at = k * ROWS4 + thread.y;
    let column_at = k * COLUMNS4 + thread.x;
    let row = left[row_at];
    let column = right[column_at];
    (*results).upper_left = add_term((*results).upper_left, row, column);
    if (THREAD_COLUMNS4 == 2u) {
      (*results).upper_right = add_term((*results).upper_right, row, right[column_at + THREADS_X]);
    }
    if (THREAD_ROWS4 == 2u) {
      let lower = left[row_at + THREADS_Y];
      (*results).lower_left = add_term((*results).lower_left, lower, column);
      if (THREAD_COLUMNS4 == 2u) {
        (*results).lower_right = add_term((*results).lower_right, lower, right[column_at + THREADS_X]);
      }
    }
  }
}

// Place of an invocation among those of its workgroup.
fn thread_of(local: u32) -> vec2u {
  return vec2u(local % THREADS_X, local / THREADS_X);
}
