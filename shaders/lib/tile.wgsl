// tile: what the tiled matrix products share. A workgroup computes 4·ROWS4 × 4·COLUMNS4 results and walks the sum in
// blocks of 16 terms. Of each block every invocation fetches one 4×4 piece of an operand; in workgroup memory the
// operands lie term by term, four neighbouring rows (columns) to a vec4, and every invocation adds to its own results,
// which stay in registers: 4·THREAD_ROWS4 rows of four. Each result is summed in order of the terms, whatever the tile.
// The loop over a block stands in every main and not in a function here: where the indices are seen to stay in bounds
// and the loop is unrolled, it is a quarter faster (NVIDIA, through Dawn).
override ROWS4: u32;
override COLUMNS4: u32;
override THREAD_ROWS4: u32; // 1 or 2

const DEPTH4 = 4u; // vec4s of a block along the sum
const DEPTH = 16u;
const LEFT_PIECES = ROWS4 * DEPTH4;
const RIGHT_PIECES = COLUMNS4 * DEPTH4;
const THREADS_Y = ROWS4 / THREAD_ROWS4;
const THREADS = COLUMNS4 * THREADS_Y; // at least LEFT_PIECES + RIGHT_PIECES

var<workgroup> left: array<vec4f, DEPTH * ROWS4>;
var<workgroup> right: array<vec4f, DEPTH * COLUMNS4>;

// Which piece of an operand an invocation fetches: x of its rows (columns), y of the sum, in vec4s.
fn piece_along(task: u32) -> vec2u { // of an operand that is contiguous along the sum
  return vec2u(task / DEPTH4, task % DEPTH4);
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
