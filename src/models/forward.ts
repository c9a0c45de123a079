// A model of any family as a function of parameters and tokens: to hidden rows, and from them to a loss or logits.
import type { ModelConfig } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import { attention } from "../ops/attention";
import { gatherRows } from "../ops/gatherRows";
import { headLoss } from "../ops/headLoss";
import { linear } from "../ops/linear";
import type { Trace } from "../ops/trace";
import { familyOf } from "./families";
import type { Attend, ModelParameters, Scope, TokenInputs } from "./family";

/** Attention within each example of the batch. @param segments of the rows [B·T, 2], see ops/segments.ts */
export function attendWithinBatch(trace: Trace, segments: Tensor): Attend {
  return (_layer, operands, attributes) => attention(trace, { ...operands, segments }, attributes);
}

/**
 * Runs all blocks; the result [N, C] has not passed the last norm.
 * @param checkpointing keep only what goes into each block, and run it again for its gradients
 */
export function modelHidden(
  trace: Trace,
  config: ModelConfig,
  parameters: ModelParameters,
  inputs: TokenInputs,
  attend: Attend,
  checkpointing = false,
): Tensor {
  const family = familyOf(config);
  const pass = { trace, config, parameters, inputs, attend };
  let x = family.embed(pass);
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const input = x;
    const block = () => family.block(pass, layer, input);
    x = checkpointing ? trace.checkpointed(block) : block();
  }
  return x;
}

function headWeight({ config, parameters }: Scope): Tensor {
  const name = config.tieWordEmbeddings ? familyOf(config).embedding : "lm_head.weight";
  return parameters.weight(name, [config.vocabSize, config.hiddenSize]);
}

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
export function modelLoss(
  trace: Trace,
  config: ModelConfig,
  parameters: ModelParameters,
  hidden: Tensor,
  { rowIndex, rowSlot, targets, stats, cells }: LossInputs,
): Tensor {
  const scope = { trace, config, parameters };
  const rows = gatherRows(trace, { x: hidden, rowIndex, rowSlot }, { label: "counted rows", cells }); // [R, C]
  const normed = familyOf(config).finalNorm(scope, rows);
  const inputs = { hidden: normed, weight: headWeight(scope), targets, stats };
  return headLoss(trace, inputs, { label: "lm_head", cells });
}

/** Logits [R, V] of hidden rows [R, C]. */
export function modelLogits(
  trace: Trace,
  config: ModelConfig,
  parameters: ModelParameters,
  hidden: Tensor,
): Tensor {
  const scope = { trace, config, parameters };
  const x = familyOf(config).finalNorm(scope, hidden);
  return linear(trace, { x, weight: headWeight(scope) }, { label: "lm_head" });
}
