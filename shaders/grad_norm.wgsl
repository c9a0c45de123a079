// grad_norm: the global norm and the factor that clips it, as torch.nn.utils.clip_grad_norm_.
// math:     stats[1] = sqrt(Σ_g parts[g]),  stats[2] = min(1, MAX_NORM / (stats[1] + 1e-6)), or 1 without clipping
// shapes:   parts [PARTS]  stats [4 + …]      dispatch: (1)      bindings: 0 parts  1 stats (entries 1, 2 written)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, adamw
override PARTS: u32;
override MAX_NORM: f32; // 0: no clipping

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  var sum = 0.0;
  for (var p = local; p < PARTS; p += WORKGROUP) {
    sum += parts[p];
  }
  let norm = sqrt(workgroup_sum(sum, local));
  if (local == 0u) {
    stats[1] = norm;
    stats[2] = select(1.0, min(1.0, MAX_NORM / (norm + 1e-6)), MAX_NORM > 0.0);
  }
}
