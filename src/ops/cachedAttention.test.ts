import { describe, expect, it } from "vitest";
import { pad4 } from "../gpu/tensor";
import { cachedAttention, cacheShapeOf } from "./cachedAttention";
import { relativeError } from "./checkOp";
import { array, normal, type TestArray } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { Harness } from "./testing/harness";
import { attentionForward } from "./twins/attention.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  /** Tokens in the cache beforehand, and new ones. */
  cached: number;
  added: number;
  context: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  window?: number;
}

const rows = (whole: TestArray, first: number, last: number): TestArray => {
  const width = whole.shape[1]!;
  return array([last - first, width], whole.values.subarray(first * width, last * width));
};

/** The cache after `cached` rows: heads padded with zeros, other rows NaN, which must never be read. */
function cacheOf(whole: TestArray, { cached, context, kvHeads, headDim }: Case): TestArray {
  const shape = cacheShapeOf(context, { numKeyValueHeads: kvHeads, headDim });
  const stride = pad4(headDim);
  const values = new Float64Array(shape[0] * shape[1]).fill(Number.NaN);
  for (let row = 0; row < cached; row++) {
    for (let column = 0; column < shape[1]; column++) {
      const [head, d] = [Math.floor(column / stride), column % stride];
      values[row * shape[1] + column] = d < headDim ? whole.values[(row * kvHeads + head) * headDim + d]! : 0;
    }
  }
  return array(shape, values);
}

describe("cachedAttention", () => {
  const cases: Case[] = [
    { cached: 0, added: 1, context: 8, heads: 1, kvHeads: 1, headDim: 4 },
    { cached: 0, added: 67, context: 70, heads: 4, kvHeads: 2, headDim: 8 },
    { cached: 66, added: 1, context: 67, heads: 4, kvHeads: 1, headDim: 12 },
    { cached: 5, added: 3, context: 20, heads: 3, kvHeads: 1, headDim: 10 },
    { cached: 66, added: 5, context: 80, heads: 4, kvHeads: 2, headDim: 10, window: 7 },
    { cached: 130, added: 2, context: 256, heads: 2, kvHeads: 2, headDim: 64 },
  ];
  it.each(cases)("continues a sequence as if it were computed whole: %j", async (c) => {
    const { cached, added, heads, kvHeads, headDim, window = null } = c;
    const name = JSON.stringify(c);
    const T = cached + added;
    const [q, k, v] = [heads, kvHeads, kvHeads].map((count, i) =>
      normal(`${name} ${i}`, [T, count * headDim]),
    ) as [TestArray, TestArray, TestArray];
    const harness = await Harness.open(device, { step: { position: cached }, training: false });
    const attributes = {
      label: "cached",
      batchSize: 1,
      sequenceLength: added,
      numAttentionHeads: heads,
      numKeyValueHeads: kvHeads,
      headDim,
      window,
    };
    const output = cachedAttention(
      harness.trace,
      {
        q: await harness.upload("q", rows(q, cached, T), "activation"),
        k: await harness.upload("k", rows(k, cached, T), "activation"),
        v: await harness.upload("v", rows(v, cached, T), "activation"),
        cache: {
          keys: await harness.upload("keys", cacheOf(k, c), "activation"),
          values: await harness.upload("values", cacheOf(v, c), "activation"),
        },
      },
      attributes,
    );
    await harness.keep("o", output);
    const actual = (await harness.run()).get("o")!.values;
    const whole = attentionForward(
      {
        q: matrix(q.values, T, heads * headDim),
        k: matrix(k.values, T, kvHeads * headDim),
        v: matrix(v.values, T, kvHeads * headDim),
      },
      { ...attributes, sequenceLength: T, lengths: [[T]] },
    );
    const error = relativeError(actual, whole.values.subarray(cached * heads * headDim));
    expect(error).toBeLessThan(2e-6);
  });
});
