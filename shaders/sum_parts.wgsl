// sum_parts: adds partial sums in a fixed order into a gradient; the second half of every split reduction.
// math:     total[i] = (total[i] +) Σ_p parts[p][i]
// shapes:   parts [PARTS, SIZE4]  total [SIZE4]   vec4 units
// dispatch: (SIZE4/64 over x and y)      bindings: 0 parts  1 total (written, and read before when ACCUMULATE)
// numerics: f32 sums in order of p, from what is there on when ACCUMULATE: a sum in several calls has the bits of one
// oracle:   covered by the ops that use it
override PARTS: u32;
override SIZE4: u32;
override ACCUMULATE: bool;

@group(0) @binding(0) var<storage, read> parts: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> total: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= SIZE4) {
    return;
  }
  var sum = vec4f();
  if (ACCUMULATE) {
    sum = total[i];
  }
  for (var p = 0u; p < PARTS; p++) {
    sum += parts[p * SIZE4 + i];
  }
  total[i] = sum;
}
