// Choosing the next token from logits: greedy, or drawn after temperature, top-k and top-p, in that order
// (transformers, generation/logits_process.py). On the CPU: one row of logits is read back per token anyway.

export interface SamplingOptions {
  /** 0 is greedy; otherwise logits are divided by it. */
  readonly temperature: number;
  /** Keeps the k likeliest tokens; 0 keeps all. */
  readonly topK: number;
  /** Keeps the likeliest tokens whose probabilities reach this sum; 1 keeps all. */
  readonly topP: number;
}

/** @throws RangeError naming the option that is out of range */
export function checkSampling({ temperature, topK, topP }: SamplingOptions): void {
  const fail = (name: string, expected: string, got: number) => {
    throw new RangeError(`${name}: expected ${expected}, got ${got}`);
  };
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    fail("temperature", "a number from 0", temperature);
  if (!(Number.isInteger(topK) && topK >= 0)) fail("top-k", "a whole number from 0", topK);
  if (!(topP > 0 && topP <= 1)) fail("top-p", "a number above 0 and up to 1", topP);
}

/**
 * The next token.
 * @param logits [V]
 * @param uniform the draw, in [0, 1)
 */
export function sampleToken(logits: Float32Array, options: SamplingOptions, uniform: number): number {
  const { temperature, topK, topP } = options;
  if (temperature === 0) return likeliest(logits);
  const order = Uint32Array.from(logits, (_, token) => token).sort(
    (a, b) => logits[b]! - logits[a]! || a - b,
  );
  const kept = topK > 0 ? order.subarray(0, topK) : order;
  const highest = logits[kept[0]!]!;
  const weights = Float64Array.from(kept, (token) => Math.exp((logits[token]! - highest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);

  let count = 0;
  let mass = 0;
  while (count < kept.length && (count === 0 || mass < topP * total)) mass += weights[count++]!;
  let left = uniform * mass;
  for (let i = 0; i < count; i++) {
    left -= weights[i]!;
    if (left < 0) return kept[i]!;
  }
  return kept[count - 1]!; // rounding used up the last of the mass
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  return best;
}
