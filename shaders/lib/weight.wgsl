// weight: four neighbouring values of a frozen matrix W, kept in the type its file had or in fewer bits.
// f16 is unpacked by a core builtin and bf16 is the upper half of an f32, so neither needs shader-f16. Codes of fewer
// bits come first, then what they stand for (src/gpu/quantised.ts): int8 times its row's scale, NF4's value (Dettmers
// et al. 2023, appendix E) times its block's, which double quantisation keeps as a code of its own.
override WEIGHT_BITS: u32; // 32: f32, 16: f16, 17: bf16, 8: int8, 4: NF4, 5: NF4 with scales in 8 bits
const IS_QUANTISED = WEIGHT_BITS < 16u; // a constant: only what the type needs is compiled
override WEIGHT_ROW4: u32;
override WEIGHT_SCALES: u32; // first word behind the codes: scales of int8, NF4's 16 values and then scales

fn weight_word(index: u32) -> u32 {
  let pair = W[index / 2u];
  return select(pair.x, pair.y, index % 2u == 1u);
}

fn weight_scale(block: u32) -> f32 {
  if (WEIGHT_BITS == 4u) {
    return bitcast<f32>(weight_word(WEIGHT_SCALES + 16u + block));
  }
  let first = WEIGHT_SCALES + 16u;
  let blocks = (WEIGHT_SCALES + 7u) / 8u;
  let outer = first + (blocks + 3u) / 4u;
  let offset = outer + (blocks + 255u) / 256u;
  let code = (weight_word(first + block / 4u) >> (8u * (block % 4u))) & 255u;
  return bitcast<f32>(weight_word(offset + 1u + code)) * bitcast<f32>(weight_word(outer + block / 256u)) +
    bitcast<f32>(weight_word(offset));
}

// From the buffer: an array of constants that is indexed by a variable becomes memory of every invocation's own.
fn nf4(code: u32) -> f32 {
  return bitcast<f32>(weight_word(WEIGHT_SCALES + code));
}

fn weight4(index: u32) -> vec4f {
  if (WEIGHT_BITS == 32u) {
    return bitcast<vec4f>(vec4u(W[2u * index], W[2u * index + 1u]));
  }
  if (WEIGHT_BITS == 8u) {
    let codes = bitcast<vec4i>(vec4u(weight_word(index)) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
    return vec4f(codes) * bitcast<f32>(weight_word(WEIGHT_SCALES + index / WEIGHT_ROW4));
  }
  if (IS_QUANTISED) {
    let packed = weight_word(index / 2u) >> (16u * (index % 2u));
    let codes = (vec4u(packed) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
    return vec4f(nf4(codes.x), nf4(codes.y), nf4(codes.z), nf4(codes.w)) * weight_scale(index / 16u);
  }
  let packed = W[index];
  if (WEIGHT_BITS == 16u) {
    return vec4f(unpack2x16float(packed.x), unpack2x16float(packed.y));
  }
  return bitcast<vec4f>(vec4u(packed.x << 16u, packed.x & 0xffff0000u, packed.y << 16u, packed.y & 0xffff0000u));
}
