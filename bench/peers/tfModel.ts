// A Llama model in TensorFlow.js, as its users write one; training and generation share it.
import * as tf from "@tensorflow/tfjs-core";
import type { ModelConfig } from "../../src/formats/modelConfig";
import { architectureOf } from "../../src/models/architecture";
import { rotaryTable } from "../../src/models/rotaryTable";
import { randomWeights, SCALING } from "../inputs";

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** The weights by name, as the file has them. */
export function tfWeights(config: ModelConfig): Tensors {
  const shapes = architectureOf(config).tensors;
  return Object.fromEntries(
    [...randomWeights(config)].map(([name, values]) => [name, tf.tensor(values, [...shapes.get(name)!])]),
  );
}

/** Cosines and sines of positions 0 … length − 1, each [length, 1, D/2]. */
export function tfAngles(config: ModelConfig, length: number): { cos: tf.Tensor; sin: tf.Tensor } {
  const angles = rotaryTable(config, length);
  const half = config.headDim / 2;
  const table = (part: 0 | 1) =>
    tf.tensor3d(
      Float32Array.from({ length: length * half }, (_, i) => angles[2 * i + part]!),
      [length, 1, half],
    );
  return { cos: table(0), sin: table(1) };
}

export interface TfModel {
  readonly config: ModelConfig;
  readonly weights: Tensors;
  /** Factors by parameter name; empty without an adapter. */
  readonly adapter: Tensors;
  /** Angles of the rows' positions. */
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
  /** q [H, T, D], k and v [KV, T, D] of a layer to its output [H, T, D]. */
  readonly attend: (layer: number, q: tf.Tensor, k: tf.Tensor, v: tf.Tensor) => tf.Tensor;
}

/** Hidden rows [T, C] of tokens [T], before the last norm. */
export function tfHidden(model: TfModel, tokens: tf.Tensor): tf.Tensor {
  const { config, weights, adapter, cos, sin, attend } = model;
  const { numAttentionHeads: heads, numKeyValueHeads: keyValueHeads, headDim } = config;
  const T = tokens.shape[0]!;
  const linear = (path: string, x: tf.Tensor): tf.Tensor => {
    const base = tf.matMul(x, weights[`${path}.weight`]!, false, true);
    const A = adapter[`${path}.lora_A.weight`];
    const B = adapter[`${path}.lora_B.weight`];
    if (!A || !B) return base;
    return tf.add(base, tf.mul(tf.matMul(tf.matMul(x, A, false, true), B, false, true), SCALING));
  };
  const rotate = (x: tf.Tensor): tf.Tensor => {
    const [a, b] = tf.split(x, 2, -1) as [tf.Tensor, tf.Tensor];
    return tf.concat([tf.sub(tf.mul(a, cos), tf.mul(b, sin)), tf.add(tf.mul(b, cos), tf.mul(a, sin))], -1);
  };
  const rowsOf = (path: string, x: tf.Tensor, count: number) =>
    tf.reshape(linear(path, x), [T, count, headDim]);
  const byHead = (x: tf.Tensor) => tf.transpose(x, [1, 0, 2]);
  let x = tf.gather(weights["model.embed_tokens.weight"]!, tokens as tf.Tensor1D); // [T, C]
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const path = `model.layers.${layer}`;
    const h = tfNorm(model, `${path}.input_layernorm`, x);
    const q = byHead(rotate(rowsOf(`${path}.self_attn.q_proj`, h, heads)));
    const k = byHead(rotate(rowsOf(`${path}.self_attn.k_proj`, h, keyValueHeads)));
    const v = byHead(rowsOf(`${path}.self_attn.v_proj`, h, keyValueHeads));
    const o = tf.reshape(byHead(attend(layer, q, k, v)), [T, heads * headDim]);
    x = tf.add(x, linear(`${path}.self_attn.o_proj`, o));
    const f = tfNorm(model, `${path}.post_attention_layernorm`, x);
    const gate = linear(`${path}.mlp.gate_proj`, f);
    const activated = tf.mul(tf.mul(gate, tf.sigmoid(gate)), linear(`${path}.mlp.up_proj`, f));
    x = tf.add(x, linear(`${path}.mlp.down_proj`, activated));
  }
  return x;
}

/** Softmax attention [H, T, D] over keys and values [KV, S, D]; @param mask added to the scores [T, S] */
export function tfAttention(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  mask: tf.Tensor | undefined,
): tf.Tensor {
  const [heads, , headDim] = q.shape as [number, number, number];
  const repeated = (x: tf.Tensor): tf.Tensor => {
    const [count, rows] = x.shape as [number, number];
    if (count === heads) return x;
    const tiled = tf.tile(tf.expandDims(x, 1), [1, heads / count, 1, 1]);
    return tf.reshape(tiled, [heads, rows, headDim]);
  };
  const scores = tf.mul(tf.matMul(q, repeated(k), false, true), headDim ** -0.5);
  return tf.matMul(tf.softmax(mask ? tf.add(scores, mask) : scores), repeated(v));
}

/** What is added to the scores so that row i sees keys up to i: [T, T] of 0 and −1e30. */
export function causalMask(T: number): tf.Tensor {
  return tf.tidy(() => tf.mul(tf.sub(tf.linalg.bandPart(tf.ones([T, T]), -1, 0), 1), 1e30));
}

/** Logits [R, V] of hidden rows [R, C]; the head is the embedding. */
export function tfLogits(model: TfModel, rows: tf.Tensor): tf.Tensor {
  return tf.matMul(
    tfNorm(model, "model.norm", rows),
    model.weights["model.embed_tokens.weight"]!,
    false,
    true,
  );
}

function tfNorm({ config, weights }: TfModel, path: string, x: tf.Tensor): tf.Tensor {
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), config.normEps));
  return tf.mul(tf.mul(x, scale), weights[`${path}.weight`]!);
}
