// The twins' backward against central differences of their forward, in float64: a second opinion beside PyTorch's,
// at shapes and with features (dropout, gathered rows) that the goldens do not have.
import { describe, expect, it } from "vitest";
import { relativeError } from "../checkOp";
import { segmentsOf } from "../segments";
import { indices, normal } from "../testing/arrays";
import { attentionBackward, attentionForward } from "./attention.twin";
import { embeddingBackward, embeddingForward } from "./embedding.twin";
import { gatherBackward, gatherForward } from "./gatherRows.twin";
import { geluBackward, geluForward } from "./gelu.twin";
import { headLossTwin } from "./headLoss.twin";
import { layerNormBackward, layerNormForward } from "./layerNorm.twin";
import { dropoutMask, linearBackward, linearForward } from "./linear.twin";
import { matrix } from "./matrix.twin";
import { positionBackward, positionForward } from "./positionEmbedding.twin";
import { rmsNormBackward, rmsNormForward } from "./rmsNorm.twin";
import { rotaryBackward, rotaryForward } from "./rotary.twin";
import { swigluBackward, swigluForward } from "./swiglu.twin";

type Values = Float64Array;
type Named = Record<string, Values>;

const STEP = 1e-5;
const TOLERANCE = 1e-6;

const dot = (a: Values, b: Values): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const random = (name: string, rows: number, columns: number): Values => normal(name, [rows, columns]).values;

/** Compares d(dOutput·forward)/d(operand) with `gradients`, element by element, for every gradient given. */
function expectGradients(
  operands: Named,
  dOutput: Values,
  forward: (v: Named) => Values,
  gradients: Named,
): void {
  for (const [name, gradient] of Object.entries(gradients)) {
    const numeric = operands[name]!.map((value, i) => {
      const moved = (by: number): number => {
        const shifted = operands[name]!.slice();
        shifted[i] = value + by;
        return dot(forward({ ...operands, [name]: shifted }), dOutput);
      };
      return (moved(STEP) - moved(-STEP)) / (2 * STEP);
    });
    expect(relativeError(gradient, numeric), `d ${name}`).toBeLessThan(TOLERANCE);
  }
}

describe("backward of the twins", () => {
  it("linear, with dropout, bias and residual", () => {
    const [N, inFeatures, outFeatures, rank] = [5, 7, 6, 3];
    const mask = dropoutMask(N, inFeatures, { p: 0.3, seed: 3, microStep: 2, dropoutStream: 5 });
    const inputsOf = (v: Named) => ({
      x: matrix(v.x!, N, inFeatures),
      weight: matrix(v.weight!, outFeatures, inFeatures),
      bias: v.bias!,
      residual: matrix(v.residual!, N, outFeatures),
      lowRank: {
        loraA: matrix(v.loraA!, rank, inFeatures),
        loraB: matrix(v.loraB!, outFeatures, rank),
        scaling: 0.75,
        mask,
      },
    });
    const operands = {
      x: random("fd x", N, inFeatures),
      weight: random("fd weight", outFeatures, inFeatures),
      bias: random("fd bias", 1, outFeatures),
      residual: random("fd residual", N, outFeatures),
      loraA: random("fd A", rank, inFeatures),
      loraB: random("fd B", outFeatures, rank),
    };
    const dy = random("fd dy", N, outFeatures);
    const gradients = linearBackward(inputsOf(operands), matrix(dy, N, outFeatures));
    if (!("loraA" in gradients)) throw new Error("linear twin: expected gradients of the adapter, got none");
    expect(mask.values).toContain(0);
    expectGradients(operands, dy, (v) => linearForward(inputsOf(v)).values, {
      x: gradients.x.values,
      weight: gradients.weight.values,
      bias: gradients.bias,
      residual: gradients.residual.values,
      loraA: gradients.loraA.values,
      loraB: gradients.loraB.values,
    });
  });

  it("rmsNorm", () => {
    const [N, C, eps] = [3, 7, 0.1];
    const operands = { x: random("fd norm x", N, C), weight: random("fd norm weight", 1, C) };
    const dy = random("fd norm dy", N, C);
    const gradients = rmsNormBackward(matrix(operands.x, N, C), operands.weight, eps, matrix(dy, N, C));
    expectGradients(operands, dy, (v) => rmsNormForward(matrix(v.x!, N, C), v.weight!, eps).values, {
      x: gradients.x.values,
      weight: gradients.weight,
    });
  });

  it("layerNorm", () => {
    const [N, C, eps] = [3, 7, 0.1];
    const operands = {
      x: random("fd layer norm x", N, C),
      weight: random("fd layer norm weight", 1, C),
      bias: random("fd layer norm bias", 1, C),
    };
    const dy = random("fd layer norm dy", N, C);
    const gradients = layerNormBackward(matrix(operands.x, N, C), operands.weight, eps, matrix(dy, N, C));
    const forward = (v: Named) => layerNormForward(matrix(v.x!, N, C), v.weight!, v.bias!, eps).values;
    expectGradients(operands, dy, forward, { ...gradients, x: gradients.x.values });
  });

  it("gelu", () => {
    const operands = { x: random("fd gelu x", 3, 7) };
    const dy = random("fd gelu dy", 3, 7);
    expectGradients(operands, dy, (v) => geluForward(v.x!), { x: geluBackward(operands.x, dy) });
  });

  it("positionEmbedding", () => {
    const [N, T, C, P] = [6, 3, 5, 4];
    const attributes = { sequenceLength: T, segments: segmentsOf([[1, 2], [3]], T) };
    const operands = { x: random("fd position x", N, C), weight: random("fd positions", P, C) };
    const dy = random("fd position dy", N, C);
    const forward = (v: Named) =>
      positionForward(matrix(v.x!, N, C), matrix(v.weight!, P, C), attributes).values;
    expectGradients(operands, dy, forward, {
      x: dy,
      weight: positionBackward(matrix(dy, N, C), P, attributes).values,
    });
  });

  it("rotary", () => {
    const [N, width] = [6, 12];
    const attributes = { headDim: 6, sequenceLength: 3, start: 2, ropeTheta: 100 };
    const operands = { x: random("fd rotary x", N, width) };
    const dy = random("fd rotary dy", N, width);
    expectGradients(operands, dy, (v) => rotaryForward(matrix(v.x!, N, width), attributes).values, {
      x: rotaryBackward(matrix(dy, N, width), attributes).values,
    });
  });

  it.each([null, 2])(
    "attention, grouped, with examples of 5, 2 + 2, 1 and no tokens, window %s",
    (window) => {
      const attributes = {
        window,
        sequenceLength: 5,
        numAttentionHeads: 4,
        numKeyValueHeads: 2,
        headDim: 3,
        lengths: [[5], [2, 2], [1], []],
      };
      const [N, queryWidth, keyWidth] = [20, 12, 6];
      const inputsOf = (v: Named) => ({
        q: matrix(v.q!, N, queryWidth),
        k: matrix(v.k!, N, keyWidth),
        v: matrix(v.v!, N, keyWidth),
      });
      const operands = {
        q: random("fd q", N, queryWidth),
        k: random("fd k", N, keyWidth),
        v: random("fd v", N, keyWidth),
      };
      const dout = random("fd dout", N, queryWidth);
      const gradients = attentionBackward(inputsOf(operands), attributes, matrix(dout, N, queryWidth));
      expectGradients(operands, dout, (v) => attentionForward(inputsOf(v), attributes).values, {
        q: gradients.q.values,
        k: gradients.k.values,
        v: gradients.v.values,
      });
    },
  );

  it("swiglu", () => {
    const operands = { gate: random("fd gate", 3, 7), up: random("fd up", 3, 7) };
    const dy = random("fd swiglu dy", 3, 7);
    const gradients = swigluBackward(operands.gate, operands.up, dy);
    expectGradients(operands, dy, (v) => swigluForward(v.gate!, v.up!), { ...gradients });
  });

  it("embedding", () => {
    const tokens = indices("fd tokens", 9, 5).values;
    const operands = { weight: random("fd table", 5, 3) };
    const dy = random("fd embedding dy", 9, 3);
    expectGradients(operands, dy, (v) => embeddingForward(tokens, matrix(v.weight!, 5, 3)).values, {
      weight: embeddingBackward(tokens, 5, matrix(dy, 9, 3)).values,
    });
  });

  it("gatherRows", () => {
    const rowIndex = [4, 1, 2, 0];
    const operands = { x: random("fd gather x", 6, 3) };
    const dy = random("fd gather dy", 4, 3);
    expectGradients(operands, dy, (v) => gatherForward(matrix(v.x!, 6, 3), rowIndex, 3).values, {
      x: gatherBackward(matrix(operands.x, 6, 3), rowIndex, 3, matrix(dy, 4, 3)).values,
    });
  });

  it("headLoss, where one row does not count", () => {
    const [R, C, V] = [4, 3, 7];
    const targets = [6, 0, 3, 2];
    const counts = { lossRows: 3, inverseTokens: 0.2 };
    const twin = (v: Named) =>
      headLossTwin(matrix(v.hidden!, R, C), matrix(v.weight!, V, C), targets, counts);
    const operands = { hidden: random("fd hidden", R, C), weight: random("fd head", V, C) };
    const { gradients } = twin(operands);
    expectGradients(operands, Float64Array.of(1), (v) => Float64Array.of(twin(v).loss), {
      hidden: gradients.hidden.values,
      weight: gradients.weight.values,
    });
  });
});
