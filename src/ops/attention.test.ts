import { describe, expect, it } from "vitest";
import { type Tiling, workgroupTiling } from "../gpu/tiling";
import { attention } from "./attention";
import { activation, checkOp, frozen } from "./checkOp";
import { segmentsOf } from "./segments";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { attentionBackward, attentionForward } from "./twins/attention.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  T: number;
  /** Tokens of the examples in each sequence. */
  lengths: number[][];
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Deviation of q and k: large ones make a sharp softmax. */
  deviation?: number;
  window?: number;
}

function check(c: Case, tiling?: Tiling): Promise<Map<string, number>> {
  const { T, lengths, heads, kvHeads, headDim, deviation = 1, window = null } = c;
  const name = JSON.stringify(c);
  const N = lengths.length * T;
  const [C, KV] = [heads * headDim, kvHeads * headDim];
  const attributes = {
    label: "attention",
    batchSize: lengths.length,
    sequenceLength: T,
    numAttentionHeads: heads,
    numKeyValueHeads: kvHeads,
    headDim,
    window,
    lengths,
  };
  const inputsOf = (values: Record<"q" | "k" | "v", Float64Array>) => ({
    q: matrix(values.q, N, C),
    k: matrix(values.k, N, KV),
    v: matrix(values.v, N, KV),
  });
  return checkOp(device, {
    operands: {
      q: activation(normal(`${name} q`, [N, C], { deviation })),
      k: activation(normal(`${name} k`, [N, KV], { deviation })),
      v: activation(normal(`${name} v`, [N, KV])),
      segments: frozen(array([2 * N], segmentsOf(lengths, T), "u32")),
    },
    dOutput: normal(`${name} dout`, [N, C]),
    build: (trace, operands) => attention(trace, operands, attributes),
    twin: (values, dOutput) => {
      const inputs = inputsOf(values);
      const gradients = attentionBackward(inputs, attributes, matrix(dOutput, N, C));
      return {
        output: attentionForward(inputs, attributes).values,
        gradients: { q: gradients.q.values, k: gradients.k.values, v: gradients.v.values },
      };
    },
    tolerance: { forward: 2e-6, backward: 5e-6 },
    tiling,
  });
}

describe("attention", () => {
  const cases: Case[] = [
    { T: 1, lengths: [[1]], heads: 1, kvHeads: 1, headDim: 4 },
    { T: 13, lengths: [[13], [5], [1], []], heads: 4, kvHeads: 2, headDim: 8 },
    { T: 67, lengths: [[67], [64], [2]], heads: 4, kvHeads: 1, headDim: 12 },
    { T: 7, lengths: [[7], [3]], heads: 3, kvHeads: 1, headDim: 10 },
    { T: 9, lengths: [[4], [9]], heads: 3, kvHeads: 3, headDim: 7 },
    { T: 10, lengths: [[10], [6]], heads: 2, kvHeads: 2, headDim: 16, deviation: 4 },
    { T: 13, lengths: [[13], [5], [2]], heads: 4, kvHeads: 2, headDim: 8, window: 1 },
    { T: 67, lengths: [[67], [6], [1]], heads: 4, kvHeads: 2, headDim: 10, window: 5 },
    {
      T: 13,
      lengths: [
        [4, 1, 8],
        [6, 5],
        [1, 1, 2],
      ],
      heads: 4,
      kvHeads: 2,
      headDim: 8,
    },
    {
      T: 67,
      lengths: [
        [30, 37],
        [9, 3, 20, 5],
      ],
      heads: 4,
      kvHeads: 2,
      headDim: 10,
      window: 5,
    },
    { T: 130, lengths: [[129]], heads: 2, kvHeads: 2, headDim: 64 },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect([...errors.keys()]).toEqual(["output", "d q", "d k", "d v"]);
  });

  it.each<Case>([
    { T: 1, lengths: [[1]], heads: 1, kvHeads: 1, headDim: 4 },
    { T: 67, lengths: [[67], [30, 34], [2], []], heads: 4, kvHeads: 2, headDim: 10 },
    {
      T: 131,
      lengths: [
        [40, 91],
        [9, 3, 55, 5],
      ],
      heads: 2,
      kvHeads: 1,
      headDim: 8,
      window: 5,
    },
    { T: 70, lengths: [[69]], heads: 1, kvHeads: 1, headDim: 68, deviation: 0.3, window: 66 },
  ])("agrees with its twin through workgroup memory: %j", async (c) => {
    const errors = await check(c, workgroupTiling);
    expect([...errors.keys()]).toEqual(["output", "d q", "d k", "d v"]);
  });
});
