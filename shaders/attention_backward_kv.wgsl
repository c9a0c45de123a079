// attention_backward_kv: gradients of keys and values, summed over the query heads that share them.
// math:     dv_j = Σ_h Σ_i≥j p[i,j]·dO_i,  dk_j = scale·Σ_h Σ_i≥j p[i,j]·(dO_i·v_j − delta_i)·q_i
// shapes:   q, do [B·T, H·D]  k, v, dk, dv [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, KV, B); one invocation computes four key rows, eight queries at a time in two matrices: column j is
//           key j, and its component c is query quad_rows(…)[c] of four. A quad shares its queries
// bindings: 0 q  1 k  2 v  3 segments  4 stats  5 dout  6 dk  7 dv (written; zero in padding)
// numerics: f32, sums in order of head and of blocks of queries; no float atomics needed
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
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
@group(0) @binding(5) var<storage, read> dout: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dv: array<vec4f>;

// Weights of four keys for four queries; a key weighs nothing for a query that does not see it.
fn weights(scores: mat4x4f, lse: vec4f, queries: vec4u, keys: vec4u, ends: vec4u) -> mat4x4f {
  return mat4x4f(
    select(vec4f(0.0), exp(SCALE * scores[0] - lse), (queries >= vec4u(keys.x)) & (queries < vec4u(ends.x))),
    select(vec4f(0.0), exp(SCALE * scores[1] - lse), (queries >= vec4u(keys.y)) & (queries < vec4u(ends.y))),
    select(vec4f(0.0), exp(SCALE * scores[2] - lse), (queries >= vec4u(keys.z)) & (queries < vec4u(ends.z))),
    select(vec4f(0.0), exp(SCALE * scores[3] - lse), (queries >= vec4u(keys.w)) & (queries < vec4u(ends.w))));
}

fn score_gradients(p: mat4x4f, dp: mat4x4f, delta: vec4f) -> mat4x4f {
  return mat4x4f(
    p[0] * (dp[0] - delta), p[1] * (dp[1] - delta), p[2] * (dp[2] - delta), p[3] * (dp[3] - delta)) * SCALE;
}

// (lse, delta) of four queries.
fn quad_stats(row_head: u32) -> mat2x4f {
  let own = stats[row_head];
  return transpose(mat4x2f(own, quadSwapX(own), quadSwapY(own), quadSwapDiagonal(own)));
}

@compute @workgroup_size(16)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(subgroup_invocation_id) invocation: u32) {
  let kv_head = id.y;
  let batch = id.z;
  let order = quad_rows(invocation);
  let keys = 4u * id.x + vec4u(0u, 1u, 2u, 3u);
  let rows = batch * T + min(keys, vec4u(T - 1u));
  let at = (rows * KV_HEADS + kv_head) * D4;
  let segment_ends = vec4u(segments[rows.x].y, segments[rows.y].y, segments[rows.z].y, segments[rows.w].y);
  let ends = select(vec4u(0u), min(segment_ends, keys + WINDOW), keys < segment_ends); // of the queries that see each key
  let first = subgroupMin(4u * id.x);
  let end = subgroupMax(max(max(ends.x, ends.y), max(ends.z, ends.w)));
  var sums_k: array<mat4x4f, D4>;
  var sums_v: array<mat4x4f, D4>;
  for (var group = 0u; group < HEADS / KV_HEADS; group++) {
    let head = kv_head * (HEADS / KV_HEADS) + group;
    for (var i = first; i < end; i += 8u) {
      let queries = i + order;
      let row_heads = (batch * T + min(queries.x + vec2u(0u, 4u), vec2u(T - 1u))) * HEADS + head;
      let own = row_heads * D4;
      var s0 = mat4x4f();
      var s1 = mat4x4f();
      var dp0 = mat4x4f();
      var dp1 = mat4x4f();
      for (var d = 0u; d < D4; d++) {
        let k4 = mat4x4f(k[at.x + d], k[at.y + d], k[at.z + d], k[at.w + d]);
        s0 += transpose(quad(q[own.x + d])) * k4;
        s1 += transpose(quad(q[own.y + d])) * k4;
        let v4 = mat4x4f(v[at.x + d], v[at.y + d], v[at.z + d], v[at.w + d]);
        dp0 += transpose(quad(dout[own.x + d])) * v4;
        dp1 += transpose(quad(dout[own.y + d])) * v4;
      }
      let stats0 = quad_stats(row_heads.x);
      let stats1 = quad_stats(row_heads.y);
      let p0 = weights(s0, stats0[0], queries, keys, ends);
      let p1 = weights(s1, stats1[0], queries + 4u, keys, ends);
      let ds0 = score_gradients(p0, dp0, stats0[1]);
      let ds1 = score_gradients(p1, dp1, stats1[1]);
      for (var d = 0u; d < D4; d++) {
        sums_v[d] += quad(dout[own.x + d]) * p0 + quad(dout[own.y + d]) * p1;
        sums_k[d] += quad(q[own.x + d]) * ds0 + quad(q[own.y + d]) * ds1;
      }
    }
  }
  for (var j = 0u; j < 4u && keys[j] < T; j++) {
    for (var d = 0u; d < D4; d++) {
      dk[at[j] + d] = sums_k[d][j];
      dv[at[j] + d] = sums_v[d][j];
    }
  }
}
