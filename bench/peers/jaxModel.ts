// A Llama model in jax-js, as its users write one; training and generation share it.
import { nn, numpy as np } from "@jax-js/jax";
import type { ModelConfig } from "../../src/formats/modelConfig";
import { architectureOf } from "../../src/models/architecture";
import { rotaryTable } from "../../src/models/rotaryTable";
import { randomWeights, SCALING } from "../inputs";

export type Arrays = Record<string, np.Array>;

/** The weights by name; linear layers as [in, out], the order in which a matmul here reads them straight. */
export async function jaxWeights(config: ModelConfig): Promise<Arrays> {
  const shapes = architectureOf(config).tensors;
  const weights: Arrays = {};
  for (const [name, values] of randomWeights(config)) {
    const shape = [...shapes.get(name)!];
    const array = np.array(values, { shape });
    weights[name] = name.endsWith("_proj.weight")
      ? np.array(await array.transpose().data(), { shape: shape.reverse() })
      : array;
  }
  return weights;
}

/** Cosines and sines of positions 0 … length − 1, each [length, 1, D/2]. */
export function jaxAngles(config: ModelConfig, length: number): { cos: np.Array; sin: np.Array } {
  const angles = rotaryTable(config, length);
  const half = config.headDim / 2;
  const table = (part: 0 | 1) =>
    np.array(
      Float32Array.from({ length: length * half }, (_, i) => angles[2 * i + part]!),
      { shape: [length, 1, half] },
    );
  return { cos: table(0), sin: table(1) };
}

export interface JaxModel {
  readonly config: ModelConfig;
  readonly weights: Arrays;
  /** Factors by parameter name; empty without an adapter. */
  readonly adapter: Arrays;
  /** Angles of the rows' positions. */
  readonly cos: np.Array;
  readonly sin: np.Array;
  /** q [T, H, D], k and v [T, KV, D] of a layer to its output [T, H, D]. */
  readonly attend: (layer: number, q: np.Array, k: np.Array, v: np.Array) => np.Array;
}

/** Hidden rows [T, C] of tokens [T], before the last norm. Borrows what the model holds. */
export function jaxHidden(model: JaxModel, tokens: np.Array): np.Array {
  const { config, weights, adapter, cos, sin, attend } = model;
  const { numAttentionHeads: heads, numKeyValueHeads: keyValueHeads, headDim } = config;
  const T = tokens.shape[0]!;
  const linear = (path: string, x: np.Array): np.Array => {
    const weight = weights[`${path}.weight`]!.ref;
    const A = adapter[`${path}.lora_A.weight`];
    const B = adapter[`${path}.lora_B.weight`];
    if (!A || !B) return np.matmul(x, weight);
    const low = np.matmul(np.matmul(x.ref, A.ref.transpose()), B.ref.transpose()).mul(SCALING);
    return np.matmul(x, weight).add(low);
  };
  const rotate = (x: np.Array): np.Array => {
    const [a, b] = np.split(x, 2, -1) as [np.Array, np.Array];
    const first = a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref));
    return np.concatenate([first, b.mul(cos.ref).add(a.mul(sin.ref))], -1);
  };
  let x = np.take(weights["model.embed_tokens.weight"]!.ref, tokens, 0); // [T, C]
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const path = `model.layers.${layer}`;
    const h = jaxNorm(model, `${path}.input_layernorm`, x.ref);
    const q = rotate(linear(`${path}.self_attn.q_proj`, h.ref).reshape([T, heads, headDim]));
    const k = rotate(linear(`${path}.self_attn.k_proj`, h.ref).reshape([T, keyValueHeads, headDim]));
    const v = linear(`${path}.self_attn.v_proj`, h).reshape([T, keyValueHeads, headDim]);
    const o = attend(layer, q, k, v).reshape([T, heads * headDim]);
    x = x.add(linear(`${path}.self_attn.o_proj`, o));
    const f = jaxNorm(model, `${path}.post_attention_layernorm`, x.ref);
    const gate = nn.silu(linear(`${path}.mlp.gate_proj`, f.ref));
    x = x.add(linear(`${path}.mlp.down_proj`, gate.mul(linear(`${path}.mlp.up_proj`, f))));
  }
  return x;
}

/** Logits [R, V] of hidden rows [R, C]; the head is the embedding. */
export function jaxLogits(model: JaxModel, rows: np.Array): np.Array {
  const head = model.weights["model.embed_tokens.weight"]!.ref.transpose();
  return np.matmul(jaxNorm(model, "model.norm", rows), head);
}

function jaxNorm({ config, weights }: JaxModel, path: string, x: np.Array): np.Array {
  const square = np.mean(np.square(x.ref), -1, { keepdims: true });
  return x.mul(np.reciprocal(np.sqrt(square.add(config.normEps)))).mul(weights[`${path}.weight`]!.ref);
}
