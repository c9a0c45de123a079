// Traces a run's kernel calls: a micro-batch with its gradients, the update, an evaluation, the adapters' norms.
// Needs no GPU, so the memory estimate before training is the plan itself.
import type { KernelCall } from "../gpu/program";
import { planMemory } from "../gpu/program";
import { Storage, type Tensor } from "../gpu/tensor";
import { injectedParameters } from "../lora/inject";
import { tensorsOf } from "../lora/layout";
import { attendWithinBatch, llamaHidden, llamaLoss } from "../models/llama";
import { describeModel, type ModelWeights, type ResidentModel } from "../models/residentModel";
import { adamW } from "../ops/adamW";
import { loraDeltaNorm } from "../ops/loraDelta";
import { residentTensor, Trace } from "../ops/trace";
import type { TrainConfig } from "./config";
import { StepBlock, type StepShape } from "./stepBlock";
import type { Trainee } from "./trainee";

/** The storages that live as long as the run; made on the GPU by the session, or described for an estimate. */
export interface RunStorages {
  readonly params: Storage;
  readonly grads: Storage;
  readonly m: Storage;
  readonly v: Storage;
  readonly block: Storage;
  readonly angles: Storage;
  readonly stats: Storage;
  /** Keys of the adapters' dropout masks, one to each aligned place. */
  readonly streams: Storage;
  readonly nothing: Storage;
}

/** Entries of the stats tensor: loss, gradient norm, clip factor, unused; then one norm per adapted module. */
export const STATS_HEADER = 4;

/** Bytes from one module's dropout key to the next: WebGPU's alignment of a binding's offset. */
const STREAM_STRIDE = 256;

/** The bytes of the streams storage: each module's dropout key at its place. */
export function streamBytes({ modules }: Trainee): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array((Math.max(1, modules.length) * STREAM_STRIDE) / 4);
  modules.forEach(({ dropoutStream }, i) => {
    words[(i * STREAM_STRIDE) / 4] = dropoutStream;
  });
  return words;
}

/** Sizes of the run's storages in bytes. */
export function storageBytes(
  trainee: Trainee,
  block: StepBlock,
  headDim: number,
): Record<keyof RunStorages, number> {
  const flat = trainee.layout.sizeBytes;
  return {
    params: flat,
    grads: flat,
    m: flat,
    v: flat,
    block: block.sizeBytes,
    angles: block.shape.sequenceLength * headDim * 4,
    stats: (STATS_HEADER + trainee.modules.length) * 4,
    streams: Math.max(1, trainee.modules.length) * STREAM_STRIDE,
    nothing: 16,
  };
}

export type RunPhase = "accumulate" | "update" | "evaluate" | "delta";

/** All phases of a run as kernel calls. */
export function traceRun(
  model: ResidentModel,
  trainee: Trainee,
  config: TrainConfig,
  block: StepBlock,
  storages: RunStorages,
): Record<RunPhase, readonly KernelCall[]> {
  const { layout, modules, loraDropout } = trainee;
  const { batchSize, sequenceLength } = block.shape;
  const inputs = block.tensors(storages.block);
  const nothing = residentTensor("nothing", [4], "f32", storages.nothing);
  const flat = (label: string, storage: Storage): Tensor =>
    residentTensor(label, [layout.sizeBytes / 4], "f32", storage);
  const statsCount = STATS_HEADER + modules.length;
  const stats = residentTensor("stats", [statsCount], "f32", storages.stats);
  const anglesCount = sequenceLength * model.config.headDim;
  const angles = residentTensor("angles", [anglesCount], "f32", storages.angles);
  const trained = tensorsOf(layout, storages.params);
  const streams = new Map(
    modules.map(({ path }, i) => [
      path,
      residentTensor(`${path} dropout`, [1], "u32", storages.streams, i * STREAM_STRIDE),
    ]),
  );
  const dropout =
    loraDropout > 0
      ? { probability: loraDropout, streamOf: (path: string) => streams.get(path)! }
      : undefined;
  const parameters = injectedParameters(model, { modules, dropout, trained });

  const forward = (training: boolean): Trace => {
    const trace = new Trace({ step: inputs.step, nothing }, training);
    if (training) {
      const gradients = tensorsOf(layout, storages.grads);
      for (const [name, tensor] of trained) trace.trainable(tensor, gradients.get(name)!);
    }
    const { tokens, tokenOrder, tokenStart, lengths } = inputs;
    const attend = attendWithinBatch(trace, lengths);
    const tokenInputs = { batchSize, sequenceLength, tokens, tokenOrder, tokenStart, angles };
    const hidden = llamaHidden(trace, model.config, parameters, tokenInputs, attend);
    const loss = llamaLoss(trace, model.config, parameters, hidden, { ...inputs, stats });
    if (training) trace.backward(loss);
    return trace;
  };

  const update = new Trace({ step: inputs.step, nothing }, false);
  const state = { params: flat("params", storages.params), grads: flat("grads", storages.grads) };
  const moments = { m: flat("m", storages.m), v: flat("v", storages.v) };
  const { beta1, beta2, epsilon, weightDecay, maxGradNorm } = config;
  adamW(update, { ...state, ...moments, stats }, { beta1, beta2, eps: epsilon, weightDecay, maxGradNorm });

  const delta = new Trace({ step: inputs.step, nothing }, false);
  modules.forEach(({ path }, i) => {
    loraDeltaNorm(delta, parameters.lowRank(path)!, stats, STATS_HEADER + i);
  });
  return {
    accumulate: forward(true).calls,
    update: update.calls,
    evaluate: forward(false).calls,
    delta: delta.calls,
  };
}

export interface MemoryEstimate {
  readonly weightBytes: number;
  /** The arena that all phases share. */
  readonly activationBytes: number;
  /** Trained values, gradients and both moments. */
  readonly trainableStateBytes: number;
  /** The largest single buffer, to hold against the adapter's binding limit. */
  readonly largestBufferBytes: number;
  readonly largestBufferLabel: string;
}

/** What a run will allocate, from the very plan it would execute; no GPU needed. */
export function estimateMemory(
  model: ModelWeights,
  trainee: Trainee,
  config: TrainConfig,
  shape: StepShape,
): MemoryEstimate {
  const resident = describeModel(model);
  const block = new StepBlock(shape);
  const bytes = storageBytes(trainee, block, model.config.headDim);
  const names = Object.keys(bytes) as (keyof RunStorages)[];
  const storages = Object.fromEntries(
    names.map((name) => [name, new Storage(name, bytes[name], "resident")]),
  ) as unknown as RunStorages;
  const memory = planMemory(traceRun(resident, trainee, config, block, storages));
  const buffers = [
    ...[...resident.tensors.values()].map(({ label, sizeBytes }) => ({ label, sizeBytes })),
    ...memory.storages,
    ...Object.values(storages),
  ];
  const largest = buffers.reduce((most, buffer) => (buffer.sizeBytes > most.sizeBytes ? buffer : most));
  return {
    weightBytes: resident.sizeBytes,
    activationBytes: memory.totalBytes,
    trainableStateBytes: bytes.params + bytes.grads + bytes.m + bytes.v,
    largestBufferBytes: largest.sizeBytes,
    largestBufferLabel: largest.label,
  };
}
