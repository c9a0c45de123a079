// Greedy decoding with a key/value cache in jax-js: one jitted function takes in the prompt, one a token.
import { jit, nn, numpy as np, tree } from "@jax-js/jax";
import type { Contestant } from "../contest";
import { type StepSize, tokenIds } from "../inputs";
import { openJax } from "./jaxLinear";
import { type Arrays, jaxAngles, jaxHidden, jaxLogits, jaxWeights } from "./jaxModel";

export async function openJaxGeneration(
  { config, sequenceLength: T }: StepSize,
  newTokens: number,
): Promise<Contestant> {
  await openJax();
  const context = T + newTokens;
  const weights = await jaxWeights(config);
  const angles = jaxAngles(config, context);
  const prompt = np.array(Int32Array.from(tokenIds(T, config.vocabSize)), { shape: [T], dtype: np.int32 });
  const held: Arrays = { ...angles, prompt };

  /** The token after the last row, as [1]. */
  const choose = (logits: np.Array) => np.argmax(logits, -1).astype(np.int32);

  const prefill = jit((w: Arrays, inputs: Arrays) => {
    const caches: Arrays = {};
    const attend = (layer: number, q: np.Array, k: np.Array, v: np.Array) => {
      caches[`k${layer}`] = np.pad(k.ref, [[0, newTokens], [0, 0], [0, 0]]); // biome-ignore format: one shape
      caches[`v${layer}`] = np.pad(v.ref, [[0, newTokens], [0, 0], [0, 0]]); // biome-ignore format: one shape
      return nn.dotProductAttention(q, k, v, { isCausal: true });
    };
    const rows = (table: np.Array) => table.ref.slice([0, T]);
    const model = { config, weights: w, adapter: {}, cos: rows(inputs.cos!), sin: rows(inputs.sin!), attend };
    const hidden = jaxHidden(model, inputs.prompt!.ref);
    return [choose(jaxLogits(model, hidden.slice([T - 1, T]))), caches] as const;
  });

  const decode = jit((w: Arrays, inputs: Arrays, token: np.Array, position: np.Array, before: Arrays) => {
    const caches: Arrays = {};
    const places = np.arange(context).astype(np.int32);
    const isHere = np.equal(places.ref.reshape([context, 1, 1]), position.ref);
    const isSeen = np.lessEqual(places.reshape([1, 1, context]), position.ref);
    const attend = (layer: number, q: np.Array, k: np.Array, v: np.Array) => {
      const keys = np.where(isHere.ref, k, before[`k${layer}`]!);
      const values = np.where(isHere.ref, v, before[`v${layer}`]!);
      caches[`k${layer}`] = keys.ref;
      caches[`v${layer}`] = values.ref;
      return nn.dotProductAttention(q, keys, values, { mask: isSeen.ref });
    };
    const row = (table: np.Array) => np.take(table.ref, position.ref.reshape([1]), 0);
    const model = { config, weights: w, adapter: {}, cos: row(inputs.cos!), sin: row(inputs.sin!), attend };
    return [choose(jaxLogits(model, jaxHidden(model, token))), caches] as const;
  });

  const answer = async (): Promise<number[]> => {
    let [token, caches] = prefill(tree.ref(weights), tree.ref(held)) as unknown as [np.Array, Arrays];
    const ids = [(await token.ref.data())[0]!];
    while (ids.length < newTokens) {
      const position = np.array(Int32Array.of(T + ids.length - 1), { shape: [], dtype: np.int32 });
      const next = decode(tree.ref(weights), tree.ref(held), token, position, caches);
      [token, caches] = next as unknown as [np.Array, Arrays];
      ids.push((await token.ref.data())[0]!); // shown as it comes, as a chat does
    }
    token.dispose();
    tree.dispose(caches);
    return ids;
  };
  return {
    results: async () => new Map([["ids", Float32Array.from(await answer())]]),
    run: async () => {
      await answer();
    },
    finish: async () => {},
    close() {
      tree.dispose(weights);
      tree.dispose(held);
      prefill.dispose();
      decode.dispose();
    },
  };
}
