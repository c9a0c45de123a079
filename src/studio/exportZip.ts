// The zip that a person takes away: the tuned weights as other tools load them, a model card for people and
// run.json for programs.

import type { ByteSource } from "../formats/byteSource";
import { writePeftAdapter } from "../formats/peft";
import { storedValues } from "../formats/storedTensor";
import { unpackedBytes, type ZippedFiles, zipParts } from "../formats/zipStream";
import { changedModelFiles } from "../models/changedModel";
import { writeModelCard } from "../train/modelCard";
import { exportFile } from "./exportFile";
import type { LoadedModel } from "./loadedModel";
import type { RunHistory } from "./messages";
import { zipName } from "./stores/fileName";
import type { TunedWeights } from "./tunedWeights";

/** What an export tells of a run: at least these figures of its steps. */
export interface ExportHistory {
  readonly steps: readonly { readonly type: "step"; readonly step: number; readonly loss: number }[];
  readonly evaluations: RunHistory["evaluations"];
  readonly deltas: RunHistory["deltas"];
}

/** The weights' files with README.md and run.json, in one zip named after the run; into `target` where one is given. */
export async function exportZip(
  tuned: TunedWeights,
  model: LoadedModel,
  history: ExportHistory,
  target?: FileSystemFileHandle,
): Promise<{ readonly fileName: string; readonly file: Blob | null }> {
  const files = weightsFolder(tuned, model, history);
  const fileName = zipName(tuned.info);
  const file = await exportFile(fileName, zipParts(fileName, files), unpackedBytes(files), target);
  return { fileName, file };
}

/** Tuned weights as a folder that other tools load, with README.md and run.json. */
export function weightsFolder(tuned: TunedWeights, model: LoadedModel, history: ExportHistory): ZippedFiles {
  const encoder = new TextEncoder();
  const shapeOf = (name: string) => model.folder.tensors.get(name)!.shape;
  return new Map<string, Uint8Array | ByteSource>([
    ...(tuned.adapter
      ? Object.entries(writePeftAdapter(tuned.adapter))
      : changedModelFiles(model, storedValues(tuned.values, shapeOf), "F32")),
    ["README.md", encoder.encode(modelCard(tuned, model, history))],
    ["run.json", encoder.encode(runJson(tuned, model, history))],
  ]);
}

function modelCard(tuned: TunedWeights, model: LoadedModel, history: ExportHistory): string {
  const { adapter, info, record } = tuned;
  const base = adapter?.config.baseModelNameOrPath ?? model.info.name;
  const what = adapter ? "A LoRA adapter for" : "A fine-tuned version of";
  const { steps, evaluations } = history;
  return writeModelCard({
    title: info.name,
    base,
    summary: record
      ? `${what} ${base}, fine-tuned in the browser with LoRA Studio.`
      : `${what} ${base}, imported into LoRA Studio and exported again.`,
    adapter: adapter?.config ?? null,
    trainableParameters: info.trainableParameters,
    totalParameters: model.info.parameterCount,
    run: record && {
      config: record.config,
      dataName: record.dataName,
      step: record.step,
      firstLoss: steps[0]?.loss,
      lastLoss: steps.at(-1)?.loss,
      validationBefore: evaluations.find(({ step }) => step === 0)?.loss,
      validationAfter: evaluations.at(-1)?.loss,
    },
    closing: "`run.json` holds the full configuration and the metrics of every step.",
  });
}

function runJson(tuned: TunedWeights, model: LoadedModel, history: ExportHistory): string {
  const { adapter, info, record } = tuned;
  const events = <T extends { readonly type: string }>(list: readonly T[]) =>
    list.map(({ type: _, ...values }) => values);
  const run = record && {
    name: record.name,
    createdAt: new Date(record.createdAt).toISOString(),
    status: record.status,
    step: record.step,
    data: record.dataName,
    config: record.config,
    steps: events(history.steps),
    evaluations: events(history.evaluations),
    deltas: events(history.deltas),
  };
  const { name, parameterCount } = model.info;
  const content = {
    format: "lora-studio-run",
    version: 1,
    origin: info.origin,
    baseModel: { name, parameterCount },
    trainableParameters: info.trainableParameters,
    ...(adapter && { adapter: adapter.config }),
    ...(run && { run }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
