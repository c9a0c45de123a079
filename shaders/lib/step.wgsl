// step: what changes from step to step; everything else is a constant of the plan (src/train/stepScalars.ts).
struct Step {
  seed: u32,
  microStep: u32,              // micro-batches since the run began; keys dropout
  lossRows: u32,               // rows of this micro-batch whose next token counts
  inverseTokens: f32,          // 1 / counted tokens of all accumulated micro-batches
  learningRate: f32,
  stepSize: f32,               // learningRate / (1 - beta1^t)
  sqrtBiasCorrection2: f32,    // sqrt(1 - beta2^t)
  position: u32,               // position of row 0 in its sequence: 0 in training, the cache's length in decoding
}
