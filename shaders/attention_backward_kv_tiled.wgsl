// attention_backward_kv_tiled: attention_backward_kv for GPUs, keys or values in a run of their own, since registers do
// not hold the sums of both; see attention_forward_tiled.
// math:     dv_j = Σ_h Σ_i≥j p[i,j]·dO_i,  dk_j = scale·Σ_h Σ_i≥j p[i,j]·(dO_i·v_j − delta_i)·q_i
// shapes:   q, do [B·T, H·D]  k, v, dk, dv [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, KV, B); one invocation computes one key row, four queries at a time
// bindings: 0 q  1 k  2 v  3 segments  4 stats  5 dout  6 gradient (dk when OF_KEYS, otherwise dv; written; zero in
//           padding)
// numerics: f32, sums in order of head and i; no float atomics needed
// oracle:   oracle/goldens, attention
override T: u32;
override HEADS: u32;
override KV_HEADS: u32;
override D4: u32;
override SCALE: f32;
override WINDOW: u32; // positions back that a query sees, its own included
override BLOCK: u32;  // queries in workgroup memory at a time, a multiple of four
override OF_KEYS: bool;

const ROWS = 64u;

@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
@group(0) @binding(5) var<storage, read> dout: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> gradient: array<vec4f>;

var<workgroup> queries: array<vec4f, BLOCK * D4>;
var<workgroup> gradients: array<vec4f, BLOCK * D4>; // of the queries' outputs

@compute @workgroup_size(ROWS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let first = group.x * ROWS; // keys that are seen by most begin first
  let j = first + local;
  let kv_head = group.y;
  let batch = group.z;
  let segment_end = select(0u, segments[batch * T + min(j, T - 1u)].y, j < T);
  let at = ((batch * T + min(j, T - 1u)) * KV_HEADS + kv_head) * D4;

  var key: array<vec4f, D4>;
  var value: array<vec4f, D4>;
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    key[d] = k[at + d] * SCALE;
    if (OF_KEYS) {
      value[d] = v[at + d];
    }
  }
  // The queries that see any of the keys. Behind the last example there is padding, whose segments end at 0.
  let last = min(first + ROWS, T);
  let last_end = segments[batch * T + last - 1u].y;
  let all_end = select(select(last, 0u, segments[batch * T + first].y == 0u), last_end, last_end > 0u);
  let end = min(all_end, first + ROWS - 1u + WINDOW);
  for (var shared_by = 0u; shared_by < HEADS / KV_HEADS; shared_by++) {
    let head = kv_head * (HEADS / KV_HEADS) + shared_by;
    for (var start = first; start < end; start += BLOCK) {
      workgroupBarrier(); // the block before has been read
      for (var t = local; t < BLOCK * D4; t += ROWS) {
        let source = ((batch * T + min(start + t / D4, T - 1u)) * HEADS + head) * D4 + t % D4;
        queries[t] = q[source];
        gradients[t] = dout[source];
      }
      workgroupBarrier();
      for (var b = 0u; b < BLOCK && start + b < end; b += 4u) {
        let i = start + b + vec4u(0u, 1u, 2u, 3u);
        var score = vec4f();
        var dp = vec4f();
        for (var d = 0u; d < D4; d++) {
          let n = b * D4 + d;
          score += key[d] * mat4x4f(queries[n], queries[n + D4], queries[n + 2u * D4], queries[n + 3u * D4]);
          if (OF_KEYS) {
            dp += value[d] * mat4x4f(gradients[n], gradients[n + D4], gradients[n + 2u * D4], gradients[n + 3u * D4]);
          }
        }
        let rows = (batch * T + min(i, vec4u(T - 1u))) * HEADS + head;
        let rows_stats = transpose(mat4x2f(stats[rows.x], stats[rows.y], stats[rows.z], stats[rows.w]));
        let sees = (vec4u(j) <= i) & (i < vec4u(min(segment_end, j + WINDOW)));
        let p = select(vec4f(0.0), exp(score - rows_stats[0]), sees);
        let ds = p * (dp - rows_stats[1]) * SCALE;
        for (var d = 0u; d < D4; d++) {
          let n = b * D4 + d;
          if (OF_KEYS) {
            sum[d] += mat4x4f(queries[n], queries[n + D4], queries[n + 2u * D4], queries[n + 3u * D4]) * ds;
          } else {
            sum[d] += mat4x4f(gradients[n], gradients[n + D4], gradients[n + 2u * D4], gradients[n + 3u * D4]) * p;
          }
        }
      }
    }
  }
  if (j < T) {
    for (var d = 0u; d < D4; d++) {
      gradient[at + d] = select(vec4f(0.0), sum[d], j < segment_end);
    }
  }
}
