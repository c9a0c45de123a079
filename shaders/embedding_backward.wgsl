// embedding_backward: each table row adds up the gradients of its occurrences, listed per token by the CPU, so
// that no atomics are needed and the order is fixed.
// math:     dW[v] += Σ_{n: tokens[n] = v} dy[n]
// shapes:   dy [N, C]  tokenOrder [N] positions sorted by token  tokenStart [V + 1]  dW [V, C]
// dispatch: (V·C/4 / 64 over x and y)      bindings: 0 dy  1 tokenOrder  2 tokenStart  3 dW (added to)
// numerics: f32 sums in order of position
// oracle:   oracle/goldens, embedding
override V: u32;
override C4: u32;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> tokenOrder: array<u32>;
@group(0) @binding(2) var<storage, read> tokenStart: array<u32>;
@group(0) @binding(3) var<storage, read_write> dW: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  if (i >= V * C4) {
    return;
  }
  let token = i / C4;
  var sum = vec4f();
  for (var at = tokenStart[token]; at < tokenStart[token + 1u]; at++) {
    sum += dy[tokenOrder[at] * C4 + i % C4];
  }
  dW[i] += sum;
}
