// dropout: factors 0 or 1/(1-p) for four neighbouring inputs of an adapter (inverted dropout, as PyTorch).
// Keyed by the cell's seed, micro-step, the adapter's stream and the element, counted from the cell's first row, so
// that backward, a resumed run and the cell trained alone see the same mask.
override DROPOUT: f32;

fn dropout4(index: u32, seed: u32, stream: u32) -> vec4f {
  if (DROPOUT == 0.0) {
    return vec4f(1.0);
  }
  let words = philox(vec4u(index, 0u, step.microStep, 0u), vec2u(seed, stream));
  let uniform01 = vec4f(words >> vec4u(8u)) * 5.9604644775390625e-8; // 2^-24
  return select(vec4f(0.0), vec4f(1.0 / (1.0 - DROPOUT)), uniform01 >= vec4f(DROPOUT));
}
