// attention_forward: causal grouped-query attention with a streaming softmax.
// math:     p[i,j] = softmax_{i−WINDOW<j≤i, j≥first}(scale·q_i·k_j),  o_i = Σ_j p[i,j]·v_j,  lse_i = log Σ_j exp(scale·q_i·k_j)
//           (Milakov & Gimelshein 2018 for the running maximum; Dao et al. 2022 for keeping lse)
// shapes:   q, o [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end), see ops/segments.ts  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); one invocation computes one query row, four keys at a time
// bindings: 0 q  1 k  2 v  3 segments  4 o (written; zero in padding)  5 stats (written; delta is the backward pass's)
// numerics: f32; padding has the segment (0, 0), which no row is in: it is skipped
// oracle:   oracle/goldens, attention
override T: u32;
override HEADS: u32;
override KV_HEADS: u32;
override D4: u32;
override SCALE: f32;
override WINDOW: u32; // positions back that a query sees, its own included

@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  let head = id.y;
  let batch = id.z;
  if (i >= T) {
    return;
  }
  let row = batch * T + i;
  let at = (row * HEADS + head) * D4;
  let segment = segments[row];
  if (i >= segment.y) {
    for (var d = 0u; d < D4; d++) {
      o[at + d] = vec4f(0.0);
    }
    stats[row * HEADS + head] = vec2f(0.0);
    return;
  }
  let kv_head = head / (HEADS / KV_HEADS);
  var query: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    query[d] = q[at + d] * SCALE;
  }
  var highest = -3.0e38;
  var total = 0.0;
  for (var j = max(segment.x, max(i + 1u, WINDOW) - WINDOW); j <= i; j += 4u) {
    let keys = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(i));
    let rows = ((batch * T + keys) * KV_HEADS + kv_head) * D4;
    var score = vec4f();
    for (var d = 0u; d < D4; d++) {
      score += query[d] * mat4x4f(k[rows.x + d], k[rows.y + d], k[rows.z + d], k[rows.w + d]);
    }
    score = select(vec4f(-3.0e38), score, vec4u(j, j + 1u, j + 2u, j + 3u) <= vec4u(i));
    let new_highest = max(highest, max(max(score.x, score.y), max(score.z, score.w)));
    let correction = exp(highest - new_highest);
    let p = exp(score - new_highest);
    total = total * correction + dot(p, vec4f(1.0));
    highest = new_highest;
    for (var d = 0u; d < D4; d++) {
      sum[d] = sum[d] * correction + mat4x4f(v[rows.x + d], v[rows.y + d], v[rows.z + d], v[rows.w + d]) * p;
    }
  }
  for (var d = 0u; d < D4; d++) {
    o[at + d] = sum[d] / total;
  }
  stats[row * HEADS + head] = vec2f(highest + log(total), 0.0);
}
