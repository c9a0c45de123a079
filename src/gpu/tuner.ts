// Some kernels can be launched in several ways that give the same bits: which is fastest is measured once for each
// size on each GPU, and kept. A rule cannot know all GPUs (tiling.ts): its pick is the first to be measured.
import { type KernelCall, type Launch, type Phases, Program } from "./program";
import { submit } from "./submit";

/** Which launch is the fastest, by kernel and size: plain data that a host may keep for the next visit. */
export type MeasuredChoices = Readonly<Record<string, number>>;

/** Turns that each launch gets; the best counts, since other work can only slow one down. */
const ROUNDS = 3;
/** Length of a turn: long against the time that submitting and waiting take. */
const TURN_MS = 8;
const MOST_REPEATS = 512;
/** An alternative must take less than this share of the time of the rule's pick: less is noise. */
const WORTHWHILE = 0.95;

export class Tuner {
  /** Told of everything known so far whenever something was measured. */
  onMeasured: (choices: MeasuredChoices) => void = () => {};
  readonly #choices = new Map<string, number>();

  /** @param measures false leaves what is not known as the rule has it */
  constructor(
    private readonly device: GPUDevice,
    private readonly measures = true,
  ) {}

  /** Takes over what an earlier visit measured on the same GPU. */
  restore(choices: MeasuredChoices): void {
    for (const [key, choice] of Object.entries(choices)) this.#choices.set(key, choice);
  }

  /**
   * The same calls, each launched in its fastest way. What is not known is measured on the spot, which launches the
   * kernels on whatever their buffers hold: to be called before there is anything in them to lose.
   * @throws as Program.create
   */
  async tuned<P extends Phases>(phases: P): Promise<P> {
    const calls = Object.values(phases).flat();
    const several = calls.filter(({ alternatives }) => this.measures && alternatives?.length);
    const open = new Map(several.map((call) => [keyOf(call), call]));
    for (const key of this.#choices.keys()) open.delete(key);
    for (const [key, call] of open) this.#choices.set(key, await this.#fastest(call));
    if (open.size > 0) this.onMeasured(Object.fromEntries(this.#choices));
    const tune = (call: KernelCall): KernelCall => ({
      ...call,
      ...(call.alternatives?.length && launchesOf(call)[this.#choices.get(keyOf(call)) ?? 0]),
    });
    const tuned = Object.entries(phases).map(([name, phase]) => [name, phase.map(tune)]);
    return Object.fromEntries(tuned) as unknown as P;
  }

  /** Place of the fastest among launchesOf(call). */
  async #fastest(call: KernelCall): Promise<number> {
    const launches = launchesOf(call);
    const names = launches.map((_, i) => String(i));
    const phases = Object.fromEntries(launches.map((launch, i) => [i, [{ ...call, ...launch }]]));
    const program = await Program.create(this.device, phases);
    const turn = async (name: string, repeats: number): Promise<number> => {
      const start = performance.now();
      submit(this.device, (encoder) => {
        for (let i = 0; i < repeats; i++) program.encode(encoder, name);
      });
      await this.device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    };
    try {
      for (const name of names) await turn(name, 1); // drivers may finish compiling only now
      let repeats = 1;
      while (repeats < MOST_REPEATS && (await turn("0", repeats)) < TURN_MS) repeats *= 2;
      const best = names.map(() => Number.POSITIVE_INFINITY);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, name] of names.entries()) best[i] = Math.min(best[i]!, await turn(name, repeats));
      }
      const least = Math.min(...best);
      return least < WORTHWHILE * best[0]! ? best.indexOf(least) : 0;
    } finally {
      program.destroy();
    }
  }
}

/** The rule's pick, then the alternatives. */
function launchesOf({ constants, workgroups, alternatives = [] }: KernelCall): Launch[] {
  return [{ constants, workgroups }, ...alternatives];
}

/** Kernel and size. */
function keyOf({ source, constants, workgroups }: KernelCall): string {
  return `${source.name} ${JSON.stringify({ constants, workgroups })}`;
}
