// attention_forward_tiled: attention_forward for GPUs. A workgroup takes 64 neighbouring query rows past blocks of keys
// and values in workgroup memory, which it reads from global memory once for all of them.
// math:     p[i,j] = softmax_{i−WINDOW<j≤i}(scale·q_i·k_j),  o_i = Σ_j p[i,j]·v_j,  lse_i = log Σ_j exp(scale·q_i·k_j)
//           (Milakov & Gimelshein 2018 for the running maximum; Dao et al. 2022 for keeping lse)
// shapes:   q, o [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); one invocation computes one query row, four keys at a time
// bindings: 0 q  1 k  2 v  3 segments  4 o (written; zero in padding)  5 stats (written; delta is the backward pass's)
// numerics: f32, in order of j
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
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;

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
  var sum: array<vec4f, D4>;
  for (var d = 0u; d < D4; d++) {
    query[d] = q[at + d] * SCALE;
  }
  var highest = -3.0e38;
  var total = 0.0;
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
      for (var d = 0u; d < D4; d++) {
        let key = b * D4 + d;
        score += query[d] * mat4x4f(keys[key], keys[key + D4], keys[key + 2u * D4], keys[key + 3u * D4]);
      }
      score = select(vec4f(-3.0e38), score, (j >= vec4u(first_key)) & (j <= vec4u(i)));
      let new_highest = max(highest, max(max(score.x, score.y), max(score.z, score.w)));
      let correction = exp(highest - new_highest);
      // A first block may begin with keys that the row does not see; each group of four has one that it does.
      let p = exp(score - new_highest);
      total = total * correction + dot(p, vec4f(1.0));
      highest = new_highest;
      for (var d = 0u; d < D4; d++) {
        let value = b * D4 + d;
        sum[d] = sum[d] * correction +
          mat4x4f(values[value], values[value + D4], values[value + 2u * D4], values[value + 3u * D4]) * p;
      }
    }
  }
  if (i >= T) {
    return;
  }
  if (!counts) {
    for (var d = 0u; d < D4; d++) {
      o[at + d] = vec4f(0.0);
    }
    stats[row * HEADS + head] = vec2f(0.0);
    return;
  }
  for (var d = 0u; d < D4; d++) {
    o[at + d] = sum[d] / total;
  }
  stats[row * HEADS + head] = vec2f(highest + log(total), 0.0);
}
