// grad_norm_parts: partial sums of squares of all gradients at once; they live in one flat buffer.
// math:     parts[g] = Σ_{i ≡ g·WORKGROUP + local} grads[i]²
// shapes:   grads [SIZE4] vec4s  parts [number of workgroups]      dispatch: (PARTS)
// bindings: 0 grads  1 parts (written)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, adamw
override SIZE4: u32;
override PARTS: u32;

@group(0) @binding(0) var<storage, read> grads: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> parts: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var squares = 0.0;
  for (var i = group.x * WORKGROUP + local; i < SIZE4; i += PARTS * WORKGROUP) {
    squares += dot(grads[i], grads[i]);
  }
  let total = workgroup_sum(squares, local);
  if (local == 0u) {
    parts[group.x] = total;
  }
}
