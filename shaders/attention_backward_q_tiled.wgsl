// attention_backward_q_tiled: attention_backward_q for GPUs, whose operands pass through workgroup memory.
// math:     p recomputed from lse,  ds[i,j] = p[i,j]·(dO_i·v_j − delta_i),  dq_i = scale·Σ_j≤i ds[i,j]·k_j
// shapes:   q, o, do, dq [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); see lib/attention.wgsl
// bindings: 0 q  1 k  2 v  3 segments  4 o  5 stats (delta written)  6 dout
//           7 dq (written; zero in padding)
// numerics: f32, sums in order of j
// oracle:   oracle/goldens, attention
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;
@group(0) @binding(6) var<storage, read> dout: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dq: array<vec4f>;

var<workgroup> deltas: array<f32, ROWS>;

@compute @workgroup_size(THREADS)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(num_workgroups) groups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let first = (groups.x - 1u - group.x) * ROWS; // rows that see most begin first
  let head = group.y;
  let kv_head = head / (HEADS / KV_HEADS);
  let batch = group.z;
  let score_row = local / BLOCK4;
  let score_column = local % BLOCK4;
  let result_row = local / ROWS4;
  let result_column = local % ROWS4;

  if (local < ROWS) {
    let i = first + local;
    let row = batch * T + min(i, T - 1u);
    var delta = 0.0;
    if (i < min(T, segments[row].y)) {
      for (var d = 0u; d < D4; d++) {
        let at = (row * HEADS + head) * D4 + d;
        delta += dot(dout[at], o[at]);
      }
    }
    deltas[local] = delta;
  }
  workgroupBarrier();
  let rows = first + 4u * score_row + vec4u(0u, 1u, 2u, 3u);
  var first_keys: vec4u; // that the rows see
  var lse: vec4f;
  var delta: vec4f;
  for (var r = 0u; r < 4u; r++) {
    let row = batch * T + min(rows[r], T - 1u);
    first_keys[r] = max(segments[row].x, max(rows[r] + 1u, WINDOW) - WINDOW);
    lse[r] = stats[row * HEADS + head].x;
    delta[r] = deltas[4u * score_row + r];
  }
  var upper: array<mat4x4f, SPANS>;
  var lower: array<mat4x4f, SPANS>;

  // The first row's segment begins before all others'; where it is padding, so are the rest.
  let first_segment = segments[batch * T + first];
  let end = select(0u, min(first + ROWS, T), first_segment.y > 0u);
  for (var start = max(first_segment.x, max(first + 1u, WINDOW) - WINDOW); start < end; start += BLOCK) {
    var score = mat4x4f(); // column r is row r
    var dp = mat4x4f();
    for (var chunk = 0u; chunk < 2u * CHUNKS; chunk++) {
      let second = chunk >= CHUNKS; // first q·k, then dO·v
      let piece = select(local - LEFT_PIECES, local, local < LEFT_PIECES);
      let d = 4u * (chunk % CHUNKS) + piece % 4u;
      let n = 4u * (piece / 4u);
      if (local < LEFT_PIECES) {
        put_left(piece, fetch_queries(batch, head, first + n, d, second));
      } else if (local < LEFT_PIECES + RIGHT_PIECES) {
        put_right(piece, fetch_keys(batch, kv_head, start + n, d, second));
      }
      workgroupBarrier();
      for (var t = 0u; t < CHUNK; t++) {
        let a = left[t * ROWS4 + score_row];
        let b = right[t * BLOCK4 + score_column];
        dp[0] += a.x * b;
        dp[1] += a.y * b;
        dp[2] += a.z * b;
        dp[3] += a.w * b;
      }
      if (chunk + 1u == CHUNKS) {
        score = dp;
        dp = mat4x4f();
      }
      workgroupBarrier();
    }

    let j = start + 4u * score_column + vec4u(0u, 1u, 2u, 3u);
    for (var r = 0u; r < 4u; r++) {
      let seen = (j >= vec4u(first_keys[r])) & (j <= vec4u(rows[r]));
      let p = select(vec4f(0.0), exp(score[r] * SCALE - lse[r]), seen);
      score[r] = p * (dp[r] - delta[r]) * SCALE;
    }
    put_weights(score_row, score_column, score);
    workgroupBarrier();

    for (var span = 0u; span < SPANS; span++) {
      for (var half = 0u; half < BLOCK; half += CHUNK) {
        for (var n = local; n < CHUNK * ROWS4; n += THREADS) {
          let d = min(16u * span + n % ROWS4, D4 - 1u);
          left[n] = k[head_at(batch, start + half + n / ROWS4, KV_HEADS, kv_head) + d];
        }
        workgroupBarrier();
        for (var t = 0u; t < CHUNK; t++) {
          let b = left[t * ROWS4 + result_column];
          let a = weights[(half + t) * ROWS4 + result_row];
          upper[span][0] += a.x * b;
          upper[span][1] += a.y * b;
          upper[span][2] += a.z * b;
          upper[span][3] += a.w * b;
          let c = weights[(half + t) * ROWS4 + result_row + 8u];
          lower[span][0] += c.x * b;
          lower[span][1] += c.y * b;
          lower[span][2] += c.z * b;
          lower[span][3] += c.w * b;
        }
        workgroupBarrier();
      }
    }
  }

  if (local < ROWS && first + local < T) {
    stats[(batch * T + first + local) * HEADS + head].y = deltas[local];
  }
  for (var r = 0u; r < 4u; r++) {
    for (var span = 0u; span < SPANS; span++) {
      let d = 16u * span + result_column;
      let i = first + 4u * result_row + r;
      if (i < T && d < D4) {
        let counts = i < segments[batch * T + i].y;
        dq[head_at(batch, i, HEADS, head) + d] = select(vec4f(0.0), upper[span][r], counts);
      }
      if (i + 32u < T && d < D4) {
        let counts = i + 32u < segments[batch * T + i + 32u].y;
        dq[head_at(batch, i + 32u, HEADS, head) + d] = select(vec4f(0.0), lower[span][r], counts);
      }
    }
  }
}
