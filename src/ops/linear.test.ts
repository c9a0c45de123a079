import { describe, expect, it } from "vitest";
import type { Dtype } from "../gpu/tensor";
import { type Tiling, tileShapes, workgroupTiling } from "../gpu/tiling";
import { activation, checkOp, frozen, type Operand, trained } from "./checkOp";
import { linear } from "./linear";
import type { LowRank } from "./lowRank";
import { testAdapters } from "./testing/adapters";
import { normal, type Values } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { dropoutMask, linearBackward, linearForward } from "./twins/linear.twin";
import { columnSums, type Matrix, matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

interface Case {
  /** Rows of each cell. */
  N: number;
  inFeatures: number;
  outFeatures: number;
  /** Rank in each cell of a race; a single cell has one. */
  ranks?: readonly number[];
  dtype?: Dtype;
  bias?: boolean;
  residual?: boolean;
  trainWeight?: boolean;
  loraDropout?: number;
  /** A weight over it lies in blocks of rows. */
  maxBindingBytes?: number;
}

const concatenated = (parts: readonly Values[]): Values =>
  Float64Array.from(parts.flatMap((part) => [...part]));

function check(c: Case, tiling?: Tiling) {
  const { N, inFeatures, outFeatures, ranks = [], dtype = "f32", loraDropout = 0 } = c;
  const name = JSON.stringify(c);
  const cells = Math.max(1, ranks.length);
  const rows = cells * N;
  const weight = normal(`${name} W`, [outFeatures, inFeatures], { deviation: inFeatures ** -0.5, dtype });
  const operands: Record<string, Operand> = {
    x: activation(normal(`${name} x`, [rows, inFeatures])),
    weight: c.trainWeight ? trained(weight) : frozen(weight),
  };
  if (c.bias) operands.bias = trained(normal(`${name} bias`, [outFeatures]));
  if (c.residual) operands.residual = activation(normal(`${name} residual`, [rows, outFeatures]));
  const adapters = ranks.length > 0 ? testAdapters(name, ranks, { inFeatures, outFeatures }) : undefined;
  if (adapters) {
    operands.factors = trained(adapters.factors);
    operands.table = frozen(adapters.table);
  }
  const step = { microStep: 9, cells: Array.from({ length: cells }, (_, cell) => ({ seed: 4242 + cell })) };
  return checkOp(device, {
    operands,
    step,
    tiling,
    maxBindingBytes: c.maxBindingBytes,
    dOutput: normal(`${name} dy`, [rows, outFeatures]),
    build: (trace, { x, weight, bias, residual, factors, table }) => {
      const lowRank: LowRank | undefined = factors &&
        table && { factors, table, ranks, dropout: loraDropout };
      return linear(trace, { x: x!, weight: weight!, bias, residual }, { label: "y", lowRank });
    },
    twin: (values, dOutput) => {
      const share = (all: Values, cell: number, columns: number) =>
        matrix(all.slice(cell * N * columns, (cell + 1) * N * columns), N, columns);
      // Each cell by itself: nothing of a neighbour may enter it.
      const results = Array.from({ length: cells }, (_, cell) => {
        const factors = adapters?.factorsOf(values.factors!, cell);
        const inputs = {
          x: share(values.x!, cell, inFeatures),
          weight: matrix(values.weight!, outFeatures, inFeatures),
          bias: values.bias,
          residual: values.residual && share(values.residual, cell, outFeatures),
          lowRank: factors && {
            loraA: matrix(factors.loraA, ranks[cell]!, inFeatures),
            loraB: matrix(factors.loraB, outFeatures, ranks[cell]!),
            scaling: adapters!.scalings[cell]!,
            ...(loraDropout > 0 && {
              mask: dropoutMask(N, inFeatures, {
                ...{
                  p: loraDropout,
                  dropoutStream: adapters!.dropoutStreams[cell]!,
                  microStep: step.microStep,
                },
                seed: step.cells[cell]!.seed,
              }),
            }),
          },
        };
        return {
          output: linearForward(inputs).values,
          gradients: linearBackward(inputs, share(dOutput, cell, outFeatures)),
        };
      });
      const gradients = results.map((result) => result.gradients);
      const factors = gradients.map((of) => {
        const { loraA, loraB } = of as { loraA?: Matrix; loraB?: Matrix };
        return loraA && loraB && { loraA: loraA.values, loraB: loraB.values };
      });
      return {
        output: concatenated(results.map(({ output }) => output)),
        gradients: {
          x: concatenated(gradients.map(({ x }) => x.values)),
          weight: gradients[0]!.weight.values, // trained in no race
          bias: columnSums(matrix(dOutput, rows, outFeatures)),
          residual: dOutput,
          ...(adapters && { factors: adapters.flatten(factors) }),
        },
      };
    },
    tolerance: { forward: 1e-6, backward: 2e-6 },
  });
}

describe("linear", () => {
  const cases: Case[] = [
    { N: 1, inFeatures: 1, outFeatures: 1, ranks: [1], bias: true, residual: true, trainWeight: true },
    { N: 7, inFeatures: 13, outFeatures: 11, ranks: [3] },
    { N: 33, inFeatures: 68, outFeatures: 37, ranks: [8], dtype: "f16", residual: true },
    { N: 67, inFeatures: 37, outFeatures: 130, ranks: [20], dtype: "bf16", bias: true },
    { N: 65, inFeatures: 20, outFeatures: 66, ranks: [64], loraDropout: 0.3 },
    { N: 130, inFeatures: 75, outFeatures: 34, ranks: [72], loraDropout: 0.3, dtype: "bf16", residual: true },
    { N: 8, inFeatures: 12, outFeatures: 20, ranks: [1, 4], residual: true },
    { N: 40, inFeatures: 37, outFeatures: 130, ranks: [8, 0, 1, 72, 3], dtype: "f16", loraDropout: 0.3 },
    { N: 1096, inFeatures: 20, outFeatures: 13, ranks: [0, 5, 2], loraDropout: 0.1 },
    { N: 37, inFeatures: 131, outFeatures: 141, trainWeight: true, bias: true },
    { N: 70, inFeatures: 19, outFeatures: 23, dtype: "f16" },
    // Three blocks of 64 rows at most, the last of five rows.
    {
      ...{ N: 16, inFeatures: 12, outFeatures: 133, ranks: [3, 5], loraDropout: 0.3, dtype: "bf16" },
      ...{ bias: true, residual: true, maxBindingBytes: 64 * 12 * 2 },
    },
    { N: 9, inFeatures: 37, outFeatures: 70, ranks: [3], dtype: "int8" },
    { N: 9, inFeatures: 37, outFeatures: 70, ranks: [3], dtype: "nf4" },
    { N: 9, inFeatures: 128, outFeatures: 134, ranks: [3], dtype: "nf4-double", bias: true },
  ];
  it.each(cases)("agrees with its twin: %j", async (c) => {
    const errors = await check(c);
    expect(errors.size).toBeGreaterThan(1);
  });

  // Ranks and sums that are no multiple of a block, results of less than a tile and of several, each tile shape.
  const [large, middle, small] = tileShapes.map((shape): Tiling => ({ memory: "workgroup", shape }));
  it.each<[Case, Tiling]>([
    [
      { N: 1, inFeatures: 1, outFeatures: 1, ranks: [1], bias: true, residual: true, trainWeight: true },
      workgroupTiling,
    ],
    // In two blocks of rows.
    [
      {
        ...{ N: 40, inFeatures: 37, outFeatures: 70, ranks: [8, 0, 20], dtype: "f16", loraDropout: 0.3 },
        maxBindingBytes: 64 * 40 * 2,
      },
      small!,
    ],
    [
      {
        N: 72,
        inFeatures: 19,
        outFeatures: 67,
        ranks: [3, 5],
        loraDropout: 0.3,
        residual: true,
        dtype: "nf4",
      },
      middle!,
    ],
    [{ N: 130, inFeatures: 131, outFeatures: 75, ranks: [8], trainWeight: true, loraDropout: 0.1 }, large!],
    [{ N: 7, inFeatures: 20, outFeatures: 4101, dtype: "bf16" }, small!],
    [{ N: 9, inFeatures: 40, outFeatures: 70, ranks: [3], dtype: "int8" }, small!],
    [{ N: 40, inFeatures: 68, outFeatures: 70, ranks: [3], dtype: "nf4-double" }, middle!],
  ])("agrees with its twin through workgroup memory: %j", async (c, tiling) => {
    const errors = await check(c, tiling);
    expect(errors.size).toBeGreaterThan(1);
  });
});
