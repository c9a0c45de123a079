// lora_forward_down: S = (mask∘x)·Aᵀ, the adapter's narrow middle; kept for the gradient of B.
// math:     S[n,r] = Σ_k mask[n,k]·x[n,k]·A[r,k]
// shapes:   x [N, in]  A [R, in]  S [N, R]   rows padded to four
// dispatch: (R/4, N/64); one invocation computes four neighbouring r of one row
// bindings: 0 step  1 x  2 loraA  3 S (written)  4 stream (dropout's)
// numerics: f32 sums in order of k
// oracle:   oracle/goldens, lora_linear
override N: u32;
override IN4: u32;
override RANK4: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> loraA: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> S: array<vec4f>;
@group(0) @binding(4) var<storage, read> stream: array<u32>;

@compute @workgroup_size(1, 64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let r = id.x;
  let n = id.y;
  if (n >= N) {
    return;
  }
  var sum = vec4f();
  let a = 4u * r * IN4;
  for (var k = 0u; k < IN4; k++) {
    let at = n * IN4 + k;
    let x4 = x[at] * dropout4(at);
    sum += x4 * mat4x4f(loraA[a + k], loraA[a + IN4 + k], loraA[a + 2u * IN4 + k], loraA[a + 3u * IN4 + k]);
  }
  S[n * RANK4 + r] = sum;
}
