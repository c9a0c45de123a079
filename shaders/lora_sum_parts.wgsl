// lora_sum_parts: adds the partial sums of a layer's dA and dB, of all cells, into the flat gradients; for GPUs.
// math:     dA[i] += Σ_p sumsA[p][i]      dB[i] += Σ_p sumsB[p][i]
// shapes:   of each cell: sumsA [PARTS, R, in]  sumsB [PARTS, out, R]  dA [R, in]  dB [out, R]   vec4 units
// dispatch: (largest factor/64 over x and y, 2·cells); z is 2·cell, plus 1 for B
// bindings: 0 sumsA  1 sumsB  2 table  3 grads (added to)
// numerics: f32 sums in order of p
// oracle:   oracle/goldens, lora_linear
override IN4: u32;
override OUT4: u32;
override PARTS: u32;

@group(0) @binding(0) var<storage, read> sumsA: array<vec4f>;
@group(0) @binding(1) var<storage, read> sumsB: array<vec4f>;
@group(0) @binding(2) var<storage, read> table: array<LoraCell>;
@group(0) @binding(3) var<storage, read_write> grads: array<vec4f>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = id.y * groups.x * 64u + id.x;
  let lora = table[id.z / 2u];
  var sum = vec4f();
  if (id.z % 2u == 0u) {
    let size4 = lora.rank4 * 4u * IN4;
    if (i < size4) {
      let start = lora.before4 * 4u * IN4 * PARTS + i;
      for (var p = 0u; p < PARTS; p++) {
        sum += sumsA[start + p * size4];
      }
      grads[lora.a + i] += sum;
    }
  } else {
    let size4 = lora.rank4 * 4u * OUT4;
    if (i < size4) {
      let start = lora.before4 * 4u * OUT4 * PARTS + i;
      for (var p = 0u; p < PARTS; p++) {
        sum += sumsB[start + p * size4];
      }
      grads[lora.b + i] += sum;
    }
  }
}
