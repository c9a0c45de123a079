// A run's buffers and compiled program, and the few things one can ask of them: submit a step, evaluate, read or
// write the trained state. Creates GPU objects when opened, none while stepping.
import { type Batch, batchIndices, makeBatch, maxLossRows, type TokenizedExample } from "../data/batches";
import type { Gpu } from "../gpu/device";
import { allocate, bufferOf, release } from "../gpu/memory";
import { Program } from "../gpu/program";
import { ReadbackRing } from "../gpu/readback";
import { submit } from "../gpu/submit";
import type { Storage } from "../gpu/tensor";
import { FlatParameters } from "../lora/flatParameters";
import type { ResidentModel } from "../models/residentModel";
import { rotaryAngles } from "../ops/rotary";
import type { TrainConfig } from "./config";
import { type RunPhase, type RunStorages, STATS_HEADER, storageBytes, streamBytes, traceRun } from "./plan";
import { learningRateAt } from "./schedule";
import { StepBlock, type StepScalars, type StepShape } from "./stepBlock";
import type { Trainee } from "./trainee";

/** What the GPU reports about a step. */
export interface StepReading {
  readonly loss: number;
  readonly gradNorm: number;
  /** ‖ΔW‖_F of each adapted module, as of the last step that measured them. */
  readonly deltaNorms: Float32Array;
}

/** Trained values and both moments of AdamW, by parameter name. */
export interface TrainedState {
  readonly params: ReadonlyMap<string, Float32Array>;
  readonly m: ReadonlyMap<string, Float32Array>;
  readonly v: ReadonlyMap<string, Float32Array>;
}

const neutralScalars = { microStep: 0, learningRate: 0, stepSize: 0, sqrtBiasCorrection2: 1 };

/** Sizes of a run: batches are as long as the longest example, rounded up to eight tokens. */
export function stepShapeOf(
  config: TrainConfig,
  vocabSize: number,
  examples: readonly TokenizedExample[],
  evaluation: readonly TokenizedExample[],
): StepShape {
  const longest = [...examples, ...evaluation].reduce((most, { ids }) => Math.max(most, ids.length), 2);
  const { batchSize } = config;
  return {
    batchSize,
    sequenceLength: Math.ceil(longest / 8) * 8,
    lossRows: Math.max(maxLossRows(examples, batchSize), maxLossRows(evaluation, batchSize)),
    vocabSize,
    sortsTokens: config.method === "full",
  };
}

export class TrainSession {
  private constructor(
    private readonly gpu: Gpu,
    private readonly config: TrainConfig,
    private readonly block: StepBlock,
    private readonly storages: RunStorages,
    private readonly staging: Storage,
    private readonly program: Program<RunPhase>,
    private readonly ring: ReadbackRing,
    private readonly evaluationRing: ReadbackRing,
    private readonly flat: Readonly<Record<"params" | "grads" | "m" | "v", FlatParameters>>,
    private readonly stagingBytes: ArrayBuffer,
  ) {}

  /** @throws GpuMemoryError when the run does not fit; nothing stays allocated then. */
  static async open(
    gpu: Gpu,
    model: ResidentModel,
    trainee: Trainee,
    config: TrainConfig,
    shape: StepShape,
  ): Promise<TrainSession> {
    const block = new StepBlock(shape);
    const bytes = storageBytes(trainee, block, model.config.headDim);
    const names = Object.keys(bytes) as (keyof RunStorages)[];
    const stagingSize = block.sizeBytes * config.gradientAccumulation;
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
      const program = await Program.create(gpu.device, traceRun(model, trainee, config, block, storages));
      const { headDim, ropeTheta } = model.config;
      const angles = rotaryAngles(shape.sequenceLength, headDim, ropeTheta);
      gpu.device.queue.writeBuffer(bufferOf(storages.angles), 0, angles);
      gpu.device.queue.writeBuffer(bufferOf(storages.streams), 0, streamBytes(trainee));
      const flat = {
        params: new FlatParameters(trainee.layout, storages.params),
        grads: new FlatParameters(trainee.layout, storages.grads),
        m: new FlatParameters(trainee.layout, storages.m),
        v: new FlatParameters(trainee.layout, storages.v),
      };
      flat.params.write(gpu, trainee.initialValues());
      const ring = new ReadbackRing(gpu.device, bytes.stats);
      const evaluationRing = new ReadbackRing(gpu.device, 4, 1);
      const staging = allocated.at(-1)!;
      const stagingBytes = new ArrayBuffer(stagingSize);
      return new TrainSession(
        gpu, config, block, storages, staging, program, ring, evaluationRing, flat, stagingBytes,
      ); // biome-ignore format: one line of parts
    } catch (error) {
      release(allocated);
      throw error;
    }
  }

  /** The arena that holds activations and gradients: what it takes, and what must live at the worst moment. */
  get memory(): { readonly activationBytes: number; readonly peakLiveBytes: number } {
    const { totalBytes, peakLiveBytes } = this.program.memory;
    return { activationBytes: totalBytes, peakLiveBytes };
  }

  /** Names of the kernels that a phase launches, in order. */
  callNames(phase: RunPhase): readonly string[] {
    return this.program.callNames(phase);
  }

  /** Resolves when another step may be submitted; bounds how far the CPU runs ahead. */
  ready(): Promise<void> {
    return this.ring.ready();
  }

  /** The micro-batches of update `step` (from 0): a pure function of the configuration. */
  batchesOf(step: number, examples: readonly TokenizedExample[]): Batch[] {
    const { batchSize, gradientAccumulation, shuffle } = this.config;
    const seed = this.config.dataSeed ?? this.config.seed;
    return Array.from({ length: gradientAccumulation }, (_, i) => {
      const number = step * gradientAccumulation + i;
      const indices = batchIndices(examples.length, batchSize, number, { seed, shuffle });
      return makeBatch(examples, indices, this.block.shape.sequenceLength);
    });
  }

  /** Submits update `step` (from 0) as one submission; the reading arrives when the GPU gets there. */
  submitStep(step: number, batches: readonly Batch[], measureDelta: boolean): Promise<StepReading> {
    this.#stage(batches, this.#scalarsOf(step, batches));
    const { stats, grads, block } = this.storages;
    let read: (() => Promise<ArrayBuffer>) | undefined;
    submit(this.gpu.device, (encoder) => {
      encoder.clearBuffer(bufferOf(grads));
      encoder.clearBuffer(bufferOf(stats), 0, STATS_HEADER * 4);
      batches.forEach((_, i) => {
        const from = i * this.block.sizeBytes;
        encoder.copyBufferToBuffer(bufferOf(this.staging), from, bufferOf(block), 0, this.block.sizeBytes);
        this.program.encode(encoder, "accumulate");
      });
      this.program.encode(encoder, "update");
      if (measureDelta) this.program.encode(encoder, "delta");
      read = this.ring.encodeCopy(encoder, bufferOf(stats));
    });
    return read!().then((bytes) => {
      const values = new Float32Array(bytes);
      return { loss: values[0]!, gradNorm: values[1]!, deltaNorms: values.subarray(STATS_HEADER) };
    });
  }

  /** Mean loss over all counted tokens of `examples`, with the current parameters. */
  async evaluate(examples: readonly TokenizedExample[]): Promise<number> {
    const { batchSize, sequenceLength } = this.block.shape;
    const batches: Batch[] = [];
    for (let first = 0; first < examples.length; first += batchSize) {
      const count = Math.min(batchSize, examples.length - first);
      const indices = Uint32Array.from({ length: count }, (_, i) => first + i);
      batches.push(makeBatch(examples, indices, sequenceLength));
    }
    const targets = batches.reduce((sum, { lossRows }) => sum + lossRows.length, 0);
    const scalars = { ...neutralScalars, seed: this.config.seed, inverseTokens: 1 / targets };
    const { stats, block } = this.storages;
    let read: (() => Promise<ArrayBuffer>) | undefined;
    for (const [i, batch] of batches.entries()) {
      this.#stage([batch], [scalars]);
      submit(this.gpu.device, (encoder) => {
        if (i === 0) encoder.clearBuffer(bufferOf(stats), 0, STATS_HEADER * 4);
        encoder.copyBufferToBuffer(bufferOf(this.staging), 0, bufferOf(block), 0, this.block.sizeBytes);
        this.program.encode(encoder, "evaluate");
        if (i === batches.length - 1) read = this.evaluationRing.encodeCopy(encoder, bufferOf(stats));
      });
    }
    return new Float32Array(await read!())[0]!;
  }

  async readState(): Promise<TrainedState> {
    const { params, m, v } = this.flat;
    return { params: await params.read(this.gpu), m: await m.read(this.gpu), v: await v.read(this.gpu) };
  }

  /** Gradients of the last step by parameter name, before clipping. */
  readGradients(): Promise<ReadonlyMap<string, Float32Array>> {
    return this.flat.grads.read(this.gpu);
  }

  writeState(state: TrainedState): void {
    for (const name of ["params", "m", "v"] as const) this.flat[name].write(this.gpu, state[name]);
  }

  close(): void {
    this.program.destroy();
    this.ring.destroy();
    this.evaluationRing.destroy();
    release([...Object.values(this.storages), this.staging]);
  }

  /** Scalars of each micro-batch; the mean is over the counted tokens of all of them together. */
  #scalarsOf(step: number, batches: readonly Batch[]): StepScalars[] {
    const { seed, gradientAccumulation, beta1, beta2 } = this.config;
    const targets = batches.reduce((sum, { lossRows }) => sum + lossRows.length, 0);
    const learningRate = learningRateAt(this.config, step);
    return batches.map((_, i) => ({
      seed,
      microStep: step * gradientAccumulation + i,
      inverseTokens: 1 / targets,
      learningRate,
      stepSize: learningRate / (1 - beta1 ** (step + 1)),
      sqrtBiasCorrection2: Math.sqrt(1 - beta2 ** (step + 1)),
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
