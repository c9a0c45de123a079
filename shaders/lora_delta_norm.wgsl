// lora_delta_norm: how far each cell's adapter moves its weight, without forming the product.
// math:     ‖s·B·A‖_F = s·sqrt(Σ_ij (AAᵀ)[i,j]·(BᵀB)[i,j])
// shapes:   A [R, in]  B [out, R] of each cell, padded to four  stats [INDEX + cells …]      dispatch: (1, 1, cells)
// bindings: 0 factors  1 table  2 stats (entries INDEX + cell written; 0 where the layer is not adapted)
// numerics: f32, by a fixed tree
// oracle:   the norm of the merged difference in the test
override IN: u32;   // padded
override OUT: u32;  // padded
override INDEX: u32;

@group(0) @binding(0) var<storage, read> factors: array<f32>;
@group(0) @binding(1) var<storage, read> table: array<LoraCell>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let lora = table[group.z];
  let rank = 4u * lora.rank4; // padded: the row length of B
  var sum = 0.0;
  for (var pair = local; pair < rank * rank; pair += WORKGROUP) {
    let i = pair / rank;
    let j = pair % rank;
    let a_i = 4u * lora.a + i * IN;
    let a_j = 4u * lora.a + j * IN;
    var gram_a = 0.0;
    for (var k = 0u; k < IN; k++) {
      gram_a += factors[a_i + k] * factors[a_j + k];
    }
    var gram_b = 0.0;
    for (var m = 0u; m < OUT; m++) {
      gram_b += factors[4u * lora.b + m * rank + i] * factors[4u * lora.b + m * rank + j];
    }
    sum += gram_a * gram_b;
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    stats[INDEX + group.z] = lora.scaling * sqrt(max(total, 0.0));
  }
}
