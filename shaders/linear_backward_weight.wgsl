// linear_backward_weight: dW = dyᵀ·x, in full fine-tuning.
// math:     sums[p][m,k] = Σ_{n in part p} dy[n,m]·x[n,k]
// shapes:   dy [N, out]  x [N, in]  sums [PARTS, out, in]   rows padded to four
// dispatch: (in/4/8, out/4/8, PARTS); one invocation computes a 4×4 tile whose column i is row i of the result
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

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  let m = id.y;
  if (k >= IN4 || m >= OUT4) {
    return;
  }
  var tile = mat4x4f();
  let first = id.z * PART_ROWS;
  for (var n = first; n < min(first + PART_ROWS, N); n += 4u) {
    let dy4 = mat4x4f(row_of_dy(n, m), row_of_dy(n + 1u, m), row_of_dy(n + 2u, m), row_of_dy(n + 3u, m));
    let x4 = mat4x4f(row_of_x(n, k), row_of_x(n + 1u, k), row_of_x(n + 2u, k), row_of_x(n + 3u, k));
    tile += x4 * transpose(dy4);
  }
  for (var i = 0u; i < 4u; i++) {
    let at = (id.z * OUT4 * 4u + m * 4u + i) * IN4 + k;
    if (ACCUMULATE) {
      sums[at] += tile[i];
    } else {
      sums[at] = tile[i];
    }
  }
}
