// Parts that several families are built from: named linear layers and norms, attention with rotary positions, and
// the gated feed-forward block.
import type { Tensor } from "../gpu/tensor";
import type { AttentionAttributes } from "../ops/attention";
import { embedding } from "../ops/embedding";
import { linear } from "../ops/linear";
import { rmsNorm } from "../ops/rmsNorm";
import { rotary } from "../ops/rotary";
import { swiglu } from "../ops/swiglu";
import type { Pass, Scope } from "./family";

/** Embedding rows of the pass's tokens [N, C]. @param path module of the table */
export function embedTokens({ trace, config, parameters, inputs }: Pass, path: string): Tensor {
  const { tokens, tokenOrder, tokenStart } = inputs;
  const weight = parameters.weight(`${path}.weight`, [config.vocabSize, config.hiddenSize]);
  return embedding(trace, { weight, tokens, tokenOrder, tokenStart }, { label: path.split(".").at(-1)! });
}

/** The linear layer at `path`, with its adapter if it has one; `residual` is added to the result. */
export function project(
  { trace, parameters }: Scope,
  path: string,
  x: Tensor,
  outFeatures: number,
  { bias = false, residual }: { bias?: boolean; residual?: Tensor } = {},
): Tensor {
  const inputs = {
    x,
    weight: parameters.weight(`${path}.weight`, [outFeatures, x.shape[1]!]),
    bias: bias ? parameters.weight(`${path}.bias`, [outFeatures]) : undefined,
    residual,
  };
  return linear(trace, inputs, { label: path, lowRank: parameters.lowRank(path) });
}

export function rmsNormed({ trace, config, parameters }: Scope, path: string, x: Tensor): Tensor {
  const weight = parameters.weight(`${path}.weight`, [x.shape[1]!]);
  return rmsNorm(trace, { x, weight }, { label: path, eps: config.normEps });
}

/** Widths of q and of k and v: heads side by side. */
export function headWidths({ config }: Scope): { readonly queries: number; readonly keys: number } {
  const { numAttentionHeads, numKeyValueHeads, headDim } = config;
  return { queries: numAttentionHeads * headDim, keys: numKeyValueHeads * headDim };
}

/** Attention of a layer over q [N, H·D], k and v [N, KV·D] as they are. @param path the layer's attention module */
export function attended(
  { config, inputs, attend }: Pass,
  layer: number,
  path: string,
  operands: { readonly q: Tensor; readonly k: Tensor; readonly v: Tensor },
): Tensor {
  const attributes: AttentionAttributes = {
    label: path,
    batchSize: inputs.batchSize,
    sequenceLength: inputs.sequenceLength,
    numAttentionHeads: config.numAttentionHeads,
    numKeyValueHeads: config.numKeyValueHeads,
    headDim: config.headDim,
    window: config.slidingWindows[layer]!,
  };
  return attend(layer, operands, attributes);
}

/** Queries or keys turned by their positions, in place. */
export function rotated({ trace, config, inputs }: Pass, x: Tensor): Tensor {
  const attributes = {
    label: `${x.label} rotated`,
    sequenceLength: inputs.sequenceLength,
    headDim: config.headDim,
  };
  return rotary(trace, { x, angles: inputs.angles, segments: inputs.segments }, attributes);
}

/** x + down(silu(gate(h))·up(h)), h the normed x. @param prefix of the layer */
export function gatedFeedForward(pass: Scope, prefix: string, x: Tensor): Tensor {
  const { intermediateSize, hiddenSize, mlpBias: bias } = pass.config;
  const h = rmsNormed(pass, `${prefix}.post_attention_layernorm`, x); // [N, C]
  const gate = project(pass, `${prefix}.mlp.gate_proj`, h, intermediateSize, { bias }); // [N, intermediate]
  const up = project(pass, `${prefix}.mlp.up_proj`, h, intermediateSize, { bias });
  const activated = swiglu(pass.trace, { gate, up }, { label: `${prefix}.mlp.act` });
  return project(pass, `${prefix}.mlp.down_proj`, activated, hiddenSize, { bias, residual: x }); // [N, C]
}
