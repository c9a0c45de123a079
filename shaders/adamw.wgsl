// adamw: one update of every trained value of every cell (Loshchilov & Hutter 2019), in the order torch.optim.AdamW
// computes.
// math:     g = clip·grad,  p −= lr·decay·p,  m = β1·m + (1−β1)·g,  v = β2·v + (1−β2)·g²
//           p −= stepSize·m / (sqrt(v)/sqrt(1−β2^t) + eps),  stepSize = lr/(1−β1^t)
// shapes:   params, grads, m, v: a region of vec4s each cell  stats [4·cells + …]
// dispatch: (largest region/64 over x and y, cells)
// bindings: 0 step  1 stats  2 grads  3 params  4 m  5 v (changed)  6 regions  7 cells
// numerics: f32. A gradient that is not finite changes nothing, so the last good adapter survives a bad step; the
//           test looks at bits because compilers may assume that NaN does not occur. A cell that has ended stays.
// oracle:   oracle/goldens, adamw
override BETA2: f32;
override REST1: f32; // 1 − β1 and 1 − β2, subtracted in f64: in f32, 1 − 0.999 is off by 1e-5
override REST2: f32;
override EPS: f32;
override WEIGHT_DECAY: f32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> stats: array<f32>;
@group(0) @binding(2) var<storage, read> grads: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> params: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> m: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> v: array<vec4f>;
@group(0) @binding(6) var<storage, read> regions: array<Region>;
@group(0) @binding(7) var<storage, read> cells: array<CellStep>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let at = id.y * groups.x * 64u + id.x;
  let cell = cells[id.z];
  let region = regions[id.z];
  let norm_is_finite = (bitcast<u32>(stats[4u * id.z + 1u]) & 0x7f800000u) != 0x7f800000u;
  if (at >= region.size4 || !norm_is_finite || cell.trains == 0u) {
    return;
  }
  let i = region.first4 + at;
  let g = grads[i] * stats[4u * id.z + 2u];
  m[i] += REST1 * (g - m[i]);
  v[i] = BETA2 * v[i] + REST2 * g * g;
  let denominator = sqrt(v[i]) / step.sqrtBiasCorrection2 + EPS;
  params[i] = params[i] * (1.0 - cell.learningRate * WEIGHT_DECAY) - cell.stepSize * m[i] / denominator;
}
