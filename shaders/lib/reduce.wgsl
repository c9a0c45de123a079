// reduce: the sum of one value per invocation over a workgroup, by a tree of fixed order, so that the result
// does not depend on the adapter's subgroup width.
override WORKGROUP: u32;
var<workgroup> reduce_scratch: array<f32, WORKGROUP>;

fn workgroup_sum(value: f32, local: u32) -> f32 {
  reduce_scratch[local] = value;
  workgroupBarrier();
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    if (local < half) {
      reduce_scratch[local] += reduce_scratch[local + half];
    }
    workgroupBarrier();
  }
  let total = reduce_scratch[0];
  workgroupBarrier(); // the scratch may be written again
  return total;
}
