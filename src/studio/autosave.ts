// Saving while a run goes on: what can go wrong there must not end it.
import type { RunState, StoredRun } from "./runStorage";

/** Writes the run's record and state. @throws when the storage refuses */
export type Autosaver = (run: StoredRun, state: RunState) => Promise<void>;

/** What a person is told when an autosave failed, and what they can do. */
export function autosaveWarning(error: unknown): string {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  if (isFull) {
    return (
      "Autosave failed: the browser's storage is full. The run goes on. Delete runs you no longer need or free " +
      "disk space, and export the adapter before closing this tab."
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return `Autosave failed: ${reason}. The run goes on. Export the adapter before closing this tab.`;
}
