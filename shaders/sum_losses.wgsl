// sum_losses: the step's loss, added up over micro-batches.
// math:     stats[0] += step.inverseTokens·Σ_r losses[r]
// shapes:   losses [ROWS]  stats [4 + …]      dispatch: (1)
// bindings: 0 step  1 losses  2 stats (first entry added to)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, cross_entropy
override ROWS: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> losses: array<f32>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var r = local; r < min(ROWS, step.lossRows); r += WORKGROUP) {
    sum += losses[r];
  }
  let total = workgroup_sum(sum, local);
  if (local == 0u) {
    stats[0] += step.inverseTokens * total;
  }
}
