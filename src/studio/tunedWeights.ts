// The tuned weights that Compare and Export use, and how they are got out of a run's checkpoint or a person's
// files: an adapter, or the values that another method trained in the model itself.
import { FormatError } from "../formats/formatError";
import { type PeftAdapter, readPeftAdapter } from "../formats/peft";
import type { Gpu } from "../gpu/device";
import { FlatParameters } from "../lora/flatParameters";
import type { Injection } from "../lora/inject";
import type { TrainableLayout } from "../lora/layout";
import { uploadAdapter } from "../lora/residentAdapter";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import { readCheckpoint } from "../train/checkpoint";
import { trainedAdapter, traineeOf } from "../train/trainee";
import { readPeftFiles } from "./adapterFiles";
import type { CurrentAdapter, RunRecord } from "./messages";

/** Tuned weights in use, with the run they came from, which their model card tells about. */
export interface TunedWeights {
  readonly info: CurrentAdapter;
  /** Null where the method changed the model itself. */
  readonly adapter: PeftAdapter | null;
  /** Trained values by parameter name, in the layout's shapes; empty for an adapter. */
  readonly values: ReadonlyMap<string, Float32Array>;
  readonly layout: TrainableLayout | null;
  readonly record?: RunRecord;
}

/**
 * The tuned weights as a run's checkpoint holds them.
 * @throws FormatError or AdapterConfigError when the run was made with another model
 */
export function weightsFromCheckpoint(
  checkpoint: Uint8Array,
  record: RunRecord,
  model: ModelWeights,
): TunedWeights {
  const { config, state } = readCheckpoint(checkpoint);
  const trainee = traineeOf(config, model, record.modelName);
  for (const { name, shape } of trainee.layout.entries) {
    const count = shape.reduce((product, size) => product * size, 1);
    const got = state.params.get(name)?.length;
    if (got === count) continue;
    const remedy = `The run was made with another model (${record.modelName}).`;
    throw new FormatError(
      "checkpoint",
      name,
      `expected ${count} values for [${shape}], got ${got ?? "none"}. ${remedy}`,
    );
  }
  const adapter = trainedAdapter(trainee, state.params);
  if (adapter) return { ...describedAdapter(adapter, record.name, "run"), record };
  const info: CurrentAdapter = {
    name: record.name,
    origin: "run",
    method: config.method,
    rank: 0,
    loraAlpha: 0,
    targetModules: [],
    trainableParameters: trainee.layout.parameterCount,
  };
  return { info, adapter, values: state.params, layout: trainee.layout, record };
}

/**
 * Puts tuned weights beside a resident model.
 * @throws FormatError when they do not fit it; GpuMemoryError when there is no room
 */
export async function uploadTuned(
  gpu: Gpu,
  model: ResidentModel,
  { adapter, layout, values }: TunedWeights,
): Promise<{ readonly injection: Injection; release(): void }> {
  if (adapter) return uploadAdapter(gpu, model, adapter);
  const parameters = await FlatParameters.create(gpu, layout!, "tuned weights");
  parameters.write(gpu, values);
  return { injection: { trained: parameters.tensors }, release: () => parameters.release() };
}

/**
 * Reads what a person chose: one zip, or the two files of an adapter.
 * @throws FormatError naming the file
 */
export async function readAdapterFiles(files: readonly File[]): Promise<TunedWeights> {
  const { zipName, files: chosen } = await readPeftFiles(files);
  const adapter = readPeftAdapter(chosen);
  const name = zipName ?? adapter.config.baseModelNameOrPath ?? "adapter";
  return describedAdapter(adapter, name, "import");
}

function describedAdapter(
  adapter: PeftAdapter,
  name: string,
  origin: CurrentAdapter["origin"],
): TunedWeights {
  const { config, factors } = adapter;
  const modules = new Set([...factors.keys()].map((path) => path.slice(path.lastIndexOf(".") + 1)));
  const counts = [...factors.values()].map(({ loraA, loraB }) => loraA.length + loraB.length);
  const info: CurrentAdapter = {
    name,
    origin,
    method: "lora",
    rank: config.r,
    loraAlpha: config.loraAlpha,
    targetModules: [...modules],
    trainableParameters: counts.reduce((sum, count) => sum + count, 0),
  };
  return { info, adapter, values: new Map(), layout: null };
}
