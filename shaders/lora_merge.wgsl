// lora_merge: the deployed form of an adapted weight, kept in f32 because f16 would round small updates away.
// math:     merged[m,k] = W[m,k] + s·Σ_r B[m,r]·A[r,k]
// shapes:   W, merged [out, in]  B [out, R]  A [R, in]   padded to four
// dispatch: (in/4/8, out/8)      bindings: 0 W  1 factors  2 table (of one cell)  3 merged (written)
// numerics: f32 sums in order of r
// oracle:   equals linear_forward with the low-rank tail
override IN4: u32;
override OUT: u32;

@group(0) @binding(0) var<storage, read> W: array<vec2u>;
@group(0) @binding(1) var<storage, read> factors: array<vec4f>;
@group(0) @binding(2) var<storage, read> table: array<LoraCell>;
@group(0) @binding(3) var<storage, read_write> merged: array<vec4f>;

@compute @workgroup_size(8, 8)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let k = id.x;
  let m = id.y;
  if (k >= IN4 || m >= OUT) {
    return;
  }
  let lora = table[0];
  var delta = vec4f();
  for (var r = 0u; r < lora.rank4; r++) {
    let a = lora.a + 4u * r * IN4 + k;
    let b4 = factors[lora.b + m * lora.rank4 + r];
    delta += mat4x4f(factors[a], factors[a + IN4], factors[a + 2u * IN4], factors[a + 3u * IN4]) * b4;
  }
  merged[m * IN4 + k] = weight4(m * IN4 + k) + lora.scaling * delta;
}
