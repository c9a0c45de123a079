// swiglu_forward: the gated activation of the feed-forward block (Shazeer 2020).
// math:     y = gate·sigmoid(gate)·up
// shapes:   gate, up, y [N, C]   SIZE4 vec4s      dispatch: (SIZE4/64 over x and y)
// bindings: 0 gate  1 up  2 y (written)
// numerics: f32
// oracle:   oracle/goldens, swiglu
override SIZE4: u32;

@group(0) @binding(0) var<storage, read> gate: array<vec4f>;
@group(0) @binding(1) var<storage, read> up: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> y: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i < SIZE4) {
    y[i] = gate[i] / (1.0 + exp(-gate[i])) * up[i];
  }
}
