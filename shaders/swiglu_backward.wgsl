// swiglu_backward: both gradients of the gated activation.
// math:     σ = sigmoid(gate),  dgate = dy·up·σ·(1 + gate·(1 − σ)),  dup = dy·gate·σ
// shapes:   dy, gate, up, dgate, dup [N, C]   SIZE4 vec4s      dispatch: (SIZE4/64 over x and y)
// bindings: 0 dy  1 gate  2 up  3 dgate  4 dup (written)
// numerics: f32
// oracle:   oracle/goldens, swiglu
override SIZE4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> gate: array<vec4f>;
@group(0) @binding(2) var<storage, read> up: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> dgate: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> dup: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= SIZE4) {
    return;
  }
  let g = gate[i];
  let sigmoid = 1.0 / (1.0 + exp(-g));
  dgate[i] = dy[i] * up[i] * sigmoid * (1.0 + g * (1.0 - sigmoid));
  dup[i] = dy[i] * g * sigmoid;
}
