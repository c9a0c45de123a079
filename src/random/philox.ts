// Counter-based random numbers: every draw is a pure function of (seed, stream, index), so a run can be
// resumed at any step, and kernels can recompute a mask instead of storing it (shaders/lib/philox.wgsl).
// Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the unsigned product a·b, in 16-bit limbs because JavaScript integers end at 2^53. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + (middle >>> 16) + (carry >>> 16)) >>> 0;
}

export type Block = readonly [number, number, number, number];

/** Ten Philox rounds: four uniform 32-bit words from a 128-bit counter and a 64-bit key. */
export function philox4x32(counter: Block, key: readonly [number, number]): Block {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** FNV-1a over UTF-16 units: turns a stream's name into half of the key. */
export function streamKey(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** An endless indexed sequence: `word(i)` never depends on what was drawn before. */
export class RandomStream {
  readonly #key: readonly [number, number];
  #blockIndex = -1;
  #block: Block = [0, 0, 0, 0];

  /** @param seed integer in [0, 2^32); @param name separates uses of one seed, e.g. "shuffle:3". */
  constructor(seed: number, name: string) {
    this.#key = [seed >>> 0, streamKey(name)];
  }

  /** Uniform 32-bit integer at `index`. */
  word(index: number): number {
    const blockIndex = Math.floor(index / 4);
    if (blockIndex !== this.#blockIndex) {
      this.#block = philox4x32([blockIndex >>> 0, Math.floor(blockIndex / 2 ** 32), 0, 0], this.#key);
      this.#blockIndex = blockIndex;
    }
    return this.#block[index & 3]!;
  }

  /** Uniform in [0, 1) with 24 bits, so that it is exact in f32. */
  uniform(index: number): number {
    return (this.word(index) >>> 8) * 2 ** -24;
  }

  /** Standard normal by Box–Muller; uses words 2·index and 2·index + 1. */
  normal(index: number): number {
    const u = ((this.word(2 * index) >>> 8) + 1) * 2 ** -24;
    const v = (this.word(2 * index + 1) >>> 8) * 2 ** -24;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }

  /** Uniform integer in [0, bound), bound < 2^32; the bias of one part in 2^32/bound is accepted. */
  integer(index: number, bound: number): number {
    return Math.floor((this.word(index) / 2 ** 32) * bound);
  }

  /** Fisher–Yates order of 0 … length − 1. */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i, i + 1);
      const kept = order[i]!;
      order[i] = order[j]!;
      order[j] = kept;
    }
    return order;
  }
}
