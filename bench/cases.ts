// What is timed against what: the sizes, and who takes part in each.
import type { Gpu } from "../src/gpu/device";
import type { Case, Entry } from "./contest";
import { type LinearForm, openLinear } from "./engine/linear";
import { openGeneration, StepRunner } from "./engine/llama";
import {
  type LinearInputs,
  type LinearSize,
  type LlamaSizes,
  linearFlops,
  linearInputs,
  llamaConfig,
  type StepSize,
} from "./inputs";

export const ENGINE = "LoRA Studio";

const sevenModules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;

/** What is timed; each list from small to large. */
export interface Sizes {
  readonly linear: readonly LinearSize[];
  readonly step: readonly StepSize[];
  readonly generation: readonly StepSize[];
  readonly newTokens: number;
}

const stepOf = (sequenceLength: number, sizes: LlamaSizes): StepSize => ({
  config: llamaConfig(sizes),
  sequenceLength,
  rank: 8,
  targetModules: sevenModules,
});

/** The embedded model's shape. */
export const embeddedShape: LlamaSizes = {
  ...{ hiddenSize: 128, intermediateSize: 352, layers: 5 },
  ...{ heads: 4, keyValueHeads: 2, vocabSize: 2000 },
};

export const smallStep = stepOf(64, {
  ...{ hiddenSize: 64, intermediateSize: 176, layers: 2 },
  ...{ heads: 4, keyValueHeads: 2, vocabSize: 512 },
});
export const embeddedStep = stepOf(256, embeddedShape);
export const largeStep = stepOf(256, {
  ...{ hiddenSize: 256, intermediateSize: 704, layers: 4 },
  ...{ heads: 8, keyValueHeads: 4, vocabSize: 2048 },
});

export const fullSizes: Sizes = {
  linear: [
    { N: 256, inFeatures: 256, outFeatures: 256, rank: 8 },
    { N: 512, inFeatures: 256, outFeatures: 704, rank: 16 },
    { N: 1024, inFeatures: 768, outFeatures: 768, rank: 8 },
  ],
  step: [smallStep, embeddedStep, largeStep],
  generation: [embeddedStep],
  newTokens: 24,
};

/** Small enough to try the whole benchmark in a minute; its figures say little. */
export const quickSizes: Sizes = {
  linear: [{ N: 64, inFeatures: 64, outFeatures: 48, rank: 4 }],
  step: [smallStep],
  generation: [smallStep],
  newTokens: 8,
};

/** f32 sums in another order. */
const SUM_TOLERANCE = 2e-5;
/** Losses of three steps: AdamW magnifies what is near zero. */
const LOSS_TOLERANCE = 1e-4;

const sizeText = ({ N, inFeatures, outFeatures, rank }: LinearSize) =>
  `N ${N}, ${inFeatures}→${outFeatures}, r ${rank}`;

export const stepText = ({ config, sequenceLength }: StepSize) =>
  `hidden ${config.hiddenSize}, ${config.numHiddenLayers} layers, T ${sequenceLength}, vocabulary ${config.vocabSize}`;

const linearId = (kind: string, { N, inFeatures, outFeatures, rank }: LinearSize) =>
  `${kind}-${N}-${inFeatures}-${outFeatures}-r${rank}`;

/** One adapted linear layer: value, dx, dA and dB. */
export function linearCases(gpu: Gpu, { linear }: Sizes): Case[] {
  return linear.map((size) => {
    const inputs = linearInputs(size);
    return {
      id: linearId("linear", size),
      title: `LoRA linear, value and gradients: ${sizeText(size)}`,
      flops: linearFlops(size),
      tolerance: SUM_TOLERANCE,
      entries: [
        engineLinear(gpu, size, inputs, "fused", true),
        entry("jax-js", async () => (await import("./peers/jaxLinear")).openJaxLinear(size, inputs, true)),
        entry("tfjs", async () =>
          (await import("./peers/tfLinear")).openTensorFlowLinear(size, inputs, true),
        ),
      ],
    };
  });
}

/** Forward alone, which ONNX Runtime can do too. */
export function forwardCases(gpu: Gpu, { linear }: Sizes): Case[] {
  return linear.slice(-1).map((size) => {
    const { N, inFeatures, outFeatures, rank } = size;
    const inputs = linearInputs(size);
    return {
      id: linearId("forward", size),
      title: `LoRA linear, value only: ${sizeText(size)}`,
      flops: 2 * N * (inFeatures * outFeatures + rank * (inFeatures + outFeatures)),
      tolerance: SUM_TOLERANCE,
      entries: [
        engineLinear(gpu, size, inputs, "fused", false),
        entry("jax-js", async () => (await import("./peers/jaxLinear")).openJaxLinear(size, inputs, false)),
        entry("onnxruntime-web", async () => (await import("./peers/ortLinear")).openOrtLinear(size, inputs)),
        entry("tfjs", async () =>
          (await import("./peers/tfLinear")).openTensorFlowLinear(size, inputs, false),
        ),
      ],
    };
  });
}

/** The fused layer against the same work by separate kernels of this engine. */
export function fusionCases(gpu: Gpu, { linear }: Sizes): Case[] {
  return linear.map((size) => {
    const inputs = linearInputs(size);
    return {
      id: linearId("fused", size),
      title: `Fused LoRA against separate kernels: ${sizeText(size)}`,
      flops: linearFlops(size),
      tolerance: SUM_TOLERANCE,
      entries: [
        engineLinear(gpu, size, inputs, "fused", true),
        engineLinear(gpu, size, inputs, "separate", true),
      ],
    };
  });
}

/** A whole training step: loss, gradients of all factors, clipping, AdamW. */
export function stepCases(gpu: Gpu, { step }: Sizes): Case[] {
  return step.map((size) => ({
    id: `step-${size.config.hiddenSize}-${size.config.numHiddenLayers}`,
    title: `LoRA training step, r ${size.rank} on all seven: ${stepText(size)}`,
    tokens: size.sequenceLength,
    tolerance: LOSS_TOLERANCE,
    entries: [
      entry(ENGINE, () => StepRunner.open(gpu, size)),
      entry("jax-js", async () => (await import("./peers/jaxStep")).openJaxStep(size)),
      entry("tfjs", async () => (await import("./peers/tfStep")).openTensorFlowStep(size)),
    ],
  }));
}

/** A LoRA step against a step that trains every parameter, of the same model. */
export function fullStepCases(gpu: Gpu, { step }: Sizes): Case[] {
  return step.slice(-1).map((size) => ({
    id: `full-${size.config.hiddenSize}-${size.config.numHiddenLayers}`,
    title: `LoRA step against full fine-tuning: ${stepText(size)}`,
    tokens: size.sequenceLength,
    tolerance: LOSS_TOLERANCE,
    entries: [
      entry(ENGINE, () => StepRunner.open(gpu, size, { comparedSteps: 1 })),
      entry("full fine-tuning", () => StepRunner.open(gpu, size, { method: "full", comparedSteps: 1 })),
    ],
  }));
}

/** Greedy decoding behind a prompt, each token known before the next is asked for. */
export function generationCases(gpu: Gpu, { generation, newTokens }: Sizes): Case[] {
  return generation.map((size) => ({
    id: `generate-${size.config.hiddenSize}`,
    title: `Generating ${newTokens} tokens: hidden ${size.config.hiddenSize}, ${size.config.numHiddenLayers} layers, prompt of ${size.sequenceLength}`,
    tokens: newTokens,
    tolerance: 0,
    entries: [
      entry(ENGINE, () => openGeneration(gpu, size, newTokens)),
      entry("jax-js", async () => (await import("./peers/jaxGeneration")).openJaxGeneration(size, newTokens)),
      entry("tfjs", async () =>
        (await import("./peers/tfGeneration")).openTensorFlowGeneration(size, newTokens),
      ),
    ],
  }));
}

const entry = (name: string, open: Entry["open"]): Entry => ({ name, open });

function engineLinear(
  gpu: Gpu,
  size: LinearSize,
  inputs: LinearInputs,
  form: LinearForm,
  backward: boolean,
): Entry {
  const name = form === "fused" ? ENGINE : "separate kernels";
  return entry(name, () => openLinear(gpu, size, inputs, form, backward));
}
