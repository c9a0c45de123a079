// A run by itself: a race of one cell, with the events and the checkpoint of that cell.
import type { Examples } from "../data/examples";
import type { PeftAdapter } from "../formats/peft";
import type { StoredTensors } from "../formats/storedTensor";
import type { Gpu } from "../gpu/device";
import type { ModelWeights, ResidentModel } from "../models/residentModel";
import type { TrainConfig } from "./config";
import type { EndEvent, TrainEvent } from "./events";
import { Race } from "./race";
import type { RaceEvent } from "./raceOptions";

export interface TrainerOptions {
  readonly gpu: Gpu;
  /** The base model's file tensors (full fine-tuning starts from them) and their copy on the GPU. */
  readonly weights: ModelWeights;
  readonly model: ResidentModel;
  /** Written into the adapter's configuration. */
  readonly baseModelName: string | null;
  readonly config: TrainConfig;
  readonly examples: Examples;
  readonly evaluationExamples: Examples;
  /** Start from this adapter instead of a fresh one. */
  readonly initialAdapter?: PeftAdapter | undefined;
  /** Go on from this checkpoint. */
  readonly checkpoint?: Uint8Array | undefined;
}

export class Trainer {
  private constructor(private readonly race: Race) {}

  /**
   * Plans the run and allocates everything it will need.
   * @throws when settings, adapter, checkpoint or data do not fit the model, or the GPU has no room
   */
  static async create({ config, initialAdapter, checkpoint, ...rest }: TrainerOptions): Promise<Trainer> {
    const race = await Race.create({
      ...rest,
      cells: [{ config, initialAdapter }],
      checkpoint: checkpoint && [{ bytes: new Uint8Array(checkpoint) }],
    });
    return new Trainer(race);
  }

  /** Updates done so far. */
  get step(): number {
    return this.race.step;
  }

  get trainableParameters(): number {
    return this.race.trainableParameters(0);
  }

  /** Runs to the last step, or until stopped or failed. Rejects only when the GPU itself fails. */
  async run(onEvent: (event: TrainEvent) => void): Promise<EndEvent> {
    const [end] = await this.race.run((event) => onEvent(ofOneCell(event)));
    return end!;
  }

  /** Holds the run after the step in progress. */
  pause(): void {
    this.race.pause();
  }

  resume(): void {
    this.race.resume();
  }

  /** As Race.profileNextStep. */
  profileNextStep(from?: number): void {
    this.race.profileNextStep(from);
  }

  /** Ends the run after the step in progress, keeping what was trained. */
  stop(): void {
    this.race.stop();
  }

  /** The trained adapter in PEFT's form. @throws for methods that train no adapter */
  readAdapter(): Promise<PeftAdapter> {
    return this.race.readAdapter(0);
  }

  /** Trained values by parameter name. */
  readParameters(): Promise<ReadonlyMap<string, Float32Array>> {
    return this.race.readParameters(0);
  }

  /** The same as tensors, each read from the GPU when it is asked for: until the trainer is destroyed. */
  storedParameters(): StoredTensors {
    return this.race.storedParameters(0);
  }

  destroy(): void {
    this.race.destroy();
  }
}

function ofOneCell(event: RaceEvent): TrainEvent {
  if (event.type === "checkpoint") {
    const { type, step, cells } = event;
    return { type, step, bytes: cells[0]!.bytes! }; // a failed cell by itself tells of no checkpoint
  }
  if (event.type === "profile") return event;
  const { cell: _, ...own } = event;
  return own;
}
