// rotary: rotates each half-pair of a head by its position's angle, in place; its own inverse with DIRECTION −1.
// math:     (a, b) = (x[i], x[i + D/2]),  (c, s) = angles[position, i] = (cos θ, sin θ)
//           a' = a·c − DIRECTION·b·s,  b' = b·c + DIRECTION·a·s   (Su et al. 2021; the half-split convention of
//           Llama in Transformers' rotate_half)
// shapes:   x [N, H·D] in rows of WIDTH  angles [positions, D/2] of pairs   N = B·T, position = step.position + n mod T,
//           less the first row of its example where SEGMENTED
// dispatch: (N·H·D/2 / 64 over x and y)      bindings: 0 step  1 angles  2 segments  3 x (changed)
// numerics: f32; the table comes from f64 on the CPU, because WGSL promises only 2^-11 for sin and cos
// oracle:   oracle/goldens, rotary
override N: u32;
override T: u32;
override HEADS: u32;
override HALF: u32;
override WIDTH: u32; // of a row of x, padded to four
override DIRECTION: f32;
override SEGMENTED: u32; // 0: no segments are bound

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> angles: array<vec2f>;
@group(0) @binding(2) var<storage, read> segments: array<vec2u>;
@group(0) @binding(3) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let task = id.y * groups.x * 64u + id.x;
  if (task >= N * HEADS * HALF) {
    return;
  }
  let i = task % HALF;
  let head = task / HALF % HEADS;
  let n = task / HALF / HEADS;
  let first = n * WIDTH + head * 2u * HALF + i;
  var position = step.position + n % T;
  if (SEGMENTED == 1u) {
    position -= segments[n].x;
  }
  let angle = angles[position * HALF + i];
  let c = angle.x;
  let s = DIRECTION * angle.y;
  let a = x[first];
  let b = x[first + HALF];
  x[first] = a * c - b * s;
  x[first + HALF] = b * c + a * s;
}
