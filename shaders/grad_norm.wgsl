// grad_norm: each cell's global norm and the factor that clips it, as torch.nn.utils.clip_grad_norm_.
// math:     norm = sqrt(Σ_g parts[c][g]),  factor = min(1, MAX_NORM / (norm + 1e-6)), or 1 without clipping
// shapes:   parts [cells, PARTS]  stats [4·cells + …]      dispatch: (1, 1, cells)
// bindings: 0 parts  1 regions  2 stats (norm to entry 4·c + 1, factor to 4·c + 2)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, adamw
override PARTS: u32;    // of the largest region
override MAX_NORM: f32; // 0: no clipping

@group(0) @binding(0) var<storage, read> parts: array<f32>;
@group(0) @binding(1) var<storage, read> regions: array<Region>;
@group(0) @binding(2) var<storage, read_write> stats: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let cell = group.z;
  var sum = 0.0;
  for (var p = local; p < regions[cell].parts; p += WORKGROUP) {
    sum += parts[cell * PARTS + p];
  }
  let norm = sqrt(workgroup_sum(sum, local));
  if (local == 0u) {
    stats[4u * cell + 1u] = norm;
    stats[4u * cell + 2u] = select(1.0, min(1.0, MAX_NORM / (norm + 1e-6)), MAX_NORM > 0.0);
  }
}
