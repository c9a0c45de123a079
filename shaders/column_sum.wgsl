// column_sum: partial column sums of a gradient; dbias, and with a factor the gradient of a norm's weight.
// math:     sums[p][m] = Σ_{n in part p} dy[n,m]·(x[n,m]·rstd[n] when WEIGHTED)
// shapes:   dy, x [N, out]  rstd [N]  sums [PARTS, out]   rows padded to four
// dispatch: (out/4/64, PARTS)      bindings: 0 dy  1 x  2 rstd  3 sums (written)
// numerics: f32 sums over the rows of a part in order
// oracle:   oracle/goldens, lora_linear (dbias) and rms_norm (dweight)
override N: u32;
override OUT4: u32;
override PART_ROWS: u32;
override WEIGHTED: bool;

@group(0) @binding(0) var<storage, read> dy: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> rstd: array<f32>;
@group(0) @binding(3) var<storage, read_write> sums: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let m = id.x;
  if (m >= OUT4) {
    return;
  }
  let first = id.y * PART_ROWS;
  var sum = vec4f();
  for (var n = first; n < min(first + PART_ROWS, N); n++) {
    var value = dy[n * OUT4 + m];
    if (WEIGHTED) {
      value *= x[n * OUT4 + m] * rstd[n];
    }
    sum += value;
  }
  sums[id.y * OUT4 + m] = sum;
}
