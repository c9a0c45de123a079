// sum_losses: the step's loss in each cell, added up over micro-batches.
// math:     stats[4·c] += step.inverseTokens·Σ_r losses[c][r]
// shapes:   losses [cells, ROWS]  stats [4·cells + …]      dispatch: (1, 1, cells)
// bindings: 0 step  1 losses  2 stats (entries 4·c added to)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, cross_entropy
override ROWS: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> losses: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var r = local; r < min(ROWS, step.lossRows); r += WORKGROUP) {
    sum += losses[group.z * ROWS + r];
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    stats[4u * group.z] += step.inverseTokens * total;
  }
}
