// attention_backward_q: gradient of the queries; also leaves delta = dO·O for the keys and values.
// math:     p recomputed from lse,  ds[i,j] = p[i,j]·(dO_i·v_j − delta_i),  dq_i = scale·Σ_j≤i ds[i,j]·k_j
// shapes:   q, o, do, dq [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); one invocation computes one query row, four keys at a time
// bindings: 0 q  1 k  2 v  3 segments  4 o  5 stats (delta written)  6 dout
//           7 dq (written; zero in padding)
// numerics: f32, sums in order of j
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
  var sum: array<vec4f, D4>;
  var product = 0.0;
  let segment = segments[row];
  if (i < segment.y) {
    let kv_head = head / (HEADS / KV_HEADS);
    for (var d = 0u; d < D4; d++) {
      product += dot(dout[at + d], o[at + d]);
    }
    let row_lse = stats[row * HEADS + head].x;
    for (var j = max(segment.x, max(i + 1u, WINDOW) - WINDOW); j <= i; j += 4u) {
      let keys = min(vec4u(j, j + 1u, j + 2u, j + 3u), vec4u(i));
      let rows = ((batch * T + keys) * KV_HEADS + kv_head) * D4;
      var score = vec4f();
      var dp = vec4f();
      for (var d = 0u; d < D4; d++) {
        score += q[at + d] * mat4x4f(k[rows.x + d], k[rows.y + d], k[rows.z + d], k[rows.w + d]);
        dp += dout[at + d] * mat4x4f(v[rows.x + d], v[rows.y + d], v[rows.z + d], v[rows.w + d]);
      }
      let p = select(vec4f(0.0), exp(score * SCALE - row_lse), vec4u(j, j + 1u, j + 2u, j + 3u) <= vec4u(i));
      let ds = p * (dp - product) * SCALE;
      for (var d = 0u; d < D4; d++) {
        sum[d] += mat4x4f(k[rows.x + d], k[rows.y + d], k[rows.z + d], k[rows.w + d]) * ds;
      }
    }
  }
  for (var d = 0u; d < D4; d++) {
    dq[at + d] = sum[d];
  }
  stats[row * HEADS + head].y = product;
}
