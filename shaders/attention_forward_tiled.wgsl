// attention_forward_tiled: attention_forward for GPUs, whose operands pass through workgroup memory.
// math:     p[i,j] = softmax_{i−WINDOW<j≤i}(scale·q_i·k_j),  o_i = Σ_j p[i,j]·v_j,  lse_i = log Σ_j exp(scale·q_i·k_j)
//           over the keys of i's segment (Dao et al. 2022)
// shapes:   q, o [B·T, H·D]  k, v [B·T, KV·D]  segments [B·T] of (first, end)  stats [B·T, H] of (lse, delta)
// dispatch: (T/64, H, B); see lib/attention.wgsl
// bindings: 0 q  1 k  2 v  3 segments  4 o (written; zero in padding)  5 stats (written; delta is the backward pass's)
// numerics: f32, in order of j; the sum of a row's weights by eighths
// oracle:   oracle/goldens, attention
@group(0) @binding(0) var<storage, read> q: array<vec4f>;
@group(0) @binding(1) var<storage, read> k: array<vec4f>;
@group(0) @binding(2) var<storage, read> v: array<vec4f>;
@group(0) @binding(3) var<storage, read> segments: array<vec2u>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> stats: array<vec2f>;

var<workgroup> corrections: array<vec4f, ROWS4>;

fn row_of_q(batch: u32, head: u32, i: u32, d: u32) -> vec4f {
  return select(vec4f(0.0), q[head_at(batch, i, HEADS, head) + min(d, D4 - 1u)], d < D4);
}

fn row_of_k(batch: u32, head: u32, j: u32, d: u32) -> vec4f {
  return select(vec4f(0.0), k[head_at(batch, j, KV_HEADS, head) + min(d, D4 - 1u)], d < D4);
}

fn row_of_v(batch: u32, head: u32, j: u32, d: u32) -> vec4f {
  return v[head_at(batch, j, KV_HEADS, head) + min(d, D4 - 1u)];
}

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

  let rows = first + 4u * score_row + vec4u(0u, 1u, 2u, 3u);
  var first_keys: vec4u; // that the rows see
  for (var r = 0u; r < 4u; r++) {
    first_keys[r] = max(segments[batch * T + min(rows[r], T - 1u)].x, max(rows[r] + 1u, WINDOW) - WINDOW);
  }
  var highest = vec4f(-3.0e38);
  var total = vec4f(); // of the invocation's own keys
  var upper: array<mat4x4f, SPANS>;
  var lower: array<mat4x4f, SPANS>;

  // The first row's segment begins before all others'; where it is padding, so are the rest.
  let first_segment = segments[batch * T + first];
  let end = select(0u, min(first + ROWS, T), first_segment.y > 0u);
  for (var start = max(first_segment.x, max(first + 1u, WINDOW) - WINDOW); start < end; start += BLOCK) {
    var score = mat4x4f(); // column r is row r
    for (var chunk = 0u; chunk < CHUNKS; chunk++) {
      let piece = select(local - LEFT_PIECES, local, local < LEFT_PIECES);
      let d = 4u * chunk + piece % 4u;
      let n = 4u * (piece / 4u);
      if (local < LEFT_PIECES) {
        let i = first + n;
        put_left(piece, mat4x4f(
          row_of_q(batch, head, i, d), row_of_q(batch, head, i + 1u, d),
          row_of_q(batch, head, i + 2u, d), row_of_q(batch, head, i + 3u, d)));
      } else if (local < LEFT_PIECES + RIGHT_PIECES) {
        let j = start + n;
        put_right(piece, mat4x4f(
          row_of_k(batch, kv_head, j, d), row_of_k(batch, kv_head, j + 1u, d),
          row_of_k(batch, kv_head, j + 2u, d), row_of_k(batch, kv_head, j + 3u, d)));
      }
      workgroupBarrier();
      for (var t = 0u; t < CHUNK; t++) {
        let a = left[t * ROWS4 + score_row];
        let b = right[t * BLOCK4 + score_column];
        score[0] += a.x * b;
        score[1] += a.y * b;
        score[2] += a.z * b;
        score[3] += a.w * b;
      }
      workgroupBarrier();
    }

    let j = start + 4u * score_column + vec4u(0u, 1u, 2u, 3u);
    var own_highest: vec4f;
    for (var r = 0u; r < 4u; r++) {
      score[r] = select(vec4f(-3.0e38), score[r] * SCALE, (j >= vec4u(first_keys[r])) & (j <= vec4u(rows[r])));
      own_highest[r] = max(max(score[r].x, score[r].y), max(score[r].z, score[r].w));
    }
    right[score_column * ROWS4 + score_row] = own_highest;
    workgroupBarrier();
    var new_highest = highest;
    for (var c = 0u; c < BLOCK4; c++) {
      new_highest = max(new_highest, right[c * ROWS4 + score_row]);
    }
    let correction = exp(highest - new_highest);
    highest = new_highest;
    total *= correction;
    for (var r = 0u; r < 4u; r++) {
      let seen = (j >= vec4u(first_keys[r])) & (j <= vec4u(rows[r]));
      score[r] = select(vec4f(0.0), exp(score[r] - new_highest[r]), seen);
      total[r] += dot(score[r], vec4f(1.0));
    }
    put_weights(score_row, score_column, score);
    if (score_column == 0u) {
      corrections[score_row] = correction;
    }
    workgroupBarrier();

    let upper_correction = corrections[result_row];
    let lower_correction = corrections[result_row + 8u];
    for (var span = 0u; span < SPANS; span++) {
      for (var r = 0u; r < 4u; r++) {
        upper[span][r] *= upper_correction[r];
        lower[span][r] *= lower_correction[r];
      }
      for (var half = 0u; half < BLOCK; half += CHUNK) {
        for (var n = local; n < CHUNK * ROWS4; n += THREADS) {
          left[n] = row_of_v(batch, kv_head, start + half + n / ROWS4, 16u * span + n % ROWS4);
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

  right[score_column * ROWS4 + score_row] = total;
  workgroupBarrier();
  var sums = vec4f(); // of the score's rows
  var upper_sums = vec4f(); // of the results'
  var lower_sums = vec4f();
  for (var c = 0u; c < BLOCK4; c++) {
    sums += right[c * ROWS4 + score_row];
    upper_sums += right[c * ROWS4 + result_row];
    lower_sums += right[c * ROWS4 + result_row + 8u];
  }
  for (var r = 0u; r < 4u; r++) {
    if (score_column == 0u && rows[r] < T) {
      let row = batch * T + rows[r];
      let lse = highest[r] + log(sums[r]);
      stats[row * HEADS + head] = vec2f(select(0.0, lse, rows[r] < segments[row].y), 0.0);
    }
    for (var span = 0u; span < SPANS; span++) {
      let d = 16u * span + result_column;
      let i = first + 4u * result_row + r;
      if (i < T && d < D4) {
        let counts = i < segments[batch * T + i].y;
        o[head_at(batch, i, HEADS, head) + d] = select(vec4f(0.0), upper[span][r] / upper_sums[r], counts);
      }
      if (i + 32u < T && d < D4) {
        let counts = i + 32u < segments[batch * T + i + 32u].y;
        o[head_at(batch, i + 32u, HEADS, head) + d] = select(vec4f(0.0), lower[span][r] / lower_sums[r], counts);
      }
    }
  }
}
