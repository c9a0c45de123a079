// linear_backward_weight: gᵀ·x summed over rows: dA (g = U) and, in full fine-tuning, dW (g = dy).
// math:     sums[p][m,k] = Σ_{n in part p} g[n,m]·(mask∘x)[n,k]
// shapes:   g [N, out]  x [N, in]  sums [PARTS, out, in]   rows padded to four
// dispatch: (in/4/8, out/4/8, PARTS); one invocation computes a 4×4 tile whose column i is row i of the result
// bindings: 0 step  1 g  2 x  3 sums (written, or added to when ACCUMULATE; then PARTS is 1)  4 stream (dropout's)
// numerics: f32 sums over the rows of a part in order; parts are added by sum_parts in order
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32;
override PART_ROWS: u32; // multiple of 4
override ACCUMULATE: bool;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> g: array<vec4f>;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;
@group(0) @binding(4) var<storage, read> stream: array<u32>;

fn row_of_g(n: u32, m: u32) -> vec4f {
  return select(vec4f(0.0), g[min(n, N - 1u) * OUT4 + m], n < N);
}

fn row_of_x(n: u32, k: u32) -> vec4f {
  let at = min(n, N - 1u) * IN4 + k;
  return x[at] * dropout4(at);
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
    let g4 = mat4x4f(row_of_g(n, m), row_of_g(n + 1u, m), row_of_g(n + 2u, m), row_of_g(n + 3u, m));
    let x4 = mat4x4f(row_of_x(n, k), row_of_x(n + 1u, k), row_of_x(n + 2u, k), row_of_x(n + 3u, k));
    tile += x4 * transpose(g4);
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
