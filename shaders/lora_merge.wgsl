// lora_merge: the deployed form of an adapted weight, kept in f32 because f16 would round small updates away.
// math:     merged[m,k] = W[m,k] + s·Σ_r B[m,r]·A[r,k]
// shapes:   W, merged [out, in]  B [out, R]  A [R, in]   padded to four
// dispatch: (in/4/8, out/8)      bindings: 0 W  1 loraA  2 loraB  3 merged (written)
// numerics: f32 sums in order of r
// oracle:   equals linear_forward with the low-rank tail
override IN4: u32;
override OUT: u32;
override RANK4: u32;
override SCALING: f32;

@group(0) @binding(0) var<storage, read> W: array<vec2u>;
@group(0) @binding(1) var<storage, read> loraA: array<vec4f>;
@group(0) @binding(2) var<storage, read> loraB: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> merged: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  let m = id.y;
  if (k >= IN4 || m >= OUT) {
    return;
  }
  var delta = vec4f();
  for (var r = 0u; r < RANK4; r++) {
    let a = 4u * r * IN4 + k;
    delta += mat4x4f(loraA[a], loraA[a + IN4], loraA[a + 2u * IN4], loraA[a + 3u * IN4]) * loraB[m * RANK4 + r];
  }
  merged[m * IN4 + k] = weight4(m * IN4 + k) + SCALING * delta;
}
