// The rank lab's store, beside the studio's: an experiment needs its model, data and settings, and gives it adapters.
import { create, type StoreApi, type UseBoundStore } from "zustand";
import type { PageWorker } from "../labMessages";
import { labActions } from "./labActions";
import { defaultDraft } from "./labDraft";
import type { LabState, LabStore } from "./labState";
import type { StudioStore } from "./state";
import { connectStudio, useStudio } from "./studioStore";

const initialState: LabState = {
  draft: defaultDraft,
  status: "idle",
  measure: "validationLoss",
  warnings: [],
  hasSaved: false,
  answers: { prompt: "", maxNewTokens: 48, busy: false, answers: [] },
  kept: [],
  transfer: { busy: false },
};

/** A lab on the same worker as `studio`. */
export function createLabStore(
  connect: () => PageWorker,
  studio: StoreApi<StudioStore>,
): UseBoundStore<StoreApi<LabStore>> {
  return create<LabStore>()((set, get) => ({
    ...initialState,
    ...labActions({
      get,
      set,
      worker: () => connect().lab,
      cancelGenerate: () => connect().cancelGenerate(),
      studio,
    }),
  }));
}

/** The lab's state and actions, for components. */
export const useLab = createLabStore(connectStudio, useStudio);
