// gelu_forward: the tanh form of gelu (Hendrycks & Gimpel 2016; gelu_new in transformers).
// math:     y = x/2·(1 + tanh(u)) = x·sigmoid(2u),  u = √(2/π)·(x + 0.044715·x³)
// shapes:   x, y [N, C]   SIZE4 vec4s      dispatch: (SIZE4/64 over x and y)
// bindings: 0 x  1 y (written)
// numerics: f32; the sigmoid form, since tanh may be inf/inf in WGSL where exp overflows
// oracle:   oracle/goldens, gelu
override SIZE4: u32;

@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;

const SCALE = 0.7978845608028654; // √(2/π)

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < SIZE4) {
    let v = x[i];
    let u = SCALE * (v + 0.044715 * v * v * v);
    y[i] = v / (1.0 + exp(-2.0 * u));
  }
}
