// linear_backward_weight: dW = dyᵀ·x, in full fine-tuning.
// math:     sums[p][m,k] = Σ_{n in part p} dy[n,m]·x[n,k]
// shapes:   dy [N, out]  x [N, in]  sums [PARTS, out, in]   rows padded to four
// dispatch: (in/8/8, out/8/8, PARTS); one invocation computes an 8×8 tile kept as four matrices: column i of tileRC is
//           row i of its block R of four rows, in its block C of four columns
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

fn row_of_dy(n: u32, m: u32) -> vec4f {
  return select(vec4f(0.0), dy[min(n, N - 1u) * OUT4 + m], n < N);
}

fn row_of_x(n: u32, k: u32) -> vec4f {
  return x[min(n, N - 1u) * IN4 + k];
}

fn dy_block(n: u32, m: u32) -> mat4x4f {
  return transpose(mat4x4f(row_of_dy(n, m), row_of_dy(n + 1u, m), row_of_dy(n + 2u, m), row_of_dy(n + 3u, m)));
}

fn x_block(n: u32, k: u32) -> mat4x4f {
  return mat4x4f(row_of_x(n, k), row_of_x(n + 1u, k), row_of_x(n + 2u, k), row_of_x(n + 3u, k));
}

fn write_block(tile: mat4x4f, part: u32, m: u32, k: u32) {
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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x * 2u;
  let m = id.y * 2u;
  if (k >= IN4 || m >= OUT4) {
    return;
  }
  let k1 = min(k + 1u, IN4 - 1u); // past the end: read, never written
  let m1 = min(m + 1u, OUT4 - 1u);
  var tile00 = mat4x4f();
  var tile01 = mat4x4f();
  var tile10 = mat4x4f();
  var tile11 = mat4x4f();
  let first = id.z * PART_ROWS;
  for (var n = first; n < min(first + PART_ROWS, N); n += 4u) {
    let x0 = x_block(n, k);
    let x1 = x_block(n, k1);
    let dy0 = dy_block(n, m);
    tile00 += x0 * dy0;
    tile01 += x1 * dy0;
    let dy1 = dy_block(n, m1);
    tile10 += x0 * dy1;
    tile11 += x1 * dy1;
  }
  write_block(tile00, id.z, m, k);
  write_block(tile01, id.z, m, k + 1u);
  write_block(tile10, id.z, m + 1u, k);
  write_block(tile11, id.z, m + 1u, k + 1u);
}
