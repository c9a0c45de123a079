// linear_forward_tiled: linear_forward for GPUs, whose operands pass through workgroup memory.
// math:     y[n,m] = Σ_k x[n,k]·W[m,k] + s·Σ_r S[n,r]·B[m,r] + bias[m] + residual[n,m]
// shapes:   x [N, in]  W [out, in]  S [CELL_ROWS, R] and B [out, R] of each cell  residual, y [N, out]   rows padded
//           to four
// dispatch: (cells·ROW_TILES, out/tile); a tile of rows lies within one cell
// bindings: 0 x  1 W  2 S  3 factors  4 bias  5 residual  6 y (written)  7 table; absent ones are bound to any buffer
// numerics: f32 sums in order of k, after the tail
// oracle:   oracle/goldens, lora_linear
override CELL_ROWS: u32;
override ROW_TILES: u32; // of a cell
override IN4: u32;
override OUT4: u32;
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
    let at = lora.b + columns_from(4u * (column + piece.x)) * lora.rank4 + min(k, lora.rank4 - 1u);
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
      let at = (cell * CELL_ROWS + row + i) * OUT4 + column;
      var value = tile[i];
      if (HAS_BIAS) {
        value += bias[column];
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
  let thread = thread_of(local);
  var results: Results;

  if (HAS_TAIL) {
    let lora = table[cell];
    for (var k = 0u; k < lora.rank4; k += DEPTH4) {
      put(local, fetch_tail(local, k, lora, row, column));
      workgroupBarrier();
      add_block(&results, thread);
      workgroupBarrier();
    }
    results.upper_left *= lora.scaling;
    results.upper_right *= lora.scaling;
    results.lower_left *= lora.scaling;
    results.lower_right *= lora.scaling;
  }

  for (var k = 0u; k < IN4; k += DEPTH4) {
    put(local, fetch(local, k, cell, row, column));
    workgroupBarrier();
    add_block(&results, thread);
    workgroupBarrier();
  }

  let first_row = row + 4u * thread.y;
  let first_column = column + thread.x;
  write(results.upper_left, cell, first_row, first_column);
  if (THREAD_COLUMNS4 == 2u) {
    write(results.upper_right, cell, first_row, first_column + THREADS_X);
  }
  if (THREAD_ROWS4 == 2u) {
    write(results.lower_left, cell, first_row + 4u * THREADS_Y, first_column);
    if (THREAD_COLUMNS4 == 2u) {
      write(results.lower_right, cell, first_row + 4u * THREADS_Y, first_column + THREADS_X);
    }
  }
}
