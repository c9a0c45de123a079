// Traces the kernel calls of a run, or of several that train together as the cells of a race: a micro-batch with its
// gradients, the update, an evaluation, the adapters' norms.
// Needs no GPU, so the memory estimate before training is the plan itself.
import type { ModelConfig } from "../formats/modelConfig";
import type { PlanTarget } from "../gpu/device";
import type { KernelCall } from "../gpu/program";
import { planMemory } from "../gpu/program";
import { Storage } from "../gpu/tensor";
import { adaptedPaths, CellTables, flatTensor, regionBytesOf } from "../lora/cells";
import { injectedParameters } from "../lora/inject";
import { tensorsOf } from "../lora/layout";
import { architectureOf } from "../models/architecture";
import { attendWithinBatch, modelHidden, modelLoss } from "../models/forward";
import { describeModel, type ModelWeights, type ResidentModel } from "../models/residentModel";
import { rotaryTableSize } from "../models/rotaryTable";
import { adamW } from "../ops/adamW";
import { loraDeltaNorm } from "../ops/loraDelta";
import { residentTensor, Trace } from "../ops/trace";
import { StepBlock, type StepShape } from "./stepBlock";
import type { Cell } from "./trainee";

/** The storages that live as long as the run; made on the GPU by the session, or described for an estimate. */
export interface RunStorages {
  readonly params: Storage;
  readonly grads: Storage;
  readonly m: Storage;
  readonly v: Storage;
  readonly block: Storage;
  readonly angles: Storage;
  readonly stats: Storage;
  /** Where each cell's parameters lie; see lora/cells. */
  readonly tables: Storage;
  readonly nothing: Storage;
}

/** Entries of the stats tensor for each cell: loss, gradient norm, clip factor, unused. Behind those of all cells: for
 *  each adapted layer, the norm of its change in each cell. */
export const STATS_HEADER = 4;

/** Layers that any cell adapts, in the model's order, and the tables for the kernels. */
export function tablesOf(
  config: ModelConfig,
  cells: readonly Cell[],
): { readonly paths: readonly string[]; readonly tables: CellTables } {
  const trainees = cells.map(({ trainee }) => trainee);
  const paths = adaptedPaths(trainees, architectureOf(config).linears.keys());
  return { paths, tables: new CellTables(trainees, paths) };
}

/** Sizes of the run's storages in bytes. */
export function storageBytes(
  config: ModelConfig,
  cells: readonly Cell[],
  block: StepBlock,
): Record<keyof RunStorages, number> {
  const { paths, tables } = tablesOf(config, cells);
  const flat = cells.reduce((sum, { trainee }) => sum + trainee.layout.sizeBytes, 0);
  return {
    params: flat,
    grads: flat,
    m: flat,
    v: flat,
    block: block.sizeBytes,
    angles: rotaryTableSize(config, block.shape.sequenceLength) * 4,
    stats: (STATS_HEADER + paths.length) * cells.length * 4,
    tables: tables.sizeBytes,
    nothing: 32,
  };
}

export type RunPhase = "accumulate" | "update" | "evaluate" | "delta";

/**
 * All phases as kernel calls.
 * @param cells one, or several with method lora that agree in all but adapter, learning rate and seed
 */
export function traceRun(
  model: ResidentModel,
  cells: readonly Cell[],
  block: StepBlock,
  storages: RunStorages,
): Record<RunPhase, readonly KernelCall[]> {
  const { config, trainee } = cells[0]!;
  const { sequenceLength } = block.shape;
  const batchSize = cells.length * block.shape.batchSize;
  const inputs = block.tensors(storages.block);
  const nothing = residentTensor("nothing", [8], "f32", storages.nothing);
  const regionBytes = regionBytesOf(cells.map((cell) => cell.trainee));
  const flatBytes = regionBytes.reduce((sum, bytes) => sum + bytes, 0);
  const flat = (name: "params" | "grads" | "m" | "v") => flatTensor(name, storages[name], flatBytes);
  const [params, grads] = [flat("params"), flat("grads")];
  const { paths, tables } = tablesOf(model.config, cells);
  const statsCount = (STATS_HEADER + paths.length) * cells.length;
  const stats = residentTensor("stats", [statsCount], "f32", storages.stats);
  const anglesCount = rotaryTableSize(model.config, sequenceLength);
  const angles = residentTensor("angles", [anglesCount], "f32", storages.angles);
  // Adapters are trained as the one flat tensor; the other methods train tensors that stand in for the model's.
  const trained = paths.length > 0 ? undefined : tensorsOf(trainee.layout, storages.params);
  const lowRanks = tables.lowRanks(params, storages.tables, trainee.loraDropout);
  const parameters = injectedParameters(model, { lowRanks, ...(trained && { trained }) });
  const newTrace = (training: boolean) =>
    new Trace({ step: inputs.step, cells: inputs.cells, nothing }, training, model.tiling);

  const forward = (training: boolean): Trace => {
    const trace = newTrace(training);
    trace.trainable(params, grads);
    const gradients = tensorsOf(trainee.layout, storages.grads);
    for (const [name, tensor] of trained ?? []) trace.trainable(tensor, gradients.get(name)!);
    const { tokens, tokenOrder, tokenStart, segments } = inputs;
    const attend = attendWithinBatch(trace, segments);
    const tokenInputs = { batchSize, sequenceLength, tokens, tokenOrder, tokenStart, segments, angles };
    const { gradientCheckpointing } = config;
    const hidden = modelHidden(
      trace, model.config, parameters, tokenInputs, attend, gradientCheckpointing,
    ); // biome-ignore format: one line of parts
    const lossInputs = { ...inputs, stats, cells: cells.length };
    const loss = modelLoss(trace, model.config, parameters, hidden, lossInputs);
    if (training) trace.backward(loss);
    return trace;
  };

  const update = newTrace(false);
  const regions = tables.regions(storages.tables);
  const state = { params, grads, m: flat("m"), v: flat("v"), stats, regions, regionBytes };
  const { beta1, beta2, epsilon, weightDecay, maxGradNorm } = config;
  adamW(update, state, { beta1, beta2, eps: epsilon, weightDecay, maxGradNorm });

  const delta = newTrace(false);
  paths.forEach((path, i) => {
    const weight = model.tensors.get(`${path}.weight`)!;
    loraDeltaNorm(delta, weight, lowRanks.get(path)!, stats, (STATS_HEADER + i) * cells.length);
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
  /** What is trained, in f32. */
  readonly trainedBytes: number;
  readonly gradientBytes: number;
  /** AdamW's two moments. */
  readonly optimizerBytes: number;
  /** Trained values, gradients and both moments. */
  readonly trainableStateBytes: number;
  /** Batches, angles, tables and statistics. */
  readonly inputBytes: number;
  /** The largest single buffer, to hold against the adapter's binding limit. */
  readonly largestBufferBytes: number;
  readonly largestBufferLabel: string;
}

/**
 * What cells that train together will allocate, from the very plan they would execute; no GPU needed.
 * @param target the GPU that is meant
 */
export function estimateMemory(
  model: ModelWeights,
  cells: readonly Cell[],
  shape: StepShape,
  target?: PlanTarget,
): MemoryEstimate {
  const resident = describeModel(model, target);
  const block = new StepBlock(shape, cells.length);
  const bytes = storageBytes(model.config, cells, block);
  const names = Object.keys(bytes) as (keyof RunStorages)[];
  const storages = Object.fromEntries(
    names.map((name) => [name, new Storage(name, bytes[name], "resident")]),
  ) as unknown as RunStorages;
  const memory = planMemory(traceRun(resident, cells, block, storages));
  const buffers = [...resident.storages, ...memory.storages, ...Object.values(storages)];
  const largest = buffers.reduce((most, buffer) => (buffer.sizeBytes > most.sizeBytes ? buffer : most));
  return {
    weightBytes: resident.sizeBytes,
    activationBytes: memory.totalBytes,
    trainedBytes: bytes.params,
    gradientBytes: bytes.grads,
    optimizerBytes: bytes.m + bytes.v,
    trainableStateBytes: bytes.params + bytes.grads + bytes.m + bytes.v,
    inputBytes:
      (1 + cells[0]!.config.gradientAccumulation) * bytes.block +
      bytes.angles +
      bytes.stats +
      bytes.tables +
      bytes.nothing,
    largestBufferBytes: largest.sizeBytes,
    largestBufferLabel: largest.label,
  };
}
