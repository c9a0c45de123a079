// Greedy decoding with a key/value cache in TensorFlow.js on WebGPU; the cache grows by concatenation.
import * as tf from "@tensorflow/tfjs-core";
import type { Contestant } from "../contest";
import { type StepSize, tokenIds } from "../inputs";
import { openTensorFlow } from "./tfLinear";
import { causalMask, tfAngles, tfAttention, tfHidden, tfLogits, tfWeights } from "./tfModel";

interface Cache {
  readonly k: tf.Tensor;
  readonly v: tf.Tensor;
}

export async function openTensorFlowGeneration(
  { config, sequenceLength: T }: StepSize,
  newTokens: number,
): Promise<Contestant> {
  await openTensorFlow();
  const weights = tfWeights(config);
  const angles = tfAngles(config, T + newTokens);
  const mask = causalMask(T);
  const prompt = [...tokenIds(T, config.vocabSize)];

  /** Takes in tokens behind the cached ones; @returns the next token's tensor [1] and the longer caches */
  const advance = (ids: readonly number[], position: number, caches: readonly Cache[]) =>
    tf.tidy(() => {
      const next: Cache[] = [];
      const attend = (layer: number, q: tf.Tensor, newK: tf.Tensor, newV: tf.Tensor) => {
        const cached = caches[layer];
        const k = cached ? tf.concat([cached.k, newK], 1) : newK;
        const v = cached ? tf.concat([cached.v, newV], 1) : newV;
        next.push({ k, v });
        return tfAttention(q, k, v, cached ? undefined : mask);
      };
      const rows = (table: tf.Tensor) => tf.slice(table, [position, 0, 0], [ids.length, -1, -1]);
      const model = { config, weights, adapter: {}, cos: rows(angles.cos), sin: rows(angles.sin), attend };
      const hidden = tfHidden(model, tf.tensor1d([...ids], "int32"));
      const logits = tfLogits(model, tf.slice(hidden, [ids.length - 1, 0], [1, -1]));
      return { token: tf.argMax(logits, -1), caches: next.map(({ k, v }) => ({ k, v })) };
    });

  const answer = async (): Promise<number[]> => {
    const ids: number[] = [];
    let input = prompt;
    let position = 0;
    let caches: Cache[] = [];
    while (ids.length < newTokens) {
      const result = advance(input, position, caches);
      tf.dispose(caches as unknown as tf.TensorContainer);
      caches = result.caches;
      position += input.length;
      const id = (await result.token.data())[0]!; // shown as it comes, as a chat does
      result.token.dispose();
      ids.push(id);
      input = [id];
    }
    tf.dispose(caches as unknown as tf.TensorContainer);
    return ids;
  };
  return {
    results: async () => new Map([["ids", Float32Array.from(await answer())]]),
    run: async () => {
      await answer();
    },
    finish: async () => {},
    close() {
      tf.dispose([weights, angles, mask] as tf.TensorContainer);
    },
  };
}
