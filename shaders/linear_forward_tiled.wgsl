// linear_forward_tiled: linear_forward for GPUs, whose operands pass through workgroup memory.
// math:     y[n,m] = Σ_k x[n,k]·W[m,k] + s·Σ_r S[n,r]·B[m,r] + bias[m] + residual[n,m]
// shapes:   x [N, in]  W [out, in]  S [CELL_ROWS, R] and B [out, R] of each cell  residual, y [N, out]   rows padded
//           to four; W may be a block of the rows of a larger matrix, whose columns of y begin at 4·FIRST4
// dispatch: (cells·ROW_TILES, out/tile); a tile of rows lies within one cell
// bindings: 0 x  1 W  2 S  3 factors  4 bias  5 residual  6 y (written)  7 table; absent ones are bound to any buffer
// numerics: f32 sums in order of k, after the tail
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override IN4: u32;
override OUT4: u32; // of W
override Y4: u32; // of a row of y
override FIRST4: u32;
override HAS_TAIL: bool;
override HAS_BIAS: bool;
override HAS_RESIDUAL: bool;
const ROW_TILES = (CELL_ROWS + 4u * ROWS4 - 1u) / (4u * ROWS4); // of a cell

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read> W: array<vec2u>;
@group(0) @binding(2) var<storage, read> S: array<vec4f>;
@group(0) @binding(3) var<storage, read> factors: array<vec4f>;
@group(0) @binding(4) var<storage, read> bias: array<vec4f>;
@group(0) @binding(5) var<storage, read> residual: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(7) var<storage, read> table: array<LoraCell>;

// Past the end of rows, columns or terms something is read, too; results beyond are not written, terms count zero.
fn rows_from(first: u32) -> vec4u {
  return min(first + vec4u(0u, 1u, 2u, 3u), vec4u(CELL_ROWS - 1u));
}

fn columns_from(first: u32) -> vec4u {
  return min(first + vec4u(0u, 1u, 2u, 3u), vec4u(4u * OUT4 - 1u));
}

fn fetch(local: u32, k_start: u32, cell: u32, row: u32, column: u32) -> mat4x4f {
  var block: mat4x4f;
  var k: u32;
  if (local < LEFT_PIECES) {
    let piece = piece_along(local);
    k = k_start + piece.y;
    let at = (cell * CELL_ROWS + rows_from(row + 4u * piece.x)) * IN4 + min(k, IN4 - 1u);
    block = mat4x4f(x[at.x], x[at.y], x[at.z], x[at.w]);
  } else {
    let piece = piece_along(local - LEFT_PIECES);
    k = k_start + piece.y;
    let at = columns_from(4u * (column + piece.x)) * IN4 + min(k, IN4 - 1u);
    block = mat4x4f(weight4(at.x), weight4(at.y), weight4(at.z), weight4(at.w));
  }
  if (k < IN4) {
    return transpose(block);
  }
  return mat4x4f();
}

fn fetch_tail(local: u32, k_start: u32, lora: LoraCell, row: u32, column: u32) -> mat4x4f {
  var block: mat4x4f;
  var k: u32;
  if (local < LEFT_PIECES) {
    let piece = piece_along(local);
    k = k_start + piece.y;
    let at = lora.before4 * CELL_ROWS + rows_from(row + 4u * piece.x) * lora.rank4 + min(k, lora.rank4 - 1u);
    block = mat4x4f(S[at.x], S[at.y], S[at.z], S[at.w]);
  } else {
    let piece = piece_along(local - LEFT_PIECES);
    k = k_start + piece.y;
    let at = lora.b + (4u * FIRST4 + columns_from(4u * (column + piece.x))) * lora.rank4 + min(k, lora.rank4 - 1u);
    block = mat4x4f(factors[at.x], factors[at.y], factors[at.z], factors[at.w]);
  }
  if (k < lora.rank4) {
    return transpose(block);
  }
  return mat4x4f();
}

fn put(local: u32, terms: mat4x4f) {
  if (local < LEFT_PIECES) {
    put_left(piece_along(local), terms);
  } else if (local < LEFT_PIECES + RIGHT_PIECES) {
    put_right(piece_along(local - LEFT_PIECES), terms);
  }
}

fn write(tile: mat4x4f, cell: u32, row: u32, column: u32) {
  if (column >= OUT4) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    if (row + i < CELL_ROWS) {
      let at = (cell * CELL_ROWS + row + i) * Y4 + FIRST4 + column;
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

  var lora: LoraCell;
  if (HAS_TAIL) {
    lora = table[cell];
  }
  let tail = (lora.rank4 + DEPTH4 - 1u) / DEPTH4; // blocks of the tail, then those of x·Wᵀ
  for (var block = 0u; block < tail + (IN4 + DEPTH4 - 1u) / DEPTH4; block++) {
    if (HAS_TAIL && block < tail) {
      put(local, fetch_tail(local, block * DEPTH4, lora, row, column));
    } else {
      put(local, fetch(local, (block - tail) * DEPTH4, cell, row, column));
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
    if (HAS_TAIL && block + 1u == tail) {
      upper *= lora.scaling;
      lower *= lora.scaling;
    }
    workgroupBarrier();
  }

  let first_row = row + 4u * thread_y;
  write(upper, cell, first_row, column + thread_x);
  if (THREAD_ROWS4 == 2u) {
    write(lower, cell, first_row + 4u * THREADS_Y, column + thread_x);
  }
}
