// A whole LoRA training step in TensorFlow.js on WebGPU: its own operators, gradients and Adam.
import * as tf from "@tensorflow/tfjs-core";
import type { Contestant } from "../contest";
import { COMPARED_STEPS, LEARNING_RATE, type StepSize, startingAdapter, tokenIds } from "../inputs";
import { finishTensorFlow, openTensorFlow } from "./tfLinear";
import { causalMask, tfAngles, tfAttention, tfHidden, tfLogits, tfWeights } from "./tfModel";

export async function openTensorFlowStep(size: StepSize): Promise<Contestant> {
  await openTensorFlow();
  const { config, sequenceLength: T } = size;
  const weights = tfWeights(config);
  const ids = tokenIds(T, config.vocabSize);
  const tokens = tf.tensor1d(Int32Array.from(ids), "int32");
  const targets = tf.tidy(() =>
    tf.oneHot(tf.tensor1d(Int32Array.from(ids.subarray(1)), "int32"), config.vocabSize, 1, 0, "float32"),
  );
  const angles = tfAngles(config, T);
  const mask = causalMask(T);
  const adapter: Record<string, tf.Variable> = {};
  for (const [name, { shape, values }] of startingAdapter(size)) {
    adapter[name] = tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
  }
  const variables = Object.values(adapter);
  const optimizer = tf.train.adam(LEARNING_RATE, 0.9, 0.999, 1e-8);
  const attend = (_layer: number, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tfAttention(q, k, v, mask);
  const model = { config, weights, adapter, ...angles, attend };

  const loss = (): tf.Scalar => {
    const counted = tf.slice(tfHidden(model, tokens), [0, 0], [T - 1, -1]); // the last token predicts nothing
    const logits = tfLogits(model, counted); // [T - 1, V]
    const chosen = tf.sum(tf.mul(logits, targets), -1);
    return tf.mean(tf.sub(tf.logSumExp(logits, -1), chosen)) as tf.Scalar;
  };
  const advance = (): tf.Scalar =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      const squares = Object.values(grads).map((gradient) => tf.sum(tf.square(gradient)));
      const clip = tf.minimum(1, tf.div(1, tf.add(tf.sqrt(tf.sum(tf.stack(squares))), 1e-6)));
      const clipped = Object.entries(grads).map(([name, gradient]) => ({
        name,
        tensor: tf.mul(gradient, clip),
      }));
      optimizer.applyGradients(clipped);
      return value;
    });
  let last: tf.Scalar | undefined;
  return {
    async results() {
      const losses: number[] = [];
      for (let i = 0; i < COMPARED_STEPS; i++) {
        const value = advance();
        losses.push((await value.data())[0]!);
        value.dispose();
      }
      return new Map([["losses", Float32Array.from(losses)]]);
    },
    run() {
      last?.dispose();
      last = advance();
    },
    finish: () => finishTensorFlow(variables.at(-1)!),
    close() {
      optimizer.dispose();
      tf.dispose([
        weights,
        tokens,
        targets,
        angles,
        mask,
        adapter,
        ...(last ? [last] : []),
      ] as tf.TensorContainer);
    },
  };
}
