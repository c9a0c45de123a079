// linear_backward_weight: dW = dyᵀ·x, in full fine-tuning.
// math:     sums[p][m,k] = Σ_{n in part p} dy[n,m]·x[n,k]
// shapes:   dy [N, out]  x [N, in]  sums [PARTS, out, in]   rows padded to four
// dispatch: (in/4/8, out/16/4, PARTS); one invocation computes 16 rows of four columns as four matrices: column i of
//           tileR is row i of its block R of four rows. A quad has the same rows, and shares their dy
// bindings: 0 dy  1 x  2 sums (written, or added to when ACCUMULATE; then PARTS is 1)
// numerics: f32 sums over the rows of a part, four at a time in the order that the column's place in its quad gives;
//           parts are added by sum_parts in order
// oracle:   parity goldens of full fine-tuning
override N: u32;
override IN4: u32;
override OUT4: u32;
override PART_ROWS: u32; // multiple of 4
override ACCUMULATE: u32; // 1 or 0, as all flags of u32: one pipeline serves both

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> sums: array<vec4f>;

fn x_block(rows: vec4u, k: u32) -> mat4x4f {
  let at = min(rows, vec4u(N - 1u)) * IN4 + k;
  return mat4x4f(x[at.x], x[at.y], x[at.z], x[at.w]);
}

fn dy_block(n: u32, m: u32) -> mat4x4f {
  let own = dy[min(n, N - 1u) * OUT4 + min(m, OUT4 - 1u)];
  return transpose(quad(select(vec4f(0.0), own, n < N)));
}

fn write_block(tile: mat4x4f, part: u32, m: u32, k: u32) {
  if (m >= OUT4 || k >= IN4) {
    return;
  }
  for (var i = 0u; i < 4u; i++) {
    let at = (part * OUT4 * 4u + m * 4u + i) * IN4 + k;
    if (ACCUMULATE == 1u) {
      sums[at] += tile[i];
    } else {
      sums[at] = tile[i];
    }
  }
}

@compute @workgroup_size(8, 4)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let k = min(id.x, IN4 - 1u); // past the end: read for the quad's sake, never written
  let m = 4u * id.y;
  if (m >= OUT4) {
    return;
  }
  let order = quad_rows(invocation);
  var tile0 = mat4x4f();
  var tile1 = mat4x4f();
  var tile2 = mat4x4f();
  var tile3 = mat4x4f();
  let first = id.z * PART_ROWS;
  for (var n = first; n < min(first + PART_ROWS, N); n += 4u) {
    let x4 = x_block(n + order, k);
    tile0 += x4 * dy_block(n + order.x, m);
    tile1 += x4 * dy_block(n + order.x, m + 1u);
    tile2 += x4 * dy_block(n + order.x, m + 2u);
    tile3 += x4 * dy_block(n + order.x, m + 3u);
  }
  write_block(tile0, id.z, m, id.x);
  write_block(tile1, id.z, m + 1u, id.x);
  write_block(tile2, id.z, m + 2u, id.x);
  write_block(tile3, id.z, m + 3u, id.x);
}
