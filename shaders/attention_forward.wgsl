// attention_forward: causal grouped-query attention with a streaming softmax.
// math:     p[i,j] = softmax_{i−WINDOW<j≤i, j≥first}(scale·q_i·k_j),  o_i = Σ_j p[i,j]·v_j,  lse_i = log Σ_j exp(scale·q_i·k_j)
//           (Milakov & Gimelshein 2018 for the running maximum; Dao et al. 2022 for keeping lse)
// shapes:   q, o [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end), see ops/segments.ts  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); one invocation computes four query rows, eight keys at a time in two matrices: column i is
//           query i, and its component c is key quad_rows(…)[c] of four. A quad shares its keys
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

// Scores of four keys by four queries; what a query does not see weighs nothing.
fn seen_scores(scores: mat4x4f, keys: vec4u, queries: QuerySpan) -> mat4x4f {
  return mat4x4f(
    select(vec4f(-3.0e38), SCALE * scores[0], sees(queries, 0u, keys)),
    select(vec4f(-3.0e38), SCALE * scores[1], sees(queries, 1u, keys)),
    select(vec4f(-3.0e38), SCALE * scores[2], sees(queries, 2u, keys)),
    select(vec4f(-3.0e38), SCALE * scores[3], sees(queries, 3u, keys)));
}

fn maxima(scores: mat4x4f) -> vec4f {
  let s = transpose(scores);
  return max(max(s[0], s[1]), max(s[2], s[3]));
}

fn exponentials(scores: mat4x4f, shift: vec4f) -> mat4x4f {
  return mat4x4f(
    exp(scores[0] - shift.x), exp(scores[1] - shift.y), exp(scores[2] - shift.z), exp(scores[3] - shift.w));
}

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let head = id.y;
  let batch = id.z;
  let order = quad_rows(invocation);
  let queries = spans_of(4u * id.x, batch);
  let first = subgroupMin(queries.first_of_all);
  let end = subgroupMax(queries.end_of_all);
  let kv_head = head / (HEADS / KV_HEADS);
  let at = (queries.rows * HEADS + head) * D4;
  var sums: array<mat4x4f, D4>;
  var highest = vec4f(-3.0e38);
  var total = vec4f();
  for (var j = first; j < end; j += 8u) {
    let keys = j + order;
    let own = ((batch * T + min(keys.x + vec2u(0u, 4u), vec2u(T - 1u))) * KV_HEADS + kv_head) * D4;
    var s0 = mat4x4f();
    var s1 = mat4x4f();
    for (var d = 0u; d < D4; d++) {
      let q4 = mat4x4f(q[at.x + d], q[at.y + d], q[at.z + d], q[at.w + d]);
      s0 += transpose(quad(k[own.x + d])) * q4;
      s1 += transpose(quad(k[own.y + d])) * q4;
    }
    s0 = seen_scores(s0, keys, queries);
    s1 = seen_scores(s1, keys + 4u, queries);
    // A query that has seen nothing yet weighs all keys alike here, and forgets them with its first key.
    let shift = max(highest, max(maxima(s0), maxima(s1)));
    let correction = exp(highest - shift);
    let p0 = exponentials(s0, shift);
    let p1 = exponentials(s1, shift);
    total = total * correction + vec4f(1.0) * (p0 + p1);
    highest = shift;
    for (var d = 0u; d < D4; d++) {
      let sum = sums[d];
      sums[d] = mat4x4f(
        sum[0] * correction.x, sum[1] * correction.y, sum[2] * correction.z, sum[3] * correction.w) +
        quad(v[own.x + d]) * p0 + quad(v[own.y + d]) * p1;
    }
  }
  for (var i = 0u; i < 4u && 4u * id.x + i < T; i++) {
    let is_padding = queries.end[i] == 0u;
    for (var d = 0u; d < D4; d++) {
      o[at[i] + d] = select(sums[d][i] / total[i], vec4f(0.0), is_padding);
    }
    stats[queries.rows[i] * HEADS + head] = select(vec2f(highest[i] + log(total[i]), 0.0), vec2f(0.0), is_padding);
  }
}
