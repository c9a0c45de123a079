// cross_entropy: loss of each counted row, and its logits' gradient in the logits' place.
// math:     loss[r] = log Σ_v exp(z[r,v]) − z[r,target],  dz = (softmax(z) − onehot)·step.inverseTokens
// shapes:   z [ROWS, V] of rows FIRST …  targets, losses [R]      dispatch: ROWS workgroups over x and y
// bindings: 0 step  1 targets  2 z (replaced by its gradient when GRADIENT)  3 losses (written)
// numerics: f32, shifted by the row's maximum; sums by a fixed tree. A cell's rows past step.lossRows become zero, and so
//           do the columns that pad V to four, so that later products may read whole vec4s.
// oracle:   oracle/goldens, cross_entropy
override FIRST: u32;
override ROWS: u32;
override CELL_ROWS: u32; // rows of each cell in losses
override V: u32;
override V4: u32;
override GRADIENT: bool;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> targets: array<u32>;
@group(0) @binding(2) var<storage, read_write> z: array<f32>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

var<workgroup> maxima: array<f32, WORKGROUP>;

fn row_maximum(start: u32, local: u32) -> f32 {
  var highest = -3.0e38;
  for (var v = local; v < V; v += WORKGROUP) {
    highest = max(highest, z[start + v]);
  }
  maxima[local] = highest;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      maxima[local] = max(maxima[local], maxima[local + half]);
    }
    workgroupBarrier();
  }
  return maxima[0];
}

@compute @workgroup_size(WORKGROUP)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let row = group.y * groups.x + group.x;
  if (row >= ROWS) {
    return;
  }
  let start = row * V4 * 4u;
  let counted = (FIRST + row) % CELL_ROWS < step.lossRows;
  let highest = row_maximum(start, local);
  var sum = 0.0;
  for (var v = local; v < V; v += WORKGROUP) {
    sum += exp(z[start + v] - highest);
  }
  let total = workgroup_sum(sum, local);
  let hit = start + targets[FIRST + row];
  if (local == 0u) {
    losses[FIRST + row] = select(0.0, highest + log(total) - z[hit], counted);
  }
  if (GRADIENT) {
    storageBarrier(); // the target's logit has been read before anyone overwrites it
    workgroupBarrier();
    for (var v = local; v < V4 * 4u; v += WORKGROUP) {
      let at = start + v;
      let probability = select(0.0, exp(z[at] - highest) / total, v < V);
      z[at] = select(0.0, step.inverseTokens * (probability - select(0.0, 1.0, at == hit)), counted);
    }
  }
}
