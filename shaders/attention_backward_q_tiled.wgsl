// attention_backward_q_tiled: attention_backward_q for GPUs; see attention_forward_tiled.
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
override BLOCK: u32;  // keys in workgroup memory at a time, a multiple of four

const ROWS = 64u;

@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read> dout: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq: array<vec4f>;

var<workgroup> keys: array<vec4f, BLOCK * D4>;
var<workgroup> values: array<vec4f, BLOCK * D4>;

@compute @workgroup_size(ROWS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let first = (groups.x - 1u - group.x) * ROWS; // rows that see most begin first
  let i = first + local;
  let head = group.y;
  let batch = group.z;
  let kv_head = head / (HEADS / KV_HEADS);
  let row = batch * T + min(i, T - 1u);
  let segment = segments[row];
  let first_key = max(segment.x, max(i + 1u, WINDOW) - WINDOW); // that the row sees
  let counts = i < segment.y;
  let at = (row * HEADS + head) * D4;

  var query: array<vec4f, D4>;
  var gradient: array<vec4f, D4>; // of the row's output
  var sum: array<vec4f, D4>;
  var delta = 0.0;
  for (var d = 0u; d < D4; d++) {
    query[d] = q[at + d] * SCALE;
    gradient[d] = dout[at + d];
    delta += dot(gradient[d], o[at + d]);
  }
  let row_lse = stats[row * HEADS + head].x;
  // The first row's segment begins before all others'; where it is padding, so are the rest.
  let first_segment = segments[batch * T + first];
  let end = select(0u, min(first + ROWS, T), first_segment.y > 0u);
  for (var start = max(first_segment.x, max(first + 1u, WINDOW) - WINDOW); start < end; start += BLOCK) {
    workgroupBarrier(); // the block before has been read
    for (var t = local; t < BLOCK * D4; t += ROWS) {
      let from_row = batch * T + min(start + t / D4, T - 1u);
      keys[t] = k[(from_row * KV_HEADS + kv_head) * D4 + t % D4];
      values[t] = v[(from_row * KV_HEADS + kv_head) * D4 + t % D4];
    }
    workgroupBarrier();
    for (var b = 0u; b < BLOCK && start + b <= i; b += 4u) {
      if (start + b + 3u < first_key) {
        continue;
      }
      let j = start + b + vec4u(0u, 1u, 2u, 3u);
      var score = vec4f();
      var dp = vec4f();
      for (var d = 0u; d < D4; d++) {
        let n = b * D4 + d;
        score += query[d] * mat4x4f(keys[n], keys[n + D4], keys[n + 2u * D4], keys[n + 3u * D4]);
        dp += gradient[d] * mat4x4f(values[n], values[n + D4], values[n + 2u * D4], values[n + 3u * D4]);
      }
      let p = select(vec4f(0.0), exp(score - row_lse), (j >= vec4u(first_key)) & (j <= vec4u(i)));
      let ds = p * (dp - delta) * SCALE;
      for (var d = 0u; d < D4; d++) {
        let n = b * D4 + d;
        sum[d] += mat4x4f(keys[n], keys[n + D4], keys[n + 2u * D4], keys[n + 3u * D4]) * ds;
      }
    }
  }
  if (i >= T) {
    return;
  }
  for (var d = 0u; d < D4; d++) {
    dq[at + d] = select(vec4f(0.0), sum[d], counts);
  }
  stats[row * HEADS + head].y = select(0.0, delta, counts);
}
