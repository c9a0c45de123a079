// weight: four neighbouring values of a frozen matrix W, kept in the type its file had.
// f16 is unpacked by a core builtin and bf16 is the upper half of an f32, so neither needs shader-f16.
override WEIGHT_BITS: u32; // 32: f32, 16: f16, 17: bf16

fn weight4(index: u32) -> vec4f {
  if (WEIGHT_BITS == 32u) {
    return bitcast<vec4f>(vec4u(W[2u * index], W[2u * index + 1u]));
  }
  let packed = W[index];
  if (WEIGHT_BITS == 16u) {
    return vec4f(unpack2x16float(packed.x), unpack2x16float(packed.y));
  }
  return bitcast<vec4f>(vec4u(packed.x << 16u, packed.x & 0xffff0000u, packed.y << 16u, packed.y & 0xffff0000u));
}
