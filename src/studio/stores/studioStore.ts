// The one store of the page: state and actions of the studio, put together from the action files.
import { create, type StoreApi, type UseBoundStore } from "zustand";
import { defaultDataSettings } from "../../data/config";
import { connectTo, startWorker } from "../client";
import type { PageWorker } from "../labMessages";
import type { StudioWorker } from "../messages";
import { baseWeightsActions } from "./baseWeightsActions";
import { compareActions } from "./compareActions";
import type { StoreContext } from "./context";
import { dataActions } from "./dataActions";
import { createEstimates } from "./estimates";
import { emptyHistory } from "./history";
import { runActions } from "./runActions";
import { defaultCompareSettings, defaultSettings } from "./settings";
import { setupActions } from "./setupActions";
import type { StudioState, StudioStore } from "./state";

const initialState: StudioState = {
  gpu: { status: "starting" },
  model: { status: "empty", progress: 0 },
  baseWeights: null,
  samples: [],
  data: { status: "empty", settings: defaultDataSettings },
  settings: defaultSettings,
  run: { status: "idle", history: emptyHistory, warnings: [] },
  runs: [],
  compare: {
    prompt: "",
    settings: defaultCompareSettings,
    base: { text: "", busy: false },
    adapter: { text: "", busy: false },
  },
  transfer: { busy: false },
};

/** @param connect gives the worker, the same one every time; first called at the first action */
export function createStudioStore(connect: () => StudioWorker): UseBoundStore<StoreApi<StudioStore>> {
  return create<StudioStore>()((set, get) => {
    const context: StoreContext = { get, set, worker: connect };
    const estimates = createEstimates(context);
    return {
      ...initialState,
      ...setupActions(context, estimates),
      ...baseWeightsActions(context, estimates),
      ...dataActions(context, estimates),
      ...runActions(context),
      ...compareActions(context),
    };
  });
}

let worker: PageWorker | undefined;

/** The page's worker, started at the first call. */
export function connectStudio(): PageWorker {
  worker ??= connectTo(startWorker());
  return worker;
}

/** The studio's state and actions, for components. */
export const useStudio = createStudioStore(connectStudio);
