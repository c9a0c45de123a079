// The twins against PyTorch: goldens are float64 results stored as float32, so nothing but that rounding may differ.
import { describe, expect, it } from "vitest";
import { relativeError } from "../checkOp";
import { type GoldenVariant, loadVariants } from "../testing/goldens";
import { type AdamWTwinState, adamWTwin } from "./adamW.twin";
import { attentionBackward, attentionForward } from "./attention.twin";
import { embeddingBackward, embeddingForward } from "./embedding.twin";
import { geluBackward, geluForward } from "./gelu.twin";
import { crossEntropy } from "./headLoss.twin";
import { layerNormBackward, layerNormForward } from "./layerNorm.twin";
import { linearBackward, linearForward } from "./linear.twin";
import { type Matrix, matrix } from "./matrix.twin";
import { rmsNormBackward, rmsNormForward } from "./rmsNorm.twin";
import { rotaryBackward, rotaryForward } from "./rotary.twin";
import { swigluBackward, swigluForward } from "./swiglu.twin";

const ROUNDING = 2 ** -23;

/** All but the last dimension as rows. */
function asMatrix(variant: GoldenVariant, tensor: string): Matrix {
  const { shape, values } = variant.get(tensor);
  return matrix(values, values.length / shape.at(-1)!, shape.at(-1)!);
}

/** [B, T, H, D] as [B·T, H·D]. */
function heads(variant: GoldenVariant, tensor: string): Matrix {
  const { shape, values } = variant.get(tensor);
  const [batch, length, count, size] = shape as [number, number, number, number];
  return matrix(values, batch * length, count * size);
}

function expectGolden(variant: GoldenVariant, results: Record<string, Float64Array | undefined>): void {
  for (const [tensor, values] of Object.entries(results)) {
    const error = relativeError(values!, variant.get(tensor).values);
    expect(error, `${variant.name}.${tensor}`).toBeLessThan(ROUNDING);
  }
}

describe.each(await loadVariants("lora_linear"))("linear twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const optional = (tensor: string) => (variant.has(tensor) ? asMatrix(variant, tensor) : undefined);
    const [loraA, loraB] = [optional("A"), optional("B")];
    const inputs = {
      x: asMatrix(variant, "x"),
      weight: asMatrix(variant, "W"),
      bias: variant.has("bias") ? variant.get("bias").values : undefined,
      residual: optional("residual"),
      lowRank: loraA && loraB && { loraA, loraB, scaling: variant.scalar("scaling") },
    };
    const gradients = linearBackward(inputs, asMatrix(variant, "dy"));
    expectGolden(variant, {
      y: linearForward(inputs).values,
      dx: gradients.x.values,
      dW: gradients.weight.values,
      ...("loraA" in gradients && { dA: gradients.loraA.values, dB: gradients.loraB.values }),
      ...(variant.has("dbias") && { dbias: gradients.bias }),
    });
  });
});

describe.each(await loadVariants("rms_norm"))("rmsNorm twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [x, weight, eps] = [asMatrix(variant, "x"), variant.get("weight").values, variant.scalar("eps")];
    const gradients = rmsNormBackward(x, weight, eps, asMatrix(variant, "dy"));
    expectGolden(variant, {
      y: rmsNormForward(x, weight, eps).values,
      dx: gradients.x.values,
      dweight: gradients.weight,
    });
  });
});

describe.each(await loadVariants("layer_norm"))("layerNorm twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [x, eps] = [asMatrix(variant, "x"), variant.scalar("eps")];
    const [weight, bias] = [variant.get("weight").values, variant.get("bias").values];
    const gradients = layerNormBackward(x, weight, eps, asMatrix(variant, "dy"));
    expectGolden(variant, {
      y: layerNormForward(x, weight, bias, eps).values,
      dx: gradients.x.values,
      dweight: gradients.weight,
      dbias: gradients.bias,
    });
  });
});

describe.each(await loadVariants("gelu"))("gelu twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [x, dy] = ["x", "dy"].map((tensor) => variant.get(tensor).values);
    expectGolden(variant, { y: geluForward(x!), dx: geluBackward(x!, dy!) });
  });
});

describe.each(await loadVariants("rotary"))("rotary twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [, sequenceLength, , headDim] = variant.get("x").shape as [number, number, number, number];
    const attributes = {
      sequenceLength,
      headDim,
      start: variant.scalar("start"),
      ropeTheta: variant.scalar("theta"),
    };
    expectGolden(variant, {
      y: rotaryForward(heads(variant, "x"), attributes).values,
      dx: rotaryBackward(heads(variant, "dy"), attributes).values,
    });
  });
});

describe.each(await loadVariants("attention"))("attention twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [, sequenceLength, numAttentionHeads, headDim] = variant.get("q").shape as [
      number,
      number,
      number,
      number,
    ];
    const attributes = {
      sequenceLength,
      numAttentionHeads,
      numKeyValueHeads: variant.get("k").shape[2]!,
      headDim,
      window: variant.has("window") ? variant.scalar("window") : null,
      lengths: Array.from(variant.get("lengths").values, (length) => [length]),
    };
    const inputs = { q: heads(variant, "q"), k: heads(variant, "k"), v: heads(variant, "v") };
    const gradients = attentionBackward(inputs, attributes, heads(variant, "dout"));
    expectGolden(variant, {
      out: attentionForward(inputs, attributes).values,
      dq: gradients.q.values,
      dk: gradients.k.values,
      dv: gradients.v.values,
    });
  });
});

describe.each(await loadVariants("swiglu"))("swiglu twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [gate, up, dy] = ["gate", "up", "dy"].map((tensor) => variant.get(tensor).values);
    const gradients = swigluBackward(gate!, up!, dy!);
    expectGolden(variant, { y: swigluForward(gate!, up!), dgate: gradients.gate, dup: gradients.up });
  });
});

describe.each(await loadVariants("cross_entropy"))("cross-entropy twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    // The op sees counted rows only, gathered to the front.
    const mask = variant.get("mask").values;
    const counted = [...mask.keys()].filter((n) => mask[n] === 1);
    const logits = asMatrix(variant, "logits");
    const targets = variant.get("targets").values;
    const rows = matrix(
      Float64Array.from(
        counted.flatMap((n) => [...logits.values.subarray(n * logits.columns, (n + 1) * logits.columns)]),
      ),
      counted.length,
      logits.columns,
    );
    const result = crossEntropy(
      rows,
      counted.map((n) => targets[n]!),
      counted.length,
      1 / counted.length,
    );
    const dlogits = new Float64Array(logits.values.length);
    counted.forEach((n, r) => {
      dlogits.set(
        result.dlogits.values.subarray(r * logits.columns, (r + 1) * logits.columns),
        n * logits.columns,
      );
    });
    const loss = result.losses.reduce((sum, value) => sum + value, 0) / counted.length;
    expectGolden(variant, { loss: Float64Array.of(loss), dlogits });
  });
});

describe.each(await loadVariants("embedding"))("embedding twin, $name", (variant) => {
  it("agrees with PyTorch", () => {
    const [ids, weight] = [variant.get("ids").values, asMatrix(variant, "weight")];
    expectGolden(variant, {
      y: embeddingForward(ids, weight).values,
      dweight: embeddingBackward(ids, weight.rows, asMatrix(variant, "dy")).values,
    });
  });
});

describe.each(await loadVariants("adamw"))("adamW twin, $name", (variant) => {
  it("agrees with PyTorch over 20 steps", () => {
    // PyTorch computed these in float32, so the runs drift apart by its rounding.
    const gradients = asMatrix(variant, "gradients");
    const size = gradients.columns;
    const attributes = {
      beta1: 0.9,
      beta2: 0.999,
      eps: 1e-8,
      weightDecay: variant.name.includes("decay") ? 0.1 : 0,
      maxGradNorm: variant.name.includes("clipped") ? 1 : 0,
    };
    const zero = new Float64Array(size);
    let state: AdamWTwinState = { params: variant.get("initial").values, m: zero, v: zero };
    for (let step = 0; step < gradients.rows; step++) {
      const gradient = gradients.values.subarray(step * size, (step + 1) * size);
      const next = adamWTwin(
        state,
        gradient,
        step + 1,
        variant.get("learning_rates").values[step]!,
        attributes,
      );
      const wanted = asMatrix(variant, "parameters").values.subarray(step * size, (step + 1) * size);
      expect(relativeError(next.params, wanted)).toBeLessThan(1e-6);
      const norm = variant.get("grad_norms").values[step]!;
      expect(Math.abs(next.gradNorm / norm - 1)).toBeLessThan(1e-6);
      state = next;
    }
    expect(relativeError(state.m, variant.get("exp_avg").values)).toBeLessThan(1e-6);
    expect(relativeError(state.v, variant.get("exp_avg_sq").values)).toBeLessThan(1e-6);
  });
});
