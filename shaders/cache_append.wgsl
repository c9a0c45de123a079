// cache_append: writes the new rows' keys (or values) behind those already in the cache.
// math:     cache[step.position + n] = x[n]
// shapes:   x [N, C]  cache [CONTEXT, C]   vec4 units
// dispatch: (N·C/4 / 64 over x and y)      bindings: 0 step  1 x  2 cache (rows written)
// numerics: a copy; rows past the context are dropped
// oracle:   as attention_cached
override N: u32;
override C4: u32;
override CONTEXT: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> cache: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let row = step.position + i / C4;
  if (i < N * C4 && row < CONTEXT) {
    cache[row * C4 + i % C4] = x[i];
  }
}
