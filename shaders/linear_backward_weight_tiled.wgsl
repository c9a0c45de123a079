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
  let thread = thread_of(local);
  var results: Results;

  let start = group.z * PART_ROWS;
  let end = min(start + PART_ROWS, N);
  for (var n = start; n < end; n += 4u * DEPTH4) {
    put(local, fetch(local, n, end, m, k));
    workgroupBarrier();
    add_block(&results, thread);
    workgroupBarrier();
  }

  write(results.upper_left, group.z, m + thread.y, k + thread.x);
  if (THREAD_COLUMNS4 == 2u) {
    write(results.upper_right, group.z, m + thread.y, k + thread.x + THREADS_X);
  }
  if (THREAD_ROWS4 == 2u) {
    write(results.lower_left, group.z, m + thread.y + THREADS_Y, k + thread.x);
    if (THREAD_COLUMNS4 == 2u) {
      write(results.lower_right, group.z, m + thread.y + THREADS_Y, k + thread.x + THREADS_X);
    }
  }
}
