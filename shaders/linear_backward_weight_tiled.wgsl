// linear_backward_weight_tiled: linear_backward_weight for GPUs, whose operands pass through workgroup memory.
// math:     sums[p][m,k] = Σ_{n in part p} dy[n,m]·x[n,k]
// shapes:   dy [N, out]  x [N, in]  sums [PARTS, out, in]   rows padded to four
// dispatch: (out/tile, in/tile, PARTS)
// bindings: 0 dy  1 x  2 sums (written, or added to when ACCUMULATE; then PARTS is 1)
// numerics: f32 sums over the rows of a part in order; parts are added by sum_parts in order
// oracle:   parity goldens of full fine-tuning
override N: u32;
override IN4: u32;
override OUT4: u32;
override PART_ROWS: u32; // multiple of 4
override ACCUMULATE: bool;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;

fn row_of_dy(n: u32, end: u32, m: u32) -> vec4f {
  return select(vec4f(0.0), dy[min(n, N - 1u) * OUT4 + min(m, OUT4 - 1u)], n < end);
}

fn row_of_x(n: u32, end: u32, k: u32) -> vec4f {
  return select(vec4f(0.0), x[min(n, N - 1u) * IN4 + min(k, IN4 - 1u)], n < end);
}

fn fetch(local: u32, n_start: u32, end: u32, m: u32, k: u32) -> mat4x4f {
  if (local < LEFT_PIECES) {
    let piece = piece_across(local, ROWS4);
    let n = n_start + 4u * piece.y;
    let at = m + piece.x;
    return mat4x4f(
      row_of_dy(n, end, at), row_of_dy(n + 1u, end, at), row_of_dy(n + 2u, end, at), row_of_dy(n + 3u, end, at));
  }
  let piece = piece_across(local - LEFT_PIECES, COLUMNS4);
  let n = n_start + 4u * piece.y;
  let at = k + piece.x;
  return mat4x4f(
    row_of_x(n, end, at), row_of_x(n + 1u, end, at), row_of_x(n + 2u, end, at), row_of_x(n + 3u, end, at));
}

fn put(local: u32, terms: mat4x4f) {
  if (local < LEFT_PIECES) {
    put_left(piece_across(local, ROWS4), terms);
  } else if (local < LEFT_PIECES + RIGHT_PIECES) {
    put_right(piece_across(local - LEFT_PIECES, COLUMNS4), terms);
  }
}

fn write(tile: mat4x4f, part: u32, m: u32, k: u32) {
  if (m >= OUT4 || k >= IN4) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    let at = (part * OUT4 * 4u + m * 4u + i) * IN4 + k;
    if (ACCUMULATE) {
      sums[at] += tile[i];
    } else {
      sums[at] = tile[i];
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let m = group.x * ROWS4;
  let k = group.y * COLUMNS4;
  let thread_x = local % COLUMNS4;
  let thread_y = local / COLUMNS4;
  var upper = mat4x4f(); // column i is row i of the results
  var lower = mat4x4f();

  let start = group.z * PART_ROWS;
  let end = min(start + PART_ROWS, N);
  for (var n = start; n < end; n += DEPTH) {
    put(local, fetch(local, n, end, m, k));
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
    workgroupBarrier();
  }

  write(upper, group.z, m + thread_y, k + thread_x);
  if (THREAD_ROWS4 == 2u) {
    write(lower, group.z, m + thread_y + THREADS_Y, k + thread_x);
  }
}
