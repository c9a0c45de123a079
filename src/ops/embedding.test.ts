import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { checkOp, frozen, trained } from "./checkOp";
import { embedding } from "./embedding";
import { array, indices, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { embeddingBackward, embeddingForward } from "./twins/embedding.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

/** Positions sorted by token, and where each token's run starts. */
function order(tokens: Float64Array, vocabSize: number) {
  const positions = [...tokens.keys()].sort((a, b) => tokens[a]! - tokens[b]! || a - b);
  const starts = Array.from({ length: vocabSize + 1 }, (_, v) => tokens.filter((token) => token < v).length);
  return {
    tokenOrder: frozen(array([positions.length], positions, "u32")),
    tokenStart: frozen(array([starts.length], starts, "u32")),
  };
}

describe("embedding", () => {
  it.each<[number, number, number, Dtype, number, number?]>([
    [1, 1, 1, "f32", 1],
    [67, 31, 13, "f32", 1],
    [9, 40, 70, "f16", 1],
    [9, 40, 70, "f16", 3e-6], // subnormal in f16
    [9, 40, 70, "bf16", 1],
    [67, 150, 13, "bf16", 1, 64 * 16 * 2], // in three blocks of rows
  ])(
    "%i tokens of %i, width %i, %s of deviation %d: forward is exact",
    async (N, V, C, dtype, deviation, most) => {
      const name = `embedding ${N} ${V} ${C} ${dtype}`;
      const tokens = indices(`${name} tokens`, N, V);
      const errors = await checkOp(device, {
        operands: {
          weight: frozen(normal(`${name} weight`, [V, C], { dtype, deviation })),
          tokens: frozen(tokens),
        },
        training: false,
        maxBindingBytes: most,
        build: (trace, { weight, tokens }) => embedding(trace, { weight, tokens }, { label: "embedding" }),
        twin: ({ weight }) => ({
          output: embeddingForward(tokens.values, matrix(weight, V, C)).values,
          gradients: {},
        }),
        tolerance: { forward: 0, backward: 0 },
      });
      expect([...errors.keys()]).toEqual(["output"]);
    },
  );

  it.each([
    [1, 1, 1],
    [67, 31, 13],
    [200, 5, 64],
  ])("%i tokens of %i, width %i: trained, gradients of repeated tokens add up", async (N, V, C) => {
    const name = `embedding trained ${N} ${V} ${C}`;
    const tokens = indices(`${name} tokens`, N, V);
    const errors = await checkOp(device, {
      operands: {
        weight: trained(normal(`${name} weight`, [V, C])),
        tokens: frozen(tokens),
        ...order(tokens.values, V),
      },
      dOutput: normal(`${name} dy`, [N, C]),
      build: (trace, operands) => embedding(trace, operands, { label: "embedding" }),
      twin: ({ weight }, dOutput) => ({
        output: embeddingForward(tokens.values, matrix(weight, V, C)).values,
        gradients: { weight: embeddingBackward(tokens.values, V, matrix(dOutput, N, C)).values },
      }),
      tolerance: { forward: 0, backward: 1e-6 },
    });
    expect([...errors.keys()]).toEqual(["output", "d weight"]);
  });
});
