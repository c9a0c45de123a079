// In how many bits the base is kept on the GPU: uploaded again when that changes, kept as it was when it fails.
import type { StoreContext } from "./context";
import type { Estimates } from "./estimates";
import type { StudioActions } from "./state";

export function baseWeightsActions(
  { get, set, worker }: StoreContext,
  estimates: Estimates,
): Pick<StudioActions, "setBaseWeights"> {
  return {
    async setBaseWeights(baseWeights) {
      const before = get().baseWeights;
      const { problem: _, ...model } = get().model;
      if (baseWeights === before || model.status === "loading") return;
      set({ baseWeights, model: { ...model, status: "loading", progress: 0 } });
      const result = await worker().setBaseWeights(baseWeights, (progress) => {
        if (get().model.status === "loading") set({ model: { ...get().model, progress } });
      });
      if (result.ok) set({ model: { ...model, status: model.info ? "ready" : "empty", progress: 1 } });
      else set({ baseWeights: before, model: { ...model, status: "failed", problem: result.problem } });
      await estimates.refresh();
    },
  };
}
