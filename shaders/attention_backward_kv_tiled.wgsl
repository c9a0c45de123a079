// attention_backward_kv_tiled: attention_backward_kv for GPUs, whose operands pass through workgroup memory.
// math:     dv_j = Σ_h Σ_i≥j p[i,j]·dO_i,  dk_j = scale·Σ_h Σ_i≥j p[i,j]·(dO_i·v_j − delta_i)·q_i
// shapes:   q, do [B·T, H·D]  k, v, dk, dv [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, KV, B); see lib/attention.wgsl: the rows are keys, the blocks are of queries
// bindings: 0 q  1 k  2 v  3 segments  4 stats  5 dout  6 dk  7 dv (written; zero in padding)
// numerics: f32, sums in order of head and i; no float atomics needed
// oracle:   oracle/goldens, attention
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read> stats: array<vec2f>;
@group(0) @binding(5) var<storage, read> dout: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> dk: array<vec4f>;
@group(0) @binding(7) var<storage, read_write> dv: array<vec4f>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let first = group.x * ROWS; // keys that are seen by most begin first
  let kv_head = group.y;
  let batch = group.z;
  let score_row = local / BLOCK4;
  let score_column = local % BLOCK4;
  let result_row = local / ROWS4;
  let result_column = local % ROWS4;

  let rows = first + 4u * score_row + vec4u(0u, 1u, 2u, 3u);
  var ends: vec4u; // of the queries that see each key
  for (var r = 0u; r < 4u; r++) {
    let segment = segments[batch * T + min(rows[r], T - 1u)];
    ends[r] = select(0u, min(segment.y, rows[r] + WINDOW), rows[r] < T);
  }
  var upper_k: array<mat4x4f, SPANS>;
  var lower_k: array<mat4x4f, SPANS>;
  var upper_v: array<mat4x4f, SPANS>;
  var lower_v: array<mat4x4f, SPANS>;

  // The queries that see any of the keys. Behind the last example there is padding, whose segments end at 0.
  let last = min(first + ROWS, T);
  let last_end = segments[batch * T + last - 1u].y;
  let all_end = select(select(last, 0u, segments[batch * T + first].y == 0u), last_end, last_end > 0u);
  let end = min(all_end, first + ROWS - 1u + WINDOW);
  for (var shared_by = 0u; shared_by < HEADS / KV_HEADS; shared_by++) {
    let head = kv_head * (HEADS / KV_HEADS) + shared_by;
    for (var start = first; start < end; start += BLOCK) {
      var score = mat4x4f(); // column r is key r
      var dp = mat4x4f();
      for (var chunk = 0u; chunk < 2u * CHUNKS; chunk++) {
        let second = chunk >= CHUNKS; // first k·q, then v·dO
        let piece = select(local - LEFT_PIECES, local, local < LEFT_PIECES);
        let d = 4u * (chunk % CHUNKS) + piece % 4u;
        let n = 4u * (piece / 4u);
        if (local < LEFT_PIECES) {
          put_left(piece, fetch_keys(batch, kv_head, first + n, d, second));
        } else if (local < LEFT_PIECES + RIGHT_PIECES) {
          put_right(piece, fetch_queries(batch, head, start + n, d, second));
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

      let i = start + 4u * score_column + vec4u(0u, 1u, 2u, 3u);
      let stats_at = (batch * T + min(i, vec4u(T - 1u))) * HEADS + head;
      let of_queries = transpose(mat4x2f(stats[stats_at.x], stats[stats_at.y], stats[stats_at.z], stats[stats_at.w]));
      for (var r = 0u; r < 4u; r++) {
        let sees = (vec4u(rows[r]) <= i) & (i < vec4u(ends[r]));
        score[r] = select(vec4f(0.0), exp(score[r] * SCALE - of_queries[0]), sees);
        dp[r] = score[r] * (dp[r] - of_queries[1]) * SCALE;
      }

      for (var of_values = 0u; of_values < 2u; of_values++) { // first dk, then dv
        if (of_values == 0u) {
          put_weights(score_row, score_column, dp);
        } else {
          put_weights(score_row, score_column, score);
        }
        for (var span = 0u; span < SPANS; span++) {
          for (var half = 0u; half < BLOCK; half += CHUNK) {
            for (var n = local; n < CHUNK * ROWS4; n += THREADS) {
              let at = head_at(batch, start + half + n / ROWS4, HEADS, head) + min(16u * span + n % ROWS4, D4 - 1u);
              if (of_values == 0u) {
                left[n] = q[at];
              } else {
                left[n] = dout[at];
              }
            }
            workgroupBarrier();
            var upper = upper_k[span];
            var lower = lower_k[span];
            if (of_values == 1u) {
              upper = upper_v[span];
              lower = lower_v[span];
            }
            for (var t = 0u; t < CHUNK; t++) {
              let b = left[t * ROWS4 + result_column];
              let a = weights[(half + t) * ROWS4 + result_row];
              upper[0] += a.x * b;
              upper[1] += a.y * b;
              upper[2] += a.z * b;
              upper[3] += a.w * b;
              let c = weights[(half + t) * ROWS4 + result_row + 8u];
              lower[0] += c.x * b;
              lower[1] += c.y * b;
              lower[2] += c.z * b;
              lower[3] += c.w * b;
            }
            if (of_values == 0u) {
              upper_k[span] = upper;
              lower_k[span] = lower;
            } else {
              upper_v[span] = upper;
              lower_v[span] = lower;
            }
            workgroupBarrier();
          }
        }
      }
    }
  }

  for (var r = 0u; r < 4u; r++) {
    for (var span = 0u; span < SPANS; span++) {
      let d = 16u * span + result_column;
      let j = first + 4u * result_row + r;
      if (j < T && d < D4) {
        let at = head_at(batch, j, KV_HEADS, kv_head) + d;
        dk[at] = upper_k[span][r];
        dv[at] = upper_v[span][r];
      }
      if (j + 32u < T && d < D4) {
        let at = head_at(batch, j + 32u, KV_HEADS, kv_head) + d;
        dk[at] = lower_k[span][r];
        dv[at] = lower_v[span][r];
      }
    }
  }
}
