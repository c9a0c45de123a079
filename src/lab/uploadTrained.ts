// What a cell has learned, put beside the resident base: its run's last checkpoint is all it takes, for any method.
import type { Gpu } from "../gpu/device";
import { FlatParameters } from "../lora/flatParameters";
import type { Injection } from "../lora/inject";
import { uploadAdapter } from "../lora/residentAdapter";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import { readCheckpoint } from "../train/checkpoint";
import { trainedAdapter, traineeOf } from "../train/trainee";

/**
 * @param checkpoint of a run on a model with these weights
 * @throws FormatError for damaged bytes; GpuMemoryError when there is no room
 */
export async function uploadTrained(
  gpu: Gpu,
  weights: ModelWeights,
  model: ResidentModel,
  checkpoint: Uint8Array,
): Promise<{ readonly injection: Injection; release(): void }> {
  const { config, state } = readCheckpoint(checkpoint);
  const trainee = traineeOf(config, weights, null);
  const adapter = trainedAdapter(trainee, state.params);
  if (adapter) return uploadAdapter(gpu, model, adapter);
  const parameters = await FlatParameters.create(gpu, trainee.layout, "trained cell");
  parameters.write(gpu, state.params);
  return { injection: { trained: parameters.tensors }, release: () => parameters.release() };
}
