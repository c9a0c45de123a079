// attention_backward_q: gradient of the queries; also leaves delta = dO·O for the keys and values.
// math:     p recomputed from lse,  ds[i,j] = p[i,j]·(dO_i·v_j − delta_i),  dq_i = scale·Σ_j≤i ds[i,j]·k_j
// shapes:   q, o, do, dq [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); one invocation computes four query rows, eight keys at a time in two matrices: column i is
//           query i, and its component c is key quad_rows(…)[c] of four. A quad shares its keys
// bindings: 0 q  1 k  2 v  3 segments  4 o  5 stats (delta written)  6 dout
//           7 dq (written; zero in padding)
// numerics: f32, sums over the keys in blocks
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
@group(0) @binding(4) var<storage, read> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read> dout: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq: array<vec4f>;

// Gradient of a query's scores of four keys.
fn score_gradient(score: vec4f, dp: vec4f, lse: f32, delta: f32, is_seen: vec4<bool>) -> vec4f {
  return select(vec4f(0.0), exp(SCALE * score - lse), is_seen) * (dp - delta) * SCALE;
}

fn score_gradients(
  scores: mat4x4f, dp: mat4x4f, lse: vec4f, delta: vec4f, keys: vec4u, queries: QuerySpan,
) -> mat4x4f {
  return mat4x4f(
    score_gradient(scores[0], dp[0], lse.x, delta.x, sees(queries, 0u, keys)),
    score_gradient(scores[1], dp[1], lse.y, delta.y, sees(queries, 1u, keys)),
    score_gradient(scores[2], dp[2], lse.z, delta.z, sees(queries, 2u, keys)),
    score_gradient(scores[3], dp[3], lse.w, delta.w, sees(queries, 3u, keys)));
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
  let row_heads = queries.rows * HEADS + head;
  let at = row_heads * D4;
  var sums: array<mat4x4f, D4>;
  var lse = vec4f();
  var delta = vec4f();
  for (var i = 0u; i < 4u; i++) {
    lse[i] = stats[row_heads[i]].x;
    for (var d = 0u; d < D4; d++) {
      delta[i] += dot(dout[at[i] + d], o[at[i] + d]);
    }
  }
  for (var j = first; j < end; j += 8u) {
    let keys = j + order;
    let own = ((batch * T + min(keys.x + vec2u(0u, 4u), vec2u(T - 1u))) * KV_HEADS + kv_head) * D4;
    var s0 = mat4x4f();
    var s1 = mat4x4f();
    var dp0 = mat4x4f();
    var dp1 = mat4x4f();
    for (var d = 0u; d < D4; d++) {
      let q4 = mat4x4f(q[at.x + d], q[at.y + d], q[at.z + d], q[at.w + d]);
      s0 += transpose(quad(k[own.x + d])) * q4;
      s1 += transpose(quad(k[own.y + d])) * q4;
      let dout4 = mat4x4f(dout[at.x + d], dout[at.y + d], dout[at.z + d], dout[at.w + d]);
      dp0 += transpose(quad(v[own.x + d])) * dout4;
      dp1 += transpose(quad(v[own.y + d])) * dout4;
    }
    let ds0 = score_gradients(s0, dp0, lse, delta, keys, queries);
    let ds1 = score_gradients(s1, dp1, lse, delta, keys + 4u, queries);
    for (var d = 0u; d < D4; d++) {
      sums[d] += quad(k[own.x + d]) * ds0 + quad(k[own.y + d]) * ds1;
    }
  }
  for (var i = 0u; i < 4u && 4u * id.x + i < T; i++) {
    for (var d = 0u; d < D4; d++) {
      dq[at[i] + d] = sums[d][i];
    }
    stats[row_heads[i]].y = select(delta[i], 0.0, queries.end[i] == 0u);
  }
}
