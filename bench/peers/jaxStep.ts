// A whole LoRA training step in jax-js: loss, gradients and AdamW in one jitted function, as its users write it.
import { blockUntilReady, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { ModelConfig } from "../../src/formats/modelConfig";
import type { Contestant } from "../contest";
import { COMPARED_STEPS, LEARNING_RATE, type StepSize, startingAdapter, tokenIds } from "../inputs";
import { openJax } from "./jaxLinear";
import { type Arrays, jaxAngles, jaxHidden, jaxLogits, jaxWeights } from "./jaxModel";

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

export async function openJaxStep(size: StepSize): Promise<Contestant> {
  await openJax();
  const { config, sequenceLength: T } = size;
  const frozen = await jaxWeights(config);
  const ids = tokenIds(T, config.vocabSize);
  const integers = (values: Uint32Array) =>
    np.array(Int32Array.from(values), { shape: [values.length], dtype: np.int32 });
  const batch: Arrays = {
    tokens: integers(ids),
    targets: integers(ids.subarray(1)),
    ...jaxAngles(config, T),
  };
  let params: Arrays = {};
  for (const [name, { shape, values }] of startingAdapter(size)) {
    params[name] = np.array(values, { shape: [...shape] });
  }
  let m = zerosLike(params);
  let v = zerosLike(params);

  const step = jit(
    (weights: Arrays, inputs: Arrays, trained: Arrays, first: Arrays, second: Arrays, scale: np.Array) => {
      const loss = valueAndGrad((adapter: Arrays) => lossOf(config, weights, adapter, inputs));
      const [value, gradients] = loss(tree.ref(trained));
      return [value, ...adamW(trained, gradients as Arrays, first, second, scale)] as const;
    },
  );
  let done = 0;
  let last: np.Array | undefined;
  const advance = (): void => {
    done++;
    last?.dispose();
    const scale = np.array([LEARNING_RATE / (1 - BETA1 ** done), Math.sqrt(1 - BETA2 ** done)]);
    const results = step(tree.ref(frozen), tree.ref(batch), params, m, v, scale);
    [last, params, m, v] = results as unknown as [np.Array, Arrays, Arrays, Arrays];
  };
  return {
    async results() {
      const losses: number[] = [];
      for (let i = 0; i < COMPARED_STEPS; i++) {
        advance();
        losses.push((await last!.ref.data())[0]!);
      }
      return new Map([["losses", Float32Array.from(losses)]]);
    },
    run: advance,
    async finish() {
      await blockUntilReady([last, params, m, v]);
    },
    close() {
      for (const arrays of [frozen, batch, params, m, v]) tree.dispose(arrays);
      last?.dispose();
      step.dispose();
    },
  };
}

function lossOf(config: ModelConfig, weights: Arrays, adapter: Arrays, batch: Arrays): np.Array {
  const { tokens, targets, cos, sin } = batch as Record<"tokens" | "targets" | "cos" | "sin", np.Array>;
  const attend = (_layer: number, q: np.Array, k: np.Array, v: np.Array) =>
    nn.dotProductAttention(q, k, v, { isCausal: true });
  const model = { config, weights, adapter, cos, sin, attend };
  const hidden = jaxHidden(model, tokens.ref);
  const counted = hidden.slice([0, tokens.shape[0]! - 1]); // the last token predicts nothing
  const logits = jaxLogits(model, counted); // [T - 1, V]
  const chosen = np.sum(logits.ref.mul(nn.oneHot(targets.ref, config.vocabSize)), -1);
  return np.mean(nn.logsumexp(logits, -1).sub(chosen));
}

/** One update with the gradients clipped to a global norm of 1. */
function adamW(
  params: Arrays,
  gradients: Arrays,
  m: Arrays,
  v: Arrays,
  scale: np.Array,
): [Arrays, Arrays, Arrays] {
  const names = Object.keys(params);
  const squares = names.map((name) => np.sum(np.square(gradients[name]!.ref)));
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const clip = np.minimum(1, np.reciprocal(norm.add(1e-6)));
  const [stepSize, correction] = np.split(scale, 2) as [np.Array, np.Array];
  const next: [Arrays, Arrays, Arrays] = [{}, {}, {}];
  for (const name of names) {
    const g = gradients[name]!.mul(clip.ref);
    const m1 = m[name]!.mul(BETA1).add(g.ref.mul(1 - BETA1));
    const v1 = v[name]!.mul(BETA2).add(np.square(g).mul(1 - BETA2));
    const denominator = np.sqrt(v1.ref).div(correction.ref).add(EPSILON);
    next[0][name] = params[name]!.sub(m1.ref.mul(stepSize.ref).div(denominator));
    next[1][name] = m1;
    next[2][name] = v1;
  }
  for (const used of [clip, stepSize, correction]) used.dispose();
  return next;
}

function zerosLike(arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, np.zeros([...shape])]));
}
