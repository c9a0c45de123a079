// The engine's side of the analysis: hands over copies of factors and weights, and computes nothing.
import { transfer } from "comlink";
import { heldTensor } from "../formats/storedTensor";
import { lowRankAdapterOf } from "../lab/analysis/lowRankAdapter";
import type { AnalysisSupply, EngineAdapter } from "./analysisMessages";
import type { LoadedModel } from "./loadedModel";
import { resultOf, StudioError } from "./problems";
import type { TunedWeights } from "./tunedWeights";

export interface SupplyHost {
  /** @throws StudioError when there is none */
  tuned(source: EngineAdapter): Promise<TunedWeights>;
  model(): LoadedModel | undefined;
}

export function analysisSupply(host: SupplyHost): AnalysisSupply {
  return {
    adapter: (source) =>
      resultOf(async () => {
        const { adapter, info } = await host.tuned(source);
        if (adapter) return lowRankAdapterOf(adapter);
        throw new StudioError(
          `${info.name}: expected a LoRA adapter, got weights changed by another method, which are no product B·A.`,
        );
      }),
    async weight(path) {
      const tensor = host.model()?.folder.tensors.get(`${path}.weight`);
      if (!tensor) return null;
      const held = await heldTensor(tensor);
      return transfer(held, [held.bytes.buffer]);
    },
  };
}
