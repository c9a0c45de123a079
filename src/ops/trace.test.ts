// What the tape records: sums of gradients that meet, and nothing that nobody needs.
import { describe, expect, it } from "vitest";
import { Storage } from "../gpu/tensor";
import { activation, checkOp, frozen, trained } from "./checkOp";
import { linear } from "./linear";
import { rmsNorm } from "./rmsNorm";
import { swiglu } from "./swiglu";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { residentTensor, Trace } from "./trace";
import { linearBackward, linearForward } from "./twins/linear.twin";
import { matrix, plus } from "./twins/matrix.twin";
import { rmsNormBackward, rmsNormForward } from "./twins/rmsNorm.twin";
import { swigluBackward, swigluForward } from "./twins/swiglu.twin";

const device = await defaultDevice(navigator.gpu);

const parameter = (label: string, shape: number[]) =>
  residentTensor(label, shape, "f32", new Storage(label, 4096, "resident"));
const emptyTrace = (training = true) =>
  new Trace(
    { step: parameter("step", [8]), cells: parameter("cells", [4]), nothing: parameter("nothing", [8]) },
    training,
  );
const kernelsOf = (trace: Trace) => trace.calls.map(({ source }) => source.name);

describe("gradients that meet", () => {
  it("adds up over a norm, two linear layers and the residual that share an input", async () => {
    const [N, C, eps] = [37, 22, 1e-5];
    const normals = (name: string, shape: number[]) => normal(`meet ${name}`, shape, { deviation: 0.5 });
    const errors = await checkOp(device, {
      operands: {
        x: activation(normals("x", [N, C])),
        scale: trained(normals("scale", [C])),
        gateWeight: frozen(normals("gate", [C, C])),
        upWeight: trained(normals("up", [C, C])),
        downWeight: frozen(normals("down", [C, C])),
      },
      dOutput: normals("dy", [N, C]),
      build: (trace, { x, scale, gateWeight, upWeight, downWeight }) => {
        const h = rmsNorm(trace, { x, weight: scale }, { label: "h", eps });
        const gate = linear(trace, { x: h, weight: gateWeight }, { label: "gate" });
        const up = linear(trace, { x: h, weight: upWeight }, { label: "up" });
        const mixed = swiglu(trace, { gate, up }, { label: "mixed" });
        return linear(trace, { x: mixed, weight: downWeight, residual: x }, { label: "y" });
      },
      twin: (values, dOutput) => {
        const x = matrix(values.x, N, C);
        const h = rmsNormForward(x, values.scale, eps);
        const gate = { x: h, weight: matrix(values.gateWeight, C, C) };
        const up = { x: h, weight: matrix(values.upWeight, C, C) };
        const [gated, upped] = [linearForward(gate).values, linearForward(up).values];
        const down = {
          x: matrix(swigluForward(gated, upped), N, C),
          weight: matrix(values.downWeight, C, C),
          residual: x,
        };
        const dy = matrix(dOutput, N, C);
        const dmixed = swigluBackward(gated, upped, linearBackward(down, dy).x.values);
        const dup = linearBackward(up, matrix(dmixed.up, N, C));
        const dh = plus(dup.x, linearBackward(gate, matrix(dmixed.gate, N, C)).x);
        const dnorm = rmsNormBackward(x, values.scale, eps, dh);
        return {
          output: linearForward(down).values,
          gradients: {
            x: plus(dy, dnorm.x).values,
            scale: dnorm.weight,
            upWeight: dup.weight.values,
          },
        };
      },
      tolerance: { forward: 2e-6, backward: 5e-6 },
    });
    expect([...errors.keys()]).toEqual(["output", "d x", "d scale", "d upWeight"]);
  });
});

describe("Trace", () => {
  const lowRank = {
    factors: parameter("factors", [256]),
    table: parameter("table", [6]),
    ...{ ranks: [8], dropout: 0 },
  };

  it("differentiates nothing below the lowest trained layer, and no frozen weight", () => {
    const trace = emptyTrace();
    trace.trainable(lowRank.factors, parameter("d", [256]));
    const x = parameter("x", [4, 16]);
    const weight = parameter("W", [16, 16]);
    const below = linear(trace, { x, weight }, { label: "below" });
    const adapted = linear(trace, { x: below, weight }, { label: "adapted", lowRank });
    const above = linear(trace, { x: adapted, weight }, { label: "above" });
    const forwards = trace.calls.length;
    trace.backward(above);
    expect(kernelsOf(trace).slice(forwards)).toEqual([
      "linear_backward_input", // above: its input is the adapted layer's output
      "lora_project",
      "lora_backward_factors",
      "lora_backward_factors", // the adapted layer's own input needs no gradient
    ]);
  });

  it("records no backward when it does not train", () => {
    const trace = emptyTrace(false);
    trace.trainable(lowRank.factors, parameter("d", [256]));
    const y = linear(
      trace,
      { x: parameter("x", [4, 16]), weight: parameter("W", [16, 16]) },
      { label: "y", lowRank },
    );
    const forwards = trace.calls.length;
    trace.backward(y);
    expect(trace.calls.length).toBe(forwards);
    expect(trace.needsGradient(lowRank.factors)).toBe(false);
  });

  it("refuses a write-only gradient that would lose an earlier one, and a residual passed on late", () => {
    const gate = parameter("gate", [4, 16]);
    const reused = emptyTrace();
    reused.trainable(gate, parameter("d gate", [4, 16]));
    const y = swiglu(reused, { gate, up: parameter("up", [4, 16]) }, { label: "y" });
    expect(() => reused.backward(y)).toThrow(/gradient of gate: expected this to be its last use/);

    const late = emptyTrace();
    const x = parameter("x", [4, 16]);
    late.trainable(x, parameter("d x", [4, 16]));
    const z = linear(late, { x, weight: parameter("W", [16, 16]), residual: x }, { label: "z" });
    expect(() => late.backward(z)).toThrow(/gradient of x: expected to be passed on first/);
  });

  it("names op, operand and both shapes when shapes do not fit", () => {
    expect(() =>
      linear(
        emptyTrace(),
        { x: parameter("x", [4, 12]), weight: parameter("W", [16, 16]) },
        { label: "q_proj" },
      ),
    ).toThrow("q_proj: expected x [4, 16], got x [4, 12]");
  });

  it("leaves dropout out of evaluation", () => {
    const constants = (training: boolean) => {
      const trace = emptyTrace(training);
      const adapter = { ...lowRank, dropout: 0.3 };
      linear(
        trace,
        { x: parameter("x", [4, 16]), weight: parameter("W", [16, 16]) },
        { label: "y", lowRank: adapter },
      );
      return trace.calls[0]!.constants.DROPOUT;
    };
    expect([constants(true), constants(false)]).toEqual([0.3, 0]);
  });
});
