// Puts adapters and trained weights into a model from outside: the model asks for parameters by name, and this
// decides which tensor answers.
import type { Tensor } from "../gpu/tensor";
import type { LlamaParameters } from "../models/llama";
import type { ResidentModel } from "../models/residentModel";
import type { LowRank } from "../ops/linear";
import { type AdaptedModule, factorName } from "./adapter";

export interface Injection {
  /** Adapted layers, with their factors in `trained`. */
  readonly modules?: readonly AdaptedModule[];
  /** Inputs of adapters to drop while training, and where each module's key lies. */
  readonly dropout?:
    | { readonly probability: number; readonly streamOf: (path: string) => Tensor }
    | undefined;
  /** Tensors that stand in for the model's own (full fine-tuning, merged weights), and the factors, by name. */
  readonly trained?: ReadonlyMap<string, Tensor>;
}

/** The model's parameters with what is injected. Without an injection: the base model. */
export function injectedParameters(model: ResidentModel, injection: Injection = {}): LlamaParameters {
  const { modules = [], dropout, trained = new Map<string, Tensor>() } = injection;
  const lowRanks = new Map<string, LowRank>(
    modules.map(({ path, scaling }) => {
      const loraA = trained.get(factorName(path, "A"));
      const loraB = trained.get(factorName(path, "B"));
      if (!loraA || !loraB)
        throw new Error(`${path}: expected both factors of its adapter, got ${loraA ? "A" : "none"}`);
      const dropping = dropout && { probability: dropout.probability, stream: dropout.streamOf(path) };
      return [path, { loraA, loraB, scaling, dropout: dropping }];
    }),
  );
  return {
    weight(name) {
      const tensor = trained.get(name) ?? model.tensors.get(name);
      if (!tensor) throw new Error(`model: expected a tensor ${name}, got none`);
      return tensor;
    },
    lowRank: (path) => lowRanks.get(path),
  };
}
