// position_embedding_backward: each position's row adds up its gradients over the batch.
// math:     dW[t] += Σ_b dy[b·T + t]
// shapes:   dy [N, C]  dW [POSITIONS, C], its first T rows   N = B·T      dispatch: (T·C/4 / 64 over x and y)
// bindings: 0 dy  1 dW (added to)
// numerics: f32 sums in order of b
// oracle:   oracle/goldens of gpt2
override N: u32;
override T: u32;
override C4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> dW: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= T * C4) {
    return;
  }
  var sum = vec4f();
  for (var n = i / C4; n < N; n += T) {
    sum += dy[n * C4 + i % C4];
  }
  dW[i] += sum;
}
