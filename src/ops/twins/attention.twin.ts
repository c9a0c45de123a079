// float64 twin of attention.ts: softmax over all earlier keys, written out as the formula stands, with no streaming.
import { at, build, type Matrix } from "./matrix.twin";

export interface AttentionTwinAttributes {
  readonly sequenceLength: number;
  readonly numAttentionHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  /** Positions back that a query sees, its own included; all unless given. */
  readonly window?: number | null;
  /** Tokens of the examples in each sequence, one behind the other; the rest give zero. */
  readonly lengths: readonly (readonly number[])[];
}

/** q [B·T, H·D], k, v [B·T, KV·D] */
export interface AttentionTwinInputs {
  readonly q: Matrix;
  readonly k: Matrix;
  readonly v: Matrix;
}

/** Probabilities of row i of an example over its keys 0 … i; `query` and `key` start at the head's first column. */
function probabilities(
  { q, k }: AttentionTwinInputs,
  first: number,
  i: number,
  query: number,
  key: number,
  { headDim, window }: AttentionTwinAttributes,
): number[] {
  const scores = Array.from({ length: i + 1 }, (_, j) => {
    if (i - j >= (window ?? Number.POSITIVE_INFINITY)) return Number.NEGATIVE_INFINITY;
    let score = 0;
    for (let d = 0; d < headDim; d++) score += at(q, first + i, query + d) * at(k, first + j, key + d);
    return score / Math.sqrt(headDim);
  });
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Calls `visit` for every real query row of every head with its probabilities and places. */
function eachRow(
  inputs: AttentionTwinInputs,
  attributes: AttentionTwinAttributes,
  visit: (p: number[], first: number, i: number, query: number, key: number) => void,
): void {
  const { sequenceLength, numAttentionHeads, numKeyValueHeads, headDim, lengths } = attributes;
  const examples = lengths.flatMap((ofSequence, batch) =>
    ofSequence.map((length, e) => {
      const before = ofSequence.slice(0, e).reduce((sum, each) => sum + each, 0);
      return { length, first: batch * sequenceLength + before };
    }),
  );
  examples.forEach(({ length, first }) => {
    for (let head = 0; head < numAttentionHeads; head++) {
      const keyHead = Math.floor(head / (numAttentionHeads / numKeyValueHeads));
      for (let i = 0; i < length; i++) {
        const [query, key] = [head * headDim, keyHead * headDim];
        visit(probabilities(inputs, first, i, query, key, attributes), first, i, query, key);
      }
    }
  });
}

const zeros = ({ rows, columns }: Matrix): Matrix => build(rows, columns, () => 0);
const add = (a: Matrix, i: number, j: number, value: number): void => {
  a.values[i * a.columns + j]! += value;
};

/** o [B·T, H·D] */
export function attentionForward(inputs: AttentionTwinInputs, attributes: AttentionTwinAttributes): Matrix {
  const o = zeros(inputs.q);
  eachRow(inputs, attributes, (p, first, i, query, key) => {
    for (let j = 0; j <= i; j++) {
      for (let d = 0; d < attributes.headDim; d++) {
        add(o, first + i, query + d, p[j]! * at(inputs.v, first + j, key + d));
      }
    }
  });
  return o;
}

export function attentionBackward(
  inputs: AttentionTwinInputs,
  attributes: AttentionTwinAttributes,
  dout: Matrix,
): AttentionTwinInputs {
  const { q, k, v } = inputs;
  const { headDim } = attributes;
  const gradients = { q: zeros(q), k: zeros(k), v: zeros(v) };
  eachRow(inputs, attributes, (p, first, i, query, key) => {
    const dp = p.map((_, j) => {
      let sum = 0;
      for (let d = 0; d < headDim; d++) sum += at(dout, first + i, query + d) * at(v, first + j, key + d);
      return sum;
    });
    const mean = p.reduce((sum, value, j) => sum + value * dp[j]!, 0);
    p.forEach((value, j) => {
      const ds = (value * (dp[j]! - mean)) / Math.sqrt(headDim);
      for (let d = 0; d < headDim; d++) {
        add(gradients.q, first + i, query + d, ds * at(k, first + j, key + d));
        add(gradients.k, first + j, key + d, ds * at(q, first + i, query + d));
        add(gradients.v, first + j, key + d, value * at(dout, first + i, query + d));
      }
    });
  });
  return gradients;
}
