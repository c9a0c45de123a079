// One LoRA training step of a whole model as a contestant: forward, backward, clip and AdamW, on one batch.
import type { Batch } from "../../src/data/batches";
import type { TokenizedExample } from "../../src/data/examples";
import type { ModelConfig } from "../../src/formats/modelConfig";
import type { Gpu } from "../../src/gpu/device";
import { type DispatchTime, KernelTimer } from "../../src/gpu/kernelTimer";
import { architectureOf } from "../../src/models/architecture";
import { familyOf } from "../../src/models/families";
import { type ModelWeights, type ResidentModel, uploadModel } from "../../src/models/residentModel";
import { RandomStream } from "../../src/random/philox";
import { trainConfigSchema } from "../../src/train/config";
import { stepShapeOf, TrainSession } from "../../src/train/session";
import { traineeOf } from "../../src/train/trainee";
import type { Contestant } from "../contest";
import { modelOf, stepConfig, tokenIds } from "../inputs";

export interface NativeCase {
  readonly id: string;
  readonly title: string;
  readonly config: ModelConfig;
  /** What `config` was read from. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly rank: number;
  /** Also timed without Dawn's bounds checks, which a browser never leaves out. */
  readonly unchecked: boolean;
}

/** The linear layers that the family's PEFT default adapts. */
export const targetModulesOf = ({ config }: NativeCase): readonly string[] =>
  familyOf(config).defaultTargetModules;

/**
 * Arithmetic that a step cannot do without; a multiply-add counts as two. Every frozen product once forward and once for
 * dx, the head over the rows that count, attention's two products forward and four backward over the causal half. The
 * adapter's own, norms and activations, and what is computed twice to save memory do not count.
 */
export function stepFlops({ config, batchSize, sequenceLength }: NativeCase): number {
  const N = batchSize * sequenceLength;
  const lossRows = batchSize * (sequenceLength - 1);
  const weights = [...architectureOf(config).linears.values()].reduce(
    (sum, { inFeatures, outFeatures }) => sum + inFeatures * outFeatures,
    0,
  );
  const head = config.vocabSize * config.hiddenSize;
  const scores = (batchSize * config.numAttentionHeads * sequenceLength * sequenceLength) / 2;
  const attention = 6 * 2 * scores * config.headDim * config.numHiddenLayers;
  return 4 * N * weights + 4 * lossRows * head + attention;
}

/** Weights as good as any other for timing: matrices repeat one block of numbers, norms are 1, biases 0. */
export function timingWeights(config: ModelConfig): ModelWeights {
  const random = new RandomStream(5, "timing");
  const block = Float32Array.from({ length: 65_537 }, (_, i) => (random.uniform(i) - 0.5) * 0.07);
  const arrays = [...architectureOf(config).tensors].map(([name, shape]): [string, Float32Array] => {
    const array = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (shape.length === 1) return [name, array.fill(name.endsWith("bias") ? 0 : 1)];
    for (let at = 0; at < array.length; at += block.length) {
      array.set(block.subarray(0, Math.min(block.length, array.length - at)), at);
    }
    return [name, array];
  });
  return modelOf(config, new Map(arrays));
}

export class EngineStep implements Contestant {
  #step = 0;
  #last: Promise<unknown> | undefined;

  private constructor(
    private readonly gpu: Gpu,
    private readonly model: ResidentModel,
    private readonly session: TrainSession,
    private readonly batches: readonly Batch[],
  ) {}

  static async open(gpu: Gpu, size: NativeCase, weights: ModelWeights): Promise<EngineStep> {
    const { config: modelConfig, batchSize, sequenceLength, rank } = size;
    const model = await uploadModel(gpu, weights);
    try {
      const targetModules = targetModulesOf(size);
      const base = stepConfig({ config: modelConfig, sequenceLength, rank, targetModules });
      const config = trainConfigSchema.parse({ ...base, batchSize });
      const ids = tokenIds(batchSize * sequenceLength, modelConfig.vocabSize);
      const lossMask = new Uint8Array(sequenceLength).fill(1, 1);
      const examples: TokenizedExample[] = Array.from({ length: batchSize }, (_, i) => ({
        ids: ids.subarray(i * sequenceLength, (i + 1) * sequenceLength),
        lossMask,
      }));
      const trainee = traineeOf(config, weights, null);
      const shape = stepShapeOf(config, modelConfig.vocabSize, examples, []);
      const session = await TrainSession.open(gpu, model, [{ config, trainee }], shape);
      return new EngineStep(gpu, model, session, session.batchesOf(0, examples));
    } catch (error) {
      model.release();
      throw error;
    }
  }

  /** Nothing is compared here: weights are random on both sides, and parity has tests of its own. */
  async results(): Promise<ReadonlyMap<string, Float32Array>> {
    await this.run();
    await this.finish();
    const [reading] = (await this.#last) as [{ loss: number }];
    if (!Number.isFinite(reading.loss)) throw new Error(`loss: expected a finite one, got ${reading.loss}`);
    return new Map();
  }

  async run(): Promise<void> {
    await this.session.ready();
    this.#last = this.session.submitStep(this.#step++, this.batches, false);
  }

  async finish(): Promise<void> {
    await this.#last;
    await this.gpu.device.queue.onSubmittedWorkDone();
  }

  /** GPU time of each dispatch of one step. @throws where the adapter offers no timestamp queries */
  async profile(): Promise<DispatchTime[]> {
    const timer = new KernelTimer(this.gpu.device);
    try {
      await this.session.submitStep(this.#step++, this.batches, false, undefined, timer);
      return await timer.read();
    } finally {
      timer.destroy();
    }
  }

  get activationBytes(): number {
    return this.session.memory.activationBytes;
  }

  close(): void {
    this.session.close();
    this.model.release();
  }
}
