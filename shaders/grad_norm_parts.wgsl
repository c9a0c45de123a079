// grad_norm_parts: partial sums of squares of all of a cell's gradients at once; they lie in one region.
// math:     parts[c][g] = Σ_{i ≡ g·WORKGROUP + local} grads[first + i]²
// shapes:   grads, a region of vec4s each cell  parts [cells, PARTS]      dispatch: (PARTS, 1, cells)
// bindings: 0 grads  1 regions  2 parts (written)
// numerics: f32, by a fixed tree
// oracle:   oracle/goldens, adamw
override PARTS: u32; // of the largest region

@group(0) @binding(0) var<storage, read> grads: array<vec4f>;
@group(0) @binding(1) var<storage, read> regions: array<Region>;
@group(0) @binding(2) var<storage, read_write> parts: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let region = regions[group.z];
  if (group.x >= region.parts) {
    return;
  }
  var squares = 0.0;
  for (var i = group.x * WORKGROUP + local; i < region.size4; i += region.parts * WORKGROUP) {
    let g = grads[region.first4 + i];
    squares += dot(g, g);
  }
  let total = workgroup_sum(squares, local);
  if (local == 0u) {
    parts[group.z * PARTS + group.x] = total;
  }
}
