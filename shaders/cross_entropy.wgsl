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
@group(0) @binding(2) var<storage, read_write> z: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> losses: array<f32>;

var<workgroup> maxima: array<f32, WORKGROUP>;

fn columns_of(v: u32) -> vec4u {
  return 4u * v + vec4u(0u, 1u, 2u, 3u);
}

// Four neighbouring logits; those that only pad V weigh nothing.
fn logits(start: u32, v: u32) -> vec4f {
  return select(vec4f(-3.0e38), z[start + v], columns_of(v) < vec4u(V));
}

fn row_maximum(start: u32, local: u32) -> f32 {
  var highest = vec4f(-3.0e38);
  for (var v = local; v < V4; v += WORKGROUP) {
    highest = max(highest, logits(start, v));
  }
  maxima[local] = max(max(highest.x, highest.y), max(highest.z, highest.w));
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
  let start = row * V4;
  let counted = (FIRST + row) % CELL_ROWS < step.lossRows;
  let highest = row_maximum(start, local);
  var sums = vec4f();
  for (var v = local; v < V4; v += WORKGROUP) {
    sums += exp(logits(start, v) - highest);
  }
  let total = workgroup_sum(dot(sums, vec4f(1.0)), local);
  let hit = targets[FIRST + row];
  if (local == 0u) {
    losses[FIRST + row] = select(0.0, highest + log(total) - z[start + hit / 4u][hit % 4u], counted);
  }
  if (GRADIENT) {
    storageBarrier(); // the target's logit has been read before anyone overwrites it
    workgroupBarrier();
    for (var v = local; v < V4; v += WORKGROUP) {
      let probability = exp(logits(start, v) - highest) / total;
      let onehot = select(vec4f(0.0), vec4f(1.0), columns_of(v) == vec4u(hit));
      z[start + v] = select(vec4f(0.0), step.inverseTokens * (probability - onehot), counted);
    }
  }
}
