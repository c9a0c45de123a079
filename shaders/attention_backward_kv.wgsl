// attention_backward_kv: gradients of keys and values, summed over the query heads that share them.
// math:     dv_j = Σ_h Σ_i≥j p[i,j]·dO_i,  dk_j = scale·Σ_h Σ_i≥j p[i,j]·(dO_i·v_j − delta_i)·q_i
// shapes:   q, do [B·T, H·D]  k, v, dk, dv [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, KV, B); one invocation computes one key row, four queries at a time
// bindings: 0 q  1 k  2 v  3 segments  4 stats  5 dout  6 dk  7 dv (written; zero in padding)
// numerics: f32, sums in order of head and i; no float atomics needed
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

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let j = id.x;
  let kv_head = id.y;
  let batch = id.z;
  if (j >= T) {
    return;
  }
  let at = ((batch * T + j) * KV_HEADS + kv_head) * D4;
  let segment_end = segments[batch * T + j].y;
  var sum_k: array<vec4f, D4>;
  var sum_v: array<vec4f, D4>;
  if (j < segment_end) {
    let end = min(segment_end, j + WINDOW); // the queries that see key j
    for (var group = 0u; group < HEADS / KV_HEADS; group++) {
      let head = kv_head * (HEADS / KV_HEADS) + group;
      for (var i = j; i < end; i += 4u) {
        let queries = vec4u(i, i + 1u, i + 2u, i + 3u);
        let row_heads = (batch * T + min(queries, vec4u(end - 1u))) * HEADS + head;
        let rows = row_heads * D4;
        var score = vec4f();
        var dp = vec4f();
        for (var d = 0u; d < D4; d++) {
          score += k[at + d] * mat4x4f(q[rows.x + d], q[rows.y + d], q[rows.z + d], q[rows.w + d]);
          dp += v[at + d] * mat4x4f(dout[rows.x + d], dout[rows.y + d], dout[rows.z + d], dout[rows.w + d]);
        }
        let rows_stats = transpose(mat4x2f(stats[row_heads.x], stats[row_heads.y], stats[row_heads.z], stats[row_heads.w]));
        let p = select(vec4f(0.0), exp(score * SCALE - rows_stats[0]), queries < vec4u(end));
        let ds = p * (dp - rows_stats[1]) * SCALE;
        for (var d = 0u; d < D4; d++) {
          sum_v[d] += mat4x4f(dout[rows.x + d], dout[rows.y + d], dout[rows.z + d], dout[rows.w + d]) * p;
          sum_k[d] += mat4x4f(q[rows.x + d], q[rows.y + d], q[rows.z + d], q[rows.w + d]) * ds;
        }
      }
    }
  }
  for (var d = 0u; d < D4; d++) {
    dk[at + d] = sum_k[d];
    dv[at + d] = sum_v[d];
  }
}
