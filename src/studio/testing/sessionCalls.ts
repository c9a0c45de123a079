// What tests of the session do over and over: open one, unwrap results, follow a run to its end, look into a zip.
import { expect } from "vitest";
import { unpackAdapterZip } from "../../formats/zip";
import { LabShelf } from "../labShelf";
import type {
  GpuChange,
  Result,
  RunUpdate,
  StudioProblem,
  StudioWorker,
  TrainConfigInput,
} from "../messages";
import type { RunShelf } from "../runShelf";
import { StudioSession } from "../session";
import { tinyConfig, tinyData, tinyModel } from "./tinyModel";

export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}

export function problemOf<T>(result: Result<T>): StudioProblem {
  if (!result.ok) return result.problem;
  return expect.fail("expected a problem, got a value");
}

/** Collects a run's updates. */
export function collect() {
  const updates: RunUpdate[] = [];
  const waiting: { matches: (update: RunUpdate) => boolean; resolve: (update: RunUpdate) => void }[] = [];
  const onUpdates = (batch: readonly RunUpdate[]) => {
    for (const update of batch) {
      updates.push(update);
      for (const { matches, resolve } of waiting) if (matches(update)) resolve(update);
    }
  };
  /** The first update from now on that matches. */
  const next = (matches: (update: RunUpdate) => boolean) =>
    new Promise<RunUpdate>((resolve) => {
      waiting.push({ matches, resolve });
    });
  const ended = next(({ type }) => type === "end" || type === "interrupted");
  return { updates, onUpdates, next, ended };
}

/** The current adapter's zip. */
export async function exportedZip(studio: StudioWorker) {
  const { file, fileName } = unwrap(await studio.exportAdapter());
  return { fileName, bytes: await bytesOf(file!) };
}

export const bytesOf = async (file: Blob) => new Uint8Array(await file.arrayBuffer());

/** Bytes of the current adapter's weights, as the exported zip holds them. */
export async function exportedWeights(studio: StudioWorker): Promise<Uint8Array> {
  const { bytes, fileName } = await exportedZip(studio);
  return unpackAdapterZip(bytes, fileName)["adapter_model.safetensors"];
}

/** A shelf of experiments with nothing on it. */
export const emptyLab = (): LabShelf => new LabShelf(`lab-test-${crypto.randomUUID()}`, navigator.locks);

/** A session with the tiny model and data loaded. */
export async function openSession(
  shelf: RunShelf,
  gpu: GPU = navigator.gpu,
  onGpuChange: (change: GpuChange) => void = () => {},
  lab: LabShelf = emptyLab(),
): Promise<StudioSession> {
  const session = new StudioSession(gpu, shelf, lab);
  unwrap(await session.start(onGpuChange));
  unwrap(await session.loadModel(tinyModel(), () => {}));
  unwrap(await session.loadData(tinyData(), { sequenceLength: 24, seed: 3 }));
  return session;
}

export async function trainToEnd(session: StudioWorker, input: TrainConfigInput = tinyConfig) {
  const { updates, ended, onUpdates } = collect();
  const record = unwrap(await session.train(input, onUpdates));
  return { record, end: await ended, updates };
}
