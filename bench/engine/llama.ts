// This engine's whole training step and its generation as contestants.

import type { Batch } from "../../src/data/batches";
import type { TokenizedExample } from "../../src/data/examples";
import type { FloatDtype } from "../../src/formats/tensor";
import { Generator } from "../../src/generate/generator";
import type { Gpu } from "../../src/gpu/device";
import { type ResidentModel, uploadModel } from "../../src/models/residentModel";
import { type TrainConfig, trainConfigSchema } from "../../src/train/config";
import { type StepReading, stepShapeOf, TrainSession } from "../../src/train/session";
import { traineeOf } from "../../src/train/trainee";
import type { Contestant } from "../contest";
import { COMPARED_STEPS, modelOf, randomWeights, type StepSize, stepConfig, tokenIds } from "../inputs";

export interface StepOptions {
  readonly method?: TrainConfig["method"];
  readonly dtype?: FloatDtype;
  /** Steps whose losses are the results. */
  readonly comparedSteps?: number;
}

/** A training run that does one step after the other on the same batch. */
export class StepRunner implements Contestant {
  #step = 0;
  #last: Promise<StepReading> | undefined;

  private constructor(
    private readonly gpu: Gpu,
    private readonly model: ResidentModel,
    readonly session: TrainSession,
    private readonly batches: readonly Batch[],
    private readonly comparedSteps: number,
    /** Bytes of gradients and both moments. */
    readonly optimizerBytes: number,
  ) {}

  static async open(
    gpu: Gpu,
    size: StepSize,
    { method = "lora", dtype = "F32", comparedSteps = COMPARED_STEPS }: StepOptions = {},
  ): Promise<StepRunner> {
    const { config: modelConfig, sequenceLength } = size;
    const weights = modelOf(modelConfig, randomWeights(modelConfig), dtype);
    const model = await uploadModel(gpu, weights);
    try {
      const config = trainConfigSchema.parse({ ...stepConfig(size), method });
      const ids = tokenIds(sequenceLength, modelConfig.vocabSize);
      const lossMask = new Uint8Array(sequenceLength).fill(1, 1);
      const examples: TokenizedExample[] = [{ ids, lossMask }];
      const trainee = traineeOf(config, weights, null);
      const shape = stepShapeOf(config, modelConfig.vocabSize, examples, []);
      const session = await TrainSession.open(gpu, model, [{ config, trainee }], shape);
      const optimizerBytes = 3 * trainee.layout.sizeBytes;
      return new StepRunner(
        gpu,
        model,
        session,
        session.batchesOf(0, examples),
        comparedSteps,
        optimizerBytes,
      );
    } catch (error) {
      model.release();
      throw error;
    }
  }

  /** Bytes of the model's weights. */
  get weightBytes(): number {
    return this.model.sizeBytes;
  }

  async results(): Promise<ReadonlyMap<string, Float32Array>> {
    const losses: number[] = [];
    for (let i = 0; i < this.comparedSteps; i++) losses.push((await this.submit()).loss);
    return new Map([["losses", Float32Array.from(losses)]]);
  }

  /** Submits the next step once there is room for it. */
  async run(): Promise<void> {
    await this.session.ready();
    this.#last = this.submit();
  }

  /** Submits the next step now. */
  async submit(): Promise<StepReading> {
    const readings = await this.session.submitStep(this.#step++, this.batches, false);
    return readings[0]!;
  }

  async finish(): Promise<void> {
    await this.#last;
    await this.gpu.device.queue.onSubmittedWorkDone();
  }

  close(): void {
    this.session.close();
    this.model.release();
  }
}

/** Greedy decoding from a prompt, always the same number of tokens; a run is one answer. */
export async function openGeneration(
  gpu: Gpu,
  { config, sequenceLength }: StepSize,
  newTokens: number,
): Promise<Contestant> {
  const model = await uploadModel(gpu, modelOf(config, randomWeights(config)));
  const generator = await Generator.create({ gpu, model, contextLength: sequenceLength + newTokens });
  const promptIds = [...tokenIds(sequenceLength, config.vocabSize)];
  const answer = () =>
    generator.generate({
      promptIds,
      maxNewTokens: newTokens,
      sampling: { temperature: 0, topK: 0, topP: 1 },
      seed: 0,
      stopTokenIds: [],
    });
  return {
    results: async () => new Map([["ids", Float32Array.from((await answer()).ids)]]),
    run: async () => {
      await answer();
    },
    finish: async () => {},
    close() {
      generator.destroy();
      model.release();
    },
  };
}
