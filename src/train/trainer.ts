// The training loop: submit steps without waiting for their losses, report each as it arrives, evaluate, keep
// checkpoints, and stop cleanly when asked or when a loss is no longer a number.
import type { TokenizedExample } from "../data/batches";
import type { PeftAdapter } from "../formats/peft";
import type { Gpu } from "../gpu/device";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import { dataFingerprint, readCheckpoint, writeCheckpoint } from "./checkpoint";
import type { TrainConfig } from "./config";
import type { CheckpointEvent, EndEvent, StepEvent, TrainEvent } from "./events";
import { learningRateAt } from "./schedule";
import { type StepReading, stepShapeOf, type TrainedState, TrainSession } from "./session";
import { type Trainee, trainedAdapter, traineeOf } from "./trainee";

/** Steps between measurements of the adapters' norms. */
const DELTA_EVERY = 5;

export interface TrainerOptions {
  readonly gpu: Gpu;
  /** The base model's file tensors (full fine-tuning starts from them) and their copy on the GPU. */
  readonly weights: ModelWeights;
  readonly model: ResidentModel;
  /** Written into the adapter's configuration. */
  readonly baseModelName: string | null;
  readonly config: TrainConfig;
  readonly examples: readonly TokenizedExample[];
  readonly evaluationExamples: readonly TokenizedExample[];
  /** Start from this adapter instead of a fresh one. */
  readonly initialAdapter?: PeftAdapter | undefined;
  /** Go on from this checkpoint. */
  readonly checkpoint?: Uint8Array | undefined;
}

export class Trainer {
  #step = 0;
  #paused: Promise<void> | undefined;
  #unpause = () => {};
  #stopRequested = false;
  #failure: string | undefined;
  /** Kept back until a later loss shows that the state was still good. */
  #candidate: CheckpointEvent | undefined;
  #lastReportMs = 0;

  private constructor(
    private readonly options: TrainerOptions,
    private readonly trainee: Trainee,
    private readonly session: TrainSession,
  ) {}

  /**
   * Plans the run and allocates everything it will need.
   * @throws when settings, adapter, checkpoint or data do not fit the model, or the GPU has no room
   */
  static async create(options: TrainerOptions): Promise<Trainer> {
    const { gpu, weights, model, baseModelName, config, examples, initialAdapter, checkpoint } = options;
    if (examples.length === 0) throw new Error("training data: expected at least one example, got none");
    const trainee = traineeOf(config, weights, baseModelName, initialAdapter);
    const shape = stepShapeOf(config, model.config.vocabSize, examples, evaluationExamplesOf(options));
    const session = await TrainSession.open(gpu, model, trainee, config, shape);
    const trainer = new Trainer(options, trainee, session);
    try {
      if (checkpoint) trainer.#restore(checkpoint);
    } catch (error) {
      session.close();
      throw error;
    }
    return trainer;
  }

  /** Updates done so far. */
  get step(): number {
    return this.#step;
  }

  get trainableParameters(): number {
    return this.trainee.layout.parameterCount;
  }

  /** Runs to the last step, or until stopped or failed. Rejects only when the GPU itself fails. */
  async run(onEvent: (event: TrainEvent) => void): Promise<EndEvent> {
    const { config, examples } = this.options;
    const { session } = this;
    let reported: Promise<void> = Promise.resolve();
    this.#lastReportMs = performance.now();
    if (this.#step === 0) {
      await this.#evaluate(onEvent);
      await this.#keep(onEvent);
    }
    while (this.#step < config.steps) {
      await this.#paused;
      await session.ready();
      if (this.#stopRequested || this.#failure) break;
      const step = this.#step++;
      const batches = session.batchesOf(step, examples);
      const measureDelta = this.#step % DELTA_EVERY === 0 || this.#step === config.steps;
      const reading = session.submitStep(step, batches, measureDelta);
      const counts = {
        targetTokens: batches.reduce((sum, { lossRows }) => sum + lossRows.length, 0),
        tokens: batches.reduce((sum, { lengths }) => sum + lengths.reduce((a, b) => a + b, 0), 0),
      };
      reported = Promise.all([reading, reported]).then(([values]) =>
        this.#report(step, values, counts, measureDelta, onEvent),
      );
      reported.catch(() => {}); // awaited below; without this a lost device would be an unhandled rejection
      if (this.#isDue(config.evaluateEvery) || this.#isDue(config.checkpointEvery)) {
        await reported;
        if (this.#failure) break;
        if (this.#isDue(config.evaluateEvery)) await this.#evaluate(onEvent);
        if (this.#isDue(config.checkpointEvery)) await this.#keep(onEvent);
      }
    }
    await reported;
    return this.#end(onEvent);
  }

  /** Holds the run after the step in progress. */
  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#unpause = resolve;
    });
  }

  resume(): void {
    this.#unpause();
    this.#paused = undefined;
  }

  /** Ends the run after the step in progress, keeping what was trained. */
  stop(): void {
    this.#stopRequested = true;
    this.resume();
  }

  /** The trained adapter in PEFT's form. @throws for methods that train no adapter */
  async readAdapter(): Promise<PeftAdapter> {
    const { params } = await this.session.readState();
    const adapter = trainedAdapter(this.trainee, params);
    if (!adapter) throw new Error("adapter: expected a run with method lora, got another method");
    return adapter;
  }

  /** Trained values by parameter name. */
  async readParameters(): Promise<ReadonlyMap<string, Float32Array>> {
    return (await this.session.readState()).params;
  }

  /** The run's state as bytes to resume from. Call between runs, or use the checkpoint events. */
  async checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#write(await this.session.readState());
  }

  destroy(): void {
    this.session.close();
  }

  #isDue(every: number): boolean {
    return every > 0 && this.#step % every === 0 && this.#step < this.options.config.steps;
  }

  #report(
    step: number,
    { loss, gradNorm, deltaNorms }: StepReading,
    counts: Pick<StepEvent, "targetTokens" | "tokens">,
    measuredDelta: boolean,
    onEvent: (event: TrainEvent) => void,
  ): void {
    if (this.#failure) return; // steps already under way when it failed changed nothing
    const learningRate = learningRateAt(this.options.config, step);
    const now = performance.now();
    const stepMs = now - this.#lastReportMs;
    this.#lastReportMs = now;
    onEvent({ type: "step", step: step + 1, loss, learningRate, gradNorm, ...counts, stepMs });
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm)) {
      this.#failure =
        `step ${step + 1}: expected a finite loss, got ${loss} (gradient norm ${gradNorm}, ` +
        `learning rate ${learningRate}); lower the learning rate or clip more`;
      return;
    }
    if (measuredDelta) {
      const norms = Object.fromEntries(this.trainee.modules.map(({ path }, i) => [path, deltaNorms[i]!]));
      onEvent({ type: "delta", step: step + 1, norms });
    }
    if (this.#candidate && step >= this.#candidate.step) {
      onEvent(this.#candidate);
      this.#candidate = undefined;
    }
  }

  async #evaluate(onEvent: (event: TrainEvent) => void): Promise<void> {
    const examples = evaluationExamplesOf(this.options);
    if (examples.length === 0) return;
    const loss = await this.session.evaluate(examples);
    onEvent({ type: "evaluation", step: this.#step, loss });
    this.#lastReportMs = performance.now();
  }

  async #keep(onEvent: (event: TrainEvent) => void): Promise<void> {
    if (this.options.config.checkpointEvery === 0) return;
    const bytes = await this.checkpoint();
    const event: CheckpointEvent = { type: "checkpoint", step: this.#step, bytes };
    if (this.#step === 0) onEvent(event);
    else this.#candidate = event;
    this.#lastReportMs = performance.now();
  }

  async #end(onEvent: (event: TrainEvent) => void): Promise<EndEvent> {
    if (!this.#failure) {
      await this.#evaluate(onEvent);
      const state = await this.session.readState();
      if ([...state.params.values()].some((values) => values.some((value) => !Number.isFinite(value)))) {
        this.#failure = `step ${this.#step}: expected finite trained values, got others; lower the learning rate`;
      } else {
        onEvent({ type: "checkpoint", step: this.#step, bytes: this.#write(state) });
      }
    }
    const end: EndEvent = this.#failure
      ? { type: "end", step: this.#step, outcome: "failed", reason: this.#failure }
      : { type: "end", step: this.#step, outcome: this.#stopRequested ? "stopped" : "done" };
    onEvent(end);
    return end;
  }

  #write(state: TrainedState): Uint8Array<ArrayBuffer> {
    const { config, examples } = this.options;
    const checkpoint = { step: this.#step, config, data: dataFingerprint(examples), state };
    return writeCheckpoint(checkpoint, this.trainee.layout);
  }

  #restore(bytes: Uint8Array): void {
    const { config, examples } = this.options;
    const checkpoint = readCheckpoint(bytes);
    for (const name of Object.keys(config) as (keyof TrainConfig)[]) {
      const now = JSON.stringify(config[name]);
      const then = JSON.stringify(checkpoint.config[name]);
      if (now !== then) throw new Error(`${name}: expected ${then} as in the checkpoint, got ${now}`);
    }
    const data = dataFingerprint(examples);
    if (data !== checkpoint.data) {
      throw new Error(
        `training data: expected the examples of the checkpoint (${checkpoint.data}), got ${data}`,
      );
    }
    this.session.writeState(checkpoint.state);
    this.#step = checkpoint.step;
  }
}

function evaluationExamplesOf({ config, evaluationExamples }: TrainerOptions): readonly TokenizedExample[] {
  return config.evaluateExamples > 0
    ? evaluationExamples.slice(0, config.evaluateExamples)
    : evaluationExamples;
}
