// position_embedding_backward: each position's row adds up its gradients over the examples of the batch.
// math:     dW[p] += Σ dy[first + p] over examples longer than p, first the row where one begins
// shapes:   dy [N, C]  dW [POSITIONS, C], its first T rows   N = B·T      dispatch: (T·C/4 / 64 over x and y)
// bindings: 0 dy  1 segments  2 dW (added to)
// numerics: f32 sums in order of the rows
// oracle:   oracle/goldens of gpt2
override N: u32;
override T: u32;
override C4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> segments: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> dW: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= T * C4) {
    return;
  }
  let position = i / C4;
  var sum = vec4f();
  for (var sequence = 0u; sequence < N; sequence += T) {
    var t = 0u;
    while (t < T) {
      let end = segments[sequence + t].y;
      if (end <= t) {
        break; // padding: the sequence's examples are behind
      }
      if (t + position < end) {
        sum += dy[(sequence + t + position) * C4 + i % C4];
      }
      t = end;
    }
  }
  dW[i] += sum;
}
