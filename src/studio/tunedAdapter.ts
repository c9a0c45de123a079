// The adapter that Compare and Export use, and how it is got out of a run's checkpoint or a person's files.

import { FormatError } from "../formats/formatError";
import { type PeftAdapter, type PeftAdapterFiles, readPeftAdapter } from "../formats/peft";
import { unpackAdapterZip } from "../formats/zip";
import { factorName } from "../lora/adapter";
import type { ModelWeights } from "../models/residentModel";
import { readCheckpoint } from "../train/checkpoint";
import { traineeOf } from "../train/trainee";
import type { CurrentAdapter, RunRecord } from "./messages";
import { StudioError } from "./problems";

/** An adapter in use, with the run it came from, which its model card tells about. */
export interface TunedAdapter {
  readonly info: CurrentAdapter;
  readonly adapter: PeftAdapter;
  readonly record?: RunRecord;
}

/**
 * The adapter as a run's checkpoint holds it.
 * @throws StudioError for methods without an adapter; FormatError or AdapterConfigError when it belongs to
 *   another model
 */
export function adapterFromCheckpoint(
  checkpoint: Uint8Array,
  record: RunRecord,
  weights: ModelWeights,
): TunedAdapter {
  const { config, state } = readCheckpoint(checkpoint);
  const { adapterConfig, modules } = traineeOf(config, weights, record.modelName);
  if (!adapterConfig) {
    throw new StudioError(
      `method: expected lora for an adapter, got ${config.method}, which changes the model itself.`,
      "method",
    );
  }
  const factors = new Map(
    modules.map(({ path, rank, inFeatures, outFeatures }) => {
      const loraA = state.params.get(factorName(path, "A"));
      const loraB = state.params.get(factorName(path, "B"));
      if (loraA?.length !== rank * inFeatures || loraB?.length !== outFeatures * rank) {
        const message = `expected factors of rank ${rank} for [${outFeatures}, ${inFeatures}], got others.`;
        throw new FormatError("checkpoint", path, `${message} The run was made with another model.`);
      }
      return [path, { loraA, loraB, rank, inFeatures, outFeatures }];
    }),
  );
  const adapter = { config: adapterConfig, factors };
  return { adapter, record, info: describeAdapter(adapter, record.name, "run") };
}

/**
 * Reads what a person chose: one zip, or the two files.
 * @throws FormatError naming the file
 */
export async function readAdapterFiles(files: readonly File[]): Promise<TunedAdapter> {
  const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());
  const zip = files.find(({ name }) => /\.zip$/i.test(name));
  const adapter = readPeftAdapter(
    zip ? unpackAdapterZip(await bytesOf(zip), zip.name) : await pairOf(files, bytesOf),
  );
  const name = zip?.name.replace(/\.zip$/i, "") ?? adapter.config.baseModelNameOrPath ?? "adapter";
  return { adapter, info: describeAdapter(adapter, name, "import") };
}

async function pairOf(
  files: readonly File[],
  bytesOf: (file: File) => Promise<Uint8Array>,
): Promise<PeftAdapterFiles> {
  const find = async (name: keyof PeftAdapterFiles) => {
    const file = files.find((candidate) => candidate.name === name);
    if (file) return bytesOf(file);
    const got = files.map((candidate) => candidate.name).join(", ") || "none";
    throw new FormatError(
      name,
      "",
      `expected a zip, or this file beside the other of the adapter, got ${got}.`,
    );
  };
  return {
    "adapter_config.json": await find("adapter_config.json"),
    "adapter_model.safetensors": await find("adapter_model.safetensors"),
  };
}

function describeAdapter(
  { config, factors }: PeftAdapter,
  name: string,
  origin: CurrentAdapter["origin"],
): CurrentAdapter {
  const values = [...factors.values()];
  const modules = new Set([...factors.keys()].map((path) => path.slice(path.lastIndexOf(".") + 1)));
  return {
    name,
    origin,
    rank: config.r,
    loraAlpha: config.loraAlpha,
    targetModules: [...modules],
    trainableParameters: values.reduce((sum, { loraA, loraB }) => sum + loraA.length + loraB.length, 0),
  };
}
