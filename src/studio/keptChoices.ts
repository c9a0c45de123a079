// What was measured about this visitor's GPU, kept in IndexedDB so that it is measured once and not on every visit.
import { openDB } from "idb";
import type { Gpu } from "../gpu/device";
import type { MeasuredChoices } from "../gpu/tuner";

const STORE = "choices";

/** Gives the GPU what is known of it, and keeps what it learns. Without storage it is measured on each visit. */
export async function keepChoices({ name, tuner }: Gpu, databaseName = "lora-studio-gpu"): Promise<void> {
  try {
    const database = await openDB(databaseName, 1, {
      upgrade: (created) => void created.createObjectStore(STORE),
      blocking: () => database.close(),
    });
    tuner.restore(((await database.get(STORE, name)) ?? {}) as MeasuredChoices);
    tuner.onMeasured = (choices) => void database.put(STORE, choices, name).catch(() => {});
  } catch {
    // Private windows may have no storage.
  }
}
