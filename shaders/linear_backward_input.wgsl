// linear_backward_input: dx = dy·W + mask∘(U·A), the base product with its low-rank tail.
// math:     dx[n,k] (+)= Σ_m dy[n,m]·W[m,k] + mask[n,k]·Σ_r U[n,r]·A[r,k],  U = s·dy·B
// shapes:   dy [N, out]  W [out, in]  U [N, R]  A [R, in]  dx [N, in]   rows padded to four
// dispatch: (in/4/8, N/4/8); one invocation computes a 4×4 tile kept as a matrix whose column i is row i of dx
// bindings: 0 step  1 dy  2 W  3 U  4 loraA  5 dx (written, or added to when ACCUMULATE)
//           6 stream (dropout's)
// numerics: f32 sums in order of m, in blocks, after the tail: behind the output head, m runs over a vocabulary
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override OUT4: u32;
override RANK4: u32;
override ACCUMULATE: bool;

const BLOCK4 = 128u; // 512 terms

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> dy: array<vec4f>;
@group(0) @binding(2) var<storage, read> W: array<vec2u>;
@group(0) @binding(3) var<storage, read> U: array<vec4f>;
@group(0) @binding(4) var<storage, read> loraA: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> dx: array<vec4f>;
@group(0) @binding(6) var<storage, read> stream: array<u32>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y * 4u;
  if (column >= IN4 || row >= N) {
    return;
  }
  let rows = min(vec4u(row, row + 1u, row + 2u, row + 3u), vec4u(N - 1u)); // past the end: read, never written
  var tile = mat4x4f();

  for (var k = 0u; k < RANK4; k++) {
    let u = mat4x4f(U[rows.x * RANK4 + k], U[rows.y * RANK4 + k], U[rows.z * RANK4 + k], U[rows.w * RANK4 + k]);
    let a = 4u * k * IN4 + column;
    tile += mat4x4f(loraA[a], loraA[a + IN4], loraA[a + 2u * IN4], loraA[a + 3u * IN4]) * u;
  }
  if (RANK4 > 0u && DROPOUT > 0.0) {
    for (var i = 0u; i < 4u; i++) {
      tile[i] *= dropout4(rows[i] * IN4 + column);
    }
  }

  let dy_start = rows * OUT4;
  for (var start = 0u; start < OUT4; start += BLOCK4) {
    var part = mat4x4f();
    for (var m = start; m < min(start + BLOCK4, OUT4); m++) {
      let dy4 = mat4x4f(dy[dy_start.x + m], dy[dy_start.y + m], dy[dy_start.z + m], dy[dy_start.w + m]);
      let w = 4u * m * IN4 + column;
      part += mat4x4f(weight4(w), weight4(w + IN4), weight4(w + 2u * IN4), weight4(w + 3u * IN4)) * dy4;
    }
    tile += part;
  }

  for (var i = 0u; i < min(4u, N - row); i++) {
    let at = (row + i) * IN4 + column;
    if (ACCUMULATE) {
      dx[at] += tile[i];
    } else {
      dx[at] = tile[i];
    }
  }
}
