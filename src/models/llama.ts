// The Llama architecture as ops: a function from weights and tokens to hidden rows, a loss, or logits. It knows
// nothing of adapters: what a linear layer's low-rank part is, its caller says.
// Source: transformers, models/llama/modeling_llama.py. B batch, T sequence, N = B·T rows, C hidden, V vocabulary.
import type { LlamaConfig } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import { type AttentionAttributes, attention } from "../ops/attention";
import { embedding } from "../ops/embedding";
import { gatherRows } from "../ops/gatherRows";
import { headLoss } from "../ops/headLoss";
import { linear } from "../ops/linear";
import type { LowRank } from "../ops/lowRank";
import { rmsNorm } from "../ops/rmsNorm";
import { rotary } from "../ops/rotary";
import { swiglu } from "../ops/swiglu";
import type { Trace } from "../ops/trace";

/** Where the model finds its parameters. */
export interface LlamaParameters {
  /** Tensor by Hugging Face name. @throws when there is none */
  weight(name: string): Tensor;
  /** The adapter of a linear layer by module path, if it has one. */
  lowRank(modulePath: string): LowRank | undefined;
}

export interface TokenInputs {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** [B·T] */
  readonly tokens: Tensor;
  /** Positions sorted by token [B·T] and each token's start [V + 1]: only to train the embedding. */
  readonly tokenOrder?: Tensor | undefined;
  readonly tokenStart?: Tensor | undefined;
  /** (cos, sin) of every position and frequency, from rotaryAngles. */
  readonly angles: Tensor;
}

/** How a layer attends: over the batch itself, or over a cache of earlier tokens. */
export type Attend = (
  layer: number,
  operands: { q: Tensor; k: Tensor; v: Tensor },
  attributes: AttentionAttributes,
) => Tensor;

/** Attention within each sequence of the batch. @param lengths tokens of each sequence [B] */
export function attendWithinBatch(trace: Trace, lengths: Tensor): Attend {
  return (_layer, operands, attributes) => attention(trace, { ...operands, lengths }, attributes);
}

/** Runs all blocks; the result [N, C] has not passed the last norm. */
export function llamaHidden(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  inputs: TokenInputs,
  attend: Attend,
): Tensor {
  const { batchSize, sequenceLength, tokens, tokenOrder, tokenStart } = inputs;
  const weight = parameters.weight("model.embed_tokens.weight");
  let x = embedding(trace, { weight, tokens, tokenOrder, tokenStart }, { label: "embed_tokens" }); // [N, C]
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const prefix = `model.layers.${layer}`;
    const attributes: AttentionAttributes = {
      label: `${prefix}.self_attn`,
      batchSize,
      sequenceLength,
      numAttentionHeads: config.numAttentionHeads,
      numKeyValueHeads: config.numKeyValueHeads,
      headDim: config.headDim,
    };
    x = attentionBlock(trace, config, parameters, { x, angles: inputs.angles, layer }, attributes, attend);
    x = feedForwardBlock(trace, config, parameters, x, prefix);
  }
  return x;
}

function project(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  path: string,
  x: Tensor,
  residual?: Tensor,
): Tensor {
  const biased = path.includes(".self_attn.") ? config.attentionBias : config.mlpBias;
  const bias = biased ? parameters.weight(`${path}.bias`) : undefined;
  const attributes = { label: path, lowRank: parameters.lowRank(path) };
  return linear(trace, { x, weight: parameters.weight(`${path}.weight`), bias, residual }, attributes);
}

function norm(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  path: string,
  x: Tensor,
): Tensor {
  return rmsNorm(
    trace,
    { x, weight: parameters.weight(`${path}.weight`) },
    { label: path, eps: config.rmsNormEps },
  );
}

function attentionBlock(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  { x, angles, layer }: { x: Tensor; angles: Tensor; layer: number },
  attributes: AttentionAttributes,
  attend: Attend,
): Tensor {
  const path = attributes.label;
  const h = norm(trace, config, parameters, `model.layers.${layer}.input_layernorm`, x); // [N, C]
  const rotated = (name: string) => {
    const projected = project(trace, config, parameters, `${path}.${name}`, h);
    return rotary(trace, { x: projected, angles }, { ...attributes, label: `${path}.${name} rotated` });
  };
  const q = rotated("q_proj"); // [N, H·D]
  const k = rotated("k_proj"); // [N, KV·D]
  const v = project(trace, config, parameters, `${path}.v_proj`, h); // [N, KV·D]
  const o = attend(layer, { q, k, v }, attributes); // [N, H·D]
  return project(trace, config, parameters, `${path}.o_proj`, o, x); // [N, C]
}

function feedForwardBlock(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  x: Tensor,
  prefix: string,
): Tensor {
  const h = norm(trace, config, parameters, `${prefix}.post_attention_layernorm`, x); // [N, C]
  const gate = project(trace, config, parameters, `${prefix}.mlp.gate_proj`, h); // [N, intermediate]
  const up = project(trace, config, parameters, `${prefix}.mlp.up_proj`, h);
  const activated = swiglu(trace, { gate, up }, { label: `${prefix}.mlp.act` });
  return project(trace, config, parameters, `${prefix}.mlp.down_proj`, activated, x); // [N, C]
}

const headName = (config: LlamaConfig): string =>
  config.tieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";

export interface LossInputs {
  /** Rows whose next token counts [R], and their slots [N]; see gatherRows. */
  readonly rowIndex: Tensor;
  readonly rowSlot: Tensor;
  /** The next token of each [R]. */
  readonly targets: Tensor;
  /** The first of each cell's four entries gets the loss added. */
  readonly stats: Tensor;
  /** Cells of a race: each has its share of the rows, one behind the other. */
  readonly cells: number;
}

/** Mean cross-entropy over the counted rows; returns the losses by row, the root of the backward walk. */
export function llamaLoss(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  hidden: Tensor,
  { rowIndex, rowSlot, targets, stats, cells }: LossInputs,
): Tensor {
  const rows = gatherRows(trace, { x: hidden, rowIndex, rowSlot }, { label: "counted rows", cells }); // [R, C]
  const normed = norm(trace, config, parameters, "model.norm", rows);
  const weight = parameters.weight(headName(config));
  return headLoss(trace, { hidden: normed, weight, targets, stats }, { label: "lm_head", cells });
}

/** Logits [R, V] of hidden rows [R, C]. */
export function llamaLogits(
  trace: Trace,
  config: LlamaConfig,
  parameters: LlamaParameters,
  hidden: Tensor,
): Tensor {
  const normed = norm(trace, config, parameters, "model.norm", hidden);
  return linear(trace, { x: normed, weight: parameters.weight(headName(config)) }, { label: "lm_head" });
}
