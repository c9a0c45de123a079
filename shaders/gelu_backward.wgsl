// gelu_backward: gradient through the tanh form of gelu.
// math:     s = sigmoid(2u),  dx = dy·(s + 2·x·s·(1 − s)·u'),  u' = √(2/π)·(1 + 3·0.044715·x²)
// shapes:   dy, x, dx [N, C]   SIZE4 vec4s      dispatch: (SIZE4/64 over x and y)
// bindings: 0 dy  1 x  2 dx (written)
// numerics: f32; where s(1 − s) is 0 the slope is left out, since x²·0 may pass through infinity
// oracle:   oracle/goldens, gelu
override SIZE4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dx: array<vec4f>;

const SCALE = 0.7978845608028654; // √(2/π)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= SIZE4) {
    return;
  }
  let v = x[i];
  let s = 1.0 / (1.0 + exp(-2.0 * SCALE * (v + 0.044715 * v * v * v)));
  let bend = s * (1.0 - s);
  let slope = 2.0 * v * bend * SCALE * (1.0 + 3.0 * 0.044715 * v * v);
  dx[i] = dy[i] * (s + select(slope, vec4f(), bend == vec4f()));
}
