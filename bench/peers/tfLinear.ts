// The adapted linear layer in TensorFlow.js on its WebGPU backend.
import "@tensorflow/tfjs-backend-webgpu";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-core/dist/register_all_gradients";
import type { Contestant } from "../contest";
import { type LinearInputs, type LinearSize, SCALING } from "../inputs";

/** @throws when TensorFlow.js cannot use WebGPU */
export async function openTensorFlow(): Promise<void> {
  if (!(await tf.setBackend("webgpu"))) throw new Error("tfjs: expected its webgpu backend, got none");
  await tf.ready();
}

export async function openTensorFlowLinear(
  { N, inFeatures, outFeatures, rank }: LinearSize,
  inputs: LinearInputs,
  backward: boolean,
): Promise<Contestant> {
  await openTensorFlow();
  const x = tf.tensor2d(inputs.x, [N, inFeatures]);
  const weight = tf.tensor2d(inputs.weight, [outFeatures, inFeatures]);
  const loraA = tf.tensor2d(inputs.loraA, [rank, inFeatures]);
  const loraB = tf.tensor2d(inputs.loraB, [outFeatures, rank]);
  const dy = tf.tensor2d(inputs.dy, [N, outFeatures]);
  const held = [x, weight, loraA, loraB, dy];

  const layer = (...[input, A, B]: tf.Tensor[]): tf.Tensor => {
    const low = tf.matMul(tf.matMul(input!, A!, false, true), B!, false, true);
    return tf.add(tf.matMul(input!, weight, false, true), tf.mul(low, SCALING));
  };
  const gradients = tf.valueAndGrads(layer);
  const compute = (): tf.Tensor[] =>
    tf.tidy(() => {
      if (!backward) return [layer(x, loraA, loraB)];
      const { value, grads } = gradients([x, loraA, loraB], dy);
      return [value, ...grads];
    });
  const names = ["y", "dx", "dA", "dB"];
  let last: tf.Tensor[] = [];
  return {
    async results() {
      const tensors = compute();
      const arrays = await Promise.all(tensors.map((tensor) => tensor.data()));
      tf.dispose(tensors);
      return new Map(arrays.map((array, i) => [names[i]!, array as Float32Array]));
    },
    run() {
      tf.dispose(last);
      last = compute();
    },
    // The smallest result: its bytes arrive when everything before them is done.
    finish: async () => {
      await finishTensorFlow(last.at(-1)!);
    },
    close() {
      tf.dispose([...last, ...held]);
    },
  };
}

/** Resolves when `tensor` and all that was handed to the GPU before it is computed. */
export async function finishTensorFlow(tensor: tf.Tensor): Promise<void> {
  const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1));
  await first.data();
  first.dispose();
}
