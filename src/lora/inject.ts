// Puts adapters and trained weights into a model from outside: the model asks for parameters by name, and this
// decides which tensor answers.
import type { Tensor } from "../gpu/tensor";
import type { ModelParameters } from "../models/family";
import type { ResidentModel } from "../models/residentModel";
import type { LowRank } from "../ops/lowRank";

export interface Injection {
  /** Adapters by the path of their layer. */
  readonly lowRanks?: ReadonlyMap<string, LowRank>;
  /** Tensors that stand in for the model's own (full fine-tuning, merged weights), by name. */
  readonly trained?: ReadonlyMap<string, Tensor>;
}

/** The model's parameters with what is injected. Without an injection: the base model. */
export function injectedParameters(
  model: ResidentModel,
  { lowRanks, trained }: Injection = {},
): ModelParameters {
  return {
    weight(name) {
      const tensor = trained?.get(name) ?? model.tensors.get(name);
      if (!tensor) throw new Error(`model: expected a tensor ${name}, got none`);
      return tensor;
    },
    lowRank: (path) => lowRanks?.get(path),
  };
}
