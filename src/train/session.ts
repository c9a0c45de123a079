// The buffers and compiled program of a run, or of several that train together as the cells of a race, and the few
// things one can ask of them: submit a step, evaluate, read or write the trained state. Creates GPU objects when
// opened, none while stepping.
import { type Batch, batchIndices, makeBatch, maxLossRows } from "../data/batches";
import { type Examples, largestOf, sizesOf, sumOf } from "../data/examples";
import type { StoredTensors } from "../formats/storedTensor";
import type { Gpu } from "../gpu/device";
import type { KernelTimer } from "../gpu/kernelTimer";
import { allocate, bufferOf, release } from "../gpu/memory";
import { Program } from "../gpu/program";
import { ReadbackRing } from "../gpu/readback";
import { submit } from "../gpu/submit";
import type { Storage } from "../gpu/tensor";
import { regionOffsetsOf } from "../lora/cells";
import { FlatParameters } from "../lora/flatParameters";
import type { ResidentModel } from "../models/residentModel";
import { rotaryTable } from "../models/rotaryTable";
import type { TrainConfig } from "./config";
import { type RunPhase, type RunStorages, STATS_HEADER, storageBytes, tablesOf, traceRun } from "./plan";
import { learningRateAt } from "./schedule";
import { StepBlock, type StepScalars, type StepShape } from "./stepBlock";
import type { Cell, Trainee } from "./trainee";

/** What the GPU reports about a step of one cell. */
export interface StepReading {
  readonly loss: number;
  readonly gradNorm: number;
  /** ‖ΔW‖_F of each layer that the cell adapts, as of the last step that measured them. */
  readonly deltaNorms: readonly number[];
}

/** Trained values and both moments of AdamW, by parameter name. */
export interface TrainedState {
  readonly params: ReadonlyMap<string, Float32Array>;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
}

const neutralScalars = { microStep: 0, sqrtBiasCorrection2: 1 };

type Flat = Readonly<Record<"params" | "grads" | "m" | "v", FlatParameters>>;

/** Sizes of a run: batches are as long as the longest example, rounded up to eight tokens. */
export function stepShapeOf(
  config: TrainConfig,
  vocabSize: number,
  examples: Examples,
  evaluation: Examples,
): StepShape {
  const longest = Math.max(2, ...[examples, evaluation].map((each) => largestOf(sizesOf(each).lengths)));
  const { batchSize } = config;
  return {
    batchSize,
    sequenceLength: Math.ceil(longest / 8) * 8,
    lossRows: Math.max(maxLossRows(examples, batchSize), maxLossRows(evaluation, batchSize)),
    vocabSize,
    sortsTokens: config.method === "full",
  };
}

/** Seed of the order of the examples. */
export const dataSeedOf = ({ seed, dataSeed }: Pick<TrainConfig, "seed" | "dataSeed">): number =>
  dataSeed ?? seed;

export class TrainSession {
  private constructor(
    private readonly gpu: Gpu,
    private readonly cells: readonly Cell[],
    /** Layers that any cell adapts, in the order of the stats. */
    private readonly paths: readonly string[],
    private readonly block: StepBlock,
    private readonly storages: RunStorages,
    private readonly staging: Storage,
    private readonly program: Program<RunPhase>,
    private readonly ring: ReadbackRing,
    private readonly evaluationRing: ReadbackRing,
    private readonly flat: readonly Flat[],
    private readonly stagingBytes: ArrayBuffer,
  ) {}

  /**
   * @param cells one, or several that race; see traceRun
   * @throws GpuMemoryError when they do not fit; nothing stays allocated then
   */
  static async open(
    gpu: Gpu,
    model: ResidentModel,
    cells: readonly Cell[],
    shape: StepShape,
  ): Promise<TrainSession> {
    const block = new StepBlock(shape, cells.length);
    const bytes = storageBytes(model.config, cells, block);
    const names = Object.keys(bytes) as (keyof RunStorages)[];
    const stagingSize = block.sizeBytes * cells[0]!.config.gradientAccumulation;
    const allocated = await allocate(gpu.device, [
      ...names.map((label) => ({
        label,
        sizeBytes: bytes[label],
        usage: label === "block" ? GPUBufferUsage.UNIFORM : 0,
      })),
      { label: "staged batches", sizeBytes: stagingSize },
    ]);
    const storages = Object.fromEntries(
      names.map((name, i) => [name, allocated[i]!]),
    ) as unknown as RunStorages;
    try {
      const { paths, tables } = tablesOf(model.config, cells);
      gpu.device.queue.writeBuffer(bufferOf(storages.tables), 0, tables.bytes());
      const phases = await gpu.tuner.tuned(traceRun(model, cells, block, storages));
      const program = await Program.create(gpu.device, phases);
      const angles = rotaryTable(model.config, shape.sequenceLength);
      gpu.device.queue.writeBuffer(bufferOf(storages.angles), 0, angles);
      const offsets = regionOffsetsOf(cells.map(({ trainee }) => trainee));
      const flat = cells.map(({ trainee }, c): Flat => {
        const part = (storage: Storage) => new FlatParameters(trainee.layout, storage, offsets[c]);
        const { params, grads, m, v } = storages;
        return { params: part(params), grads: part(grads), m: part(m), v: part(v) };
      });
      for (const [c, { trainee }] of cells.entries()) {
        flat[c]!.params.write(gpu, await trainee.initialValues());
      }
      const ring = new ReadbackRing(gpu.device, bytes.stats);
      const evaluationRing = new ReadbackRing(gpu.device, cells.length * STATS_HEADER * 4, 1);
      const staging = allocated.at(-1)!;
      const stagingBytes = new ArrayBuffer(stagingSize);
      return new TrainSession(
        gpu, cells, paths, block, storages, staging, program, ring, evaluationRing, flat, stagingBytes,
      ); // biome-ignore format: one line of parts
    } catch (error) {
      release(allocated);
      throw error;
    }
  }

  /** The arena that holds activations and gradients: what it takes, and what must live at the worst moment. */
  get memory(): {
    readonly activationBytes: number;
    readonly peakLiveBytes: number;
    /** Everything else: trained values, gradients, moments, and what a step uploads. */
    readonly stateBytes: number;
  } {
    const { totalBytes, peakLiveBytes } = this.program.memory;
    const others = [...Object.values(this.storages), this.staging] as Storage[];
    const stateBytes = others.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { activationBytes: totalBytes, peakLiveBytes, stateBytes };
  }

  /** Names of the kernels that a phase launches, in order. */
  callNames(phase: RunPhase): readonly string[] {
    return this.program.callNames(phase);
  }

  /** Resolves when another step may be submitted; bounds how far the CPU runs ahead. */
  ready(): Promise<void> {
    return this.ring.ready();
  }

  /** The micro-batches of update `step` (from 0), the same for all cells: a pure function of the configuration. */
  batchesOf(step: number, examples: Examples): Batch[] {
    const { batchSize, gradientAccumulation, shuffle } = this.#shared;
    const seed = dataSeedOf(this.#shared);
    return Array.from({ length: gradientAccumulation }, (_, i) => {
      const number = step * gradientAccumulation + i;
      const indices = batchIndices(examples.length, batchSize, number, { seed, shuffle });
      return makeBatch(examples, indices, this.block.shape.sequenceLength);
    });
  }

  /**
   * Submits update `step` (from 0) as one submission; the readings, one of each cell, arrive when the GPU gets there.
   * @param trains which cells still train; the others' values stay. All, unless given
   * @param timer times every kernel of the step; read it once the readings are there
   */
  submitStep(
    step: number,
    batches: readonly Batch[],
    measureDelta: boolean,
    trains: readonly boolean[] = this.cells.map(() => true),
    timer?: KernelTimer,
  ): Promise<StepReading[]> {
    this.#stage(batches, this.#scalarsOf(step, batches, trains));
    const { stats, grads, block } = this.storages;
    let read: (() => Promise<ArrayBuffer>) | undefined;
    submit(this.gpu.device, (encoder) => {
      encoder.clearBuffer(bufferOf(grads));
      encoder.clearBuffer(bufferOf(stats), 0, this.cells.length * STATS_HEADER * 4);
      batches.forEach((_, i) => {
        const from = i * this.block.sizeBytes;
        encoder.copyBufferToBuffer(bufferOf(this.staging), from, bufferOf(block), 0, this.block.sizeBytes);
        this.program.encode(encoder, "accumulate", timer);
      });
      this.program.encode(encoder, "update", timer);
      if (measureDelta) this.program.encode(encoder, "delta", timer);
      timer?.resolve(encoder);
      read = this.ring.encodeCopy(encoder, bufferOf(stats));
    });
    return read!().then((bytes) => {
      const values = new Float32Array(bytes);
      return this.cells.map(({ trainee }, c) => ({
        loss: values[c * STATS_HEADER]!,
        gradNorm: values[c * STATS_HEADER + 1]!,
        deltaNorms: this.#deltaNorms(values, trainee, c),
      }));
    });
  }

  /** Mean loss of each cell over all counted tokens of `examples`, with the current parameters. */
  async evaluate(examples: Examples): Promise<number[]> {
    const { batchSize, sequenceLength } = this.block.shape;
    const targets = sumOf(sizesOf(examples).targets);
    const cells = this.cells.map(({ config: { seed } }) => {
      return { seed, trains: false, learningRate: 0, stepSize: 0 };
    });
    const scalars = { ...neutralScalars, inverseTokens: 1 / targets, cells };
    const { stats, block } = this.storages;
    let read: (() => Promise<ArrayBuffer>) | undefined;
    for (let first = 0; first < examples.length; first += batchSize) {
      const count = Math.min(batchSize, examples.length - first);
      const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
      this.#stage([makeBatch(examples, indices, sequenceLength)], [scalars]);
      submit(this.gpu.device, (encoder) => {
        if (first === 0) encoder.clearBuffer(bufferOf(stats), 0, cells.length * STATS_HEADER * 4);
        encoder.copyBufferToBuffer(bufferOf(this.staging), 0, bufferOf(block), 0, this.block.sizeBytes);
        this.program.encode(encoder, "evaluate");
        if (first + count === examples.length) {
          read = this.evaluationRing.encodeCopy(encoder, bufferOf(stats));
        }
      });
    }
    const losses = new Float32Array(await read!());
    return cells.map((_, c) => losses[c * STATS_HEADER]!);
  }

  async readState(cell: number): Promise<TrainedState> {
    const { params, m, v } = this.flat[cell]!;
    return { params: await params.read(this.gpu), m: await m.read(this.gpu), v: await v.read(this.gpu) };
  }

  /** A cell's trained values by parameter name. */
  readParameters(cell: number): Promise<ReadonlyMap<string, Float32Array>> {
    return this.flat[cell]!.params.read(this.gpu);
  }

  /** The same, each read from the GPU when it is asked for. */
  storedParameters(cell: number): StoredTensors {
    return this.flat[cell]!.params.stored(this.gpu);
  }

  /** A cell's gradients of the last step by parameter name, before clipping. */
  readGradients(cell: number): Promise<ReadonlyMap<string, Float32Array>> {
    return this.flat[cell]!.grads.read(this.gpu);
  }

  writeState(cell: number, state: TrainedState): void {
    const flat = this.flat[cell]!;
    for (const name of ["params", "m", "v"] as const) flat[name].write(this.gpu, state[name]);
  }

  close(): void {
    this.program.destroy();
    this.ring.destroy();
    this.evaluationRing.destroy();
    release([...Object.values(this.storages), this.staging]);
  }

  /** What all cells have in common. */
  get #shared(): TrainConfig {
    return this.cells[0]!.config;
  }

  #deltaNorms(stats: Float32Array, { modules }: Trainee, cell: number): number[] {
    const count = this.cells.length;
    return modules.map(({ path }) => stats[(STATS_HEADER + this.paths.indexOf(path)) * count + cell]!);
  }

  /** Scalars of each micro-batch; the mean is over the counted tokens of all of them together. */
  #scalarsOf(step: number, batches: readonly Batch[], trains: readonly boolean[]): StepScalars[] {
    const { gradientAccumulation, beta1, beta2 } = this.#shared;
    const targets = batches.reduce((sum, { lossRows }) => sum + lossRows.length, 0);
    const cells = this.cells.map(({ config }, c) => {
      const learningRate = learningRateAt(config, step);
      const stepSize = learningRate / (1 - beta1 ** (step + 1));
      return { seed: config.seed, trains: trains[c]!, learningRate, stepSize };
    });
    return batches.map((_, i) => ({
      microStep: step * gradientAccumulation + i,
      inverseTokens: 1 / targets,
      sqrtBiasCorrection2: Math.sqrt(1 - beta2 ** (step + 1)),
      cells,
    }));
  }

  #stage(batches: readonly Batch[], scalars: readonly StepScalars[]): void {
    batches.forEach((batch, i) => {
      this.block.write(this.stagingBytes, i * this.block.sizeBytes, batch, scalars[i]!);
    });
    const bytes = batches.length * this.block.sizeBytes;
    this.gpu.device.queue.writeBuffer(bufferOf(this.staging), 0, this.stagingBytes, 0, bytes);
  }
}
