// What the action files share: the store's get and set, and the worker behind it.
import type { StoreApi } from "zustand";
import type { StudioWorker } from "../messages";
import type { StudioStore } from "./state";

export interface StoreContext {
  readonly get: StoreApi<StudioStore>["getState"];
  readonly set: StoreApi<StudioStore>["setState"];
  /** The worker; started by the first call. */
  readonly worker: () => StudioWorker;
}
