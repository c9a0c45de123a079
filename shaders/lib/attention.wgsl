// attention: what the tiled attention kernels share. A workgroup of 128 has 64 rows of one side (queries, or keys) and
// takes them past the other side in blocks of 32. Products over a head's components make 64 × 32 scores, of which each
// invocation has 4×4 (score_row, score_column); products over the block make 64 × D results, of which each invocation has
// the rows 4·result_row and 4·(result_row + 8) for every 64 components. Operands lie in workgroup memory term by term,
// 16 terms at a time, four neighbouring rows to a vec4; within the 16 KB that every adapter has.
override T: u32;
override HEADS: u32;
override KV_HEADS: u32;
override D4: u32;
override SCALE: f32;
override WINDOW: u32; // positions back that a query sees, its own included

const THREADS = 128u;
const ROWS = 64u;
const ROWS4 = 16u;
const BLOCK = 32u;
const BLOCK4 = 8u;
const CHUNK = 16u; // terms in workgroup memory at a time
const CHUNKS = (D4 + 3u) / 4u; // of a head's components
const SPANS = (D4 + 15u) / 16u; // results of 64 components

var<workgroup> left: array<vec4f, CHUNK * ROWS4>;  // [term][four rows]; also [term of the block][four components]
var<workgroup> right: array<vec4f, CHUNK * BLOCK4>; // [term][four of the block]
var<workgroup> weights: array<vec4f, BLOCK * ROWS4>; // [of the block][four rows]: what the results are summed with

// Which 4×4 piece an invocation fetches: x of the rows, y of the components, in vec4s; first left's, then right's.
const LEFT_PIECES = ROWS4 * 4u;
const RIGHT_PIECES = BLOCK4 * 4u;

fn put_left(piece: u32, rows: mat4x4f) {
  let terms = transpose(rows);
  for (var c = 0u; c < 4u; c++) {
    left[(piece % 4u * 4u + c) * ROWS4 + piece / 4u] = terms[c];
  }
}

fn put_right(piece: u32, rows: mat4x4f) {
  let terms = transpose(rows);
  for (var c = 0u; c < 4u; c++) {
    right[(piece % 4u * 4u + c) * BLOCK4 + piece / 4u] = terms[c];
  }
}

// Leaves an invocation's 4×4 (column i is row i) to be summed with.
fn put_weights(score_row: u32, score_column: u32, rows: mat4x4f) {
  let columns = transpose(rows);
  for (var c = 0u; c < 4u; c++) {
    weights[(4u * score_column + c) * ROWS4 + score_row] = columns[c];
  }
}

// First vec4 of a head's row of a tensor with so many heads.
fn head_at(batch: u32, position: u32, heads: u32, head: u32) -> u32 {
  return ((batch * T + min(position, T - 1u)) * heads + head) * D4;
}
