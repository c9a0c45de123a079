// attention_cached: attention of new rows over a cache of earlier keys and values, for decoding.
// math:     as attention_forward, with key j visible to new row i when j <= step.position + i, as far back as WINDOW
// shapes:   q, o [T, H·D]  keys, values [CONTEXT, KV·D]
// dispatch: (T, H); a workgroup computes one row of one head: scores by key, then sums by component
// bindings: 0 step  1 q  2 keys  3 values  4 o (written)
// numerics: f32; maximum and sums by a fixed tree
// oracle:   equals attention_forward on the same sequence
override HEADS: u32;
override KV_HEADS: u32;
override D4: u32;
override SCALE: f32;
override WINDOW: u32; // positions back that a row sees, its own included
override CONTEXT: u32;

@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read> q: array<vec4f>;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;
@group(0) @binding(3) var<storage, read> values: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> o: array<vec4f>;

var<workgroup> scores: array<f32, CONTEXT>;
var<workgroup> maxima: array<f32, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) local: u32) {
  let i = group.x;
  let head = group.y;
  let kv_head = head / (HEADS / KV_HEADS);
  let at = (i * HEADS + head) * D4;
  let visible = min(step.position + i + 1u, CONTEXT);
  let first = max(visible, WINDOW) - WINDOW;

  var highest = -3.0e38;
  for (var j = first + local; j < visible; j += WORKGROUP) {
    var score = 0.0;
    for (var d = 0u; d < D4; d++) {
      score += dot(q[at + d], keys[(j * KV_HEADS + kv_head) * D4 + d]);
    }
    scores[j] = score * SCALE;
    highest = max(highest, score * SCALE);
  }
  maxima[local] = highest;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      maxima[local] = max(maxima[local], maxima[local + half]);
    }
    workgroupBarrier();
  }
  highest = maxima[0];

  var sum = 0.0;
  for (var j = first + local; j < visible; j += WORKGROUP) {
    let p = exp(scores[j] - highest);
    scores[j] = p;
    sum += p;
  }
  let total = workgroup_sum(sum, local); // its barriers also publish the scores
  for (var d = local; d < D4; d += WORKGROUP) {
    var mixed = vec4f();
    for (var j = first; j < visible; j++) {
      mixed += scores[j] * values[(j * KV_HEADS + kv_head) * D4 + d];
    }
    o[at + d] = mixed / total;
  }
}
