// What a step costs and where its time goes: a report on demand from a run that goes on. Only the step asked for is
// timed kernel by kernel; of the others nothing is known but what the CPU took to hand them over.
import { type KernelTime, KernelTimer, timesByKernel } from "../gpu/kernelTimer";
import { submissionsOf } from "../gpu/submit";

export interface ProfileEvent {
  readonly type: "profile";
  /** The step that was timed, from 1. */
  readonly step: number;
  /** GPU time by kernel, the longest first; null where the adapter offers no timestamp queries. */
  readonly kernels: readonly KernelTime[] | null;
  readonly dispatches: number;
  readonly submissions: number;
  /** CPU time to write, encode and submit a step: mean over `encodedSteps` other steps; null before there are any. */
  readonly encodeMs: number | null;
  readonly encodedSteps: number;
  readonly memoryBytes: {
    readonly weights: number;
    /** Activations and their gradients, in the plan's shared buffers. */
    readonly activations: number;
    /** Trained values, their gradients, both moments and what a step uploads. */
    readonly state: number;
  };
}

export class StepProfiler {
  #askedFrom = Number.POSITIVE_INFINITY;
  #encodeMs = 0;
  #encodedSteps = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly costs: Pick<ProfileEvent, "dispatches" | "memoryBytes">,
  ) {}

  /** Times the next step whose number, from 1, is at least `step`. */
  ask(step: number): void {
    this.#askedFrom = step;
  }

  /**
   * Submits a step through `submit`.
   * @returns what `submit` does, and the step's profile where one was asked for, known once the step is done
   */
  measure<T>(
    step: number,
    submit: (timer: KernelTimer | undefined) => Promise<T>,
  ): { readonly done: Promise<T>; readonly profile?: Promise<ProfileEvent> } {
    if (step < this.#askedFrom) {
      const before = performance.now();
      const done = submit(undefined);
      this.#encodeMs += performance.now() - before;
      this.#encodedSteps++;
      return { done };
    }
    this.#askedFrom = Number.POSITIVE_INFINITY;
    const timer = KernelTimer.isSupported(this.device) ? new KernelTimer(this.device) : undefined;
    const submittedBefore = submissionsOf(this.device);
    const done = submit(timer);
    const submissions = submissionsOf(this.device) - submittedBefore;
    return { done, profile: this.#profile(step, done, timer, submissions) };
  }

  async #profile(
    step: number,
    done: Promise<unknown>,
    timer: KernelTimer | undefined,
    submissions: number,
  ): Promise<ProfileEvent> {
    try {
      await done;
      return {
        type: "profile",
        step,
        kernels: timer ? timesByKernel(await timer.read()) : null,
        submissions,
        encodeMs: this.#encodedSteps > 0 ? this.#encodeMs / this.#encodedSteps : null,
        encodedSteps: this.#encodedSteps,
        ...this.costs,
      };
    } finally {
      timer?.destroy();
    }
  }
}
