// The estimate beside the form: asked for again after each change, and only the last answer counts.
import type { StoreContext } from "./context";
import { toConfigInput } from "./settings";

/** Typing settles for this long before the worker is asked. */
export const debounceMs = 150;

export interface Estimates {
  refresh(): Promise<void>;
  /** As refresh, once typing has settled. */
  schedule(): void;
}

export function createEstimates({ get, set, worker }: StoreContext): Estimates {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastTicket = 0;
  const refresh = async () => {
    const ticket = ++lastTicket;
    if (!get().model.info) return;
    const estimate = await worker().estimate(toConfigInput(get().settings));
    if (ticket === lastTicket) set({ estimate });
  };
  return {
    refresh,
    schedule() {
      clearTimeout(timer);
      timer = setTimeout(refresh, debounceMs);
    },
  };
}
