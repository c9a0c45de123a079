// lora_delta_norm: how far one adapter moves its weight, without forming the product.
// math:     ‖s·B·A‖_F = s·sqrt(Σ_ij (AAᵀ)[i,j]·(BᵀB)[i,j])
// shapes:   A [R, in]  B [out, R]   padded to four  stats [4 + …]      dispatch: (1)
// bindings: 0 loraA  1 loraB  2 stats (entry INDEX written)
// numerics: f32, by a fixed tree
// oracle:   the norm of the merged difference in the test
override IN: u32;   // padded
override OUT: u32;  // padded
override RANK: u32; // padded: the row length of B
override SCALING: f32;
override INDEX: u32;

@group(0) @binding(0) var<storage, read> loraA: array<f32>;
@group(0) @binding(1) var<storage, read> loraB: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var pair = local; pair < RANK * RANK; pair += WORKGROUP) {
    let i = pair / RANK;
    let j = pair % RANK;
    var gram_a = 0.0;
    for (var k = 0u; k < IN; k++) {
      gram_a += loraA[i * IN + k] * loraA[j * IN + k];
    }
    var gram_b = 0.0;
    for (var m = 0u; m < OUT; m++) {
      gram_b += loraB[m * RANK + i] * loraB[m * RANK + j];
    }
    sum += gram_a * gram_b;
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    stats[INDEX] = SCALING * sqrt(max(total, 0.0));
  }
}
