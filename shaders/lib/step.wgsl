// step: what changes from step to step; everything else is a constant of the plan (src/train/stepBlock.ts).
struct Step {
  microStep: u32,              // micro-batches since the run began; keys dropout
  lossRows: u32,               // rows of this micro-batch whose next token counts, in each cell
  inverseTokens: f32,          // 1 / counted tokens of all accumulated micro-batches of a cell
  sqrtBiasCorrection2: f32,    // sqrt(1 - beta2^t)
  position: u32,               // position of row 0 in its sequence: 0 in training, the cache's length in decoding
}

// What each cell of a race has for itself. A single run is a race of one cell.
struct CellStep {
  seed: u32,
  trains: u32,                 // 0: the cell has ended, and its values stay
  learningRate: f32,
  stepSize: f32,               // learningRate / (1 - beta1^t)
}
