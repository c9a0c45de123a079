// PEFT as a contestant: a Python process that does steps on the same device when it is told to.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contestant } from "../contest";
import { SCALING } from "../inputs";
import type { Ceilings } from "./ceilings";
import { type NativeCase, targetModulesOf } from "./step";

type Answer = Readonly<Record<string, unknown>> & { readonly error?: string };

export interface TorchCeilings extends Ceilings {
  readonly device: string;
  readonly versions: Readonly<Record<string, string>>;
}

export class Peft {
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  #opened = 0;

  private constructor(private readonly child: ChildProcessWithoutNullStreams) {
    createInterface(child.stdout).on("line", (line) => {
      this.#waiting.shift()?.resolve(JSON.parse(line) as Answer);
    });
    let complaint = "";
    child.stderr.on("data", (bytes) => {
      complaint = `${complaint}${bytes}`.slice(-2000);
    });
    const end = (reason: string) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`PEFT: ${reason}`));
    };
    child.on("error", ({ message }) => end(message));
    child.on("close", () => end(`Python ended: ${complaint.trim().split("\n").at(-1) ?? ""}`));
  }

  /** Starts `python` (PYTHON, or python3) and measures its ceilings. @throws where it lacks torch, transformers or peft */
  static async start(size: number, copyBytes: number): Promise<{ peft: Peft; ceilings: TorchCeilings }> {
    const script = join(import.meta.dirname, "peftSteps.py");
    const peft = new Peft(spawn(process.env.PYTHON ?? "python3", [script]));
    const ceilings = await peft.#ask({ command: "ceilings", size, copyBytes });
    return { peft, ceilings: ceilings as unknown as TorchCeilings };
  }

  /** @param dtype of the model: "float32" or "bfloat16" */
  async open(size: NativeCase, dtype: string): Promise<Contestant> {
    const id = this.#opened++;
    const { json: config, batchSize, sequenceLength, rank } = size;
    const targetModules = targetModulesOf(size);
    await this.#ask({
      ...{ command: "open", id, config, batchSize, sequenceLength, rank, targetModules, dtype },
      loraAlpha: SCALING * rank,
    });
    return {
      results: async () => new Map(), // see EngineStep.results
      run: () => this.#tell({ command: "run", id }),
      finish: async () => {
        await this.#ask({ command: "finish" });
      },
      close: async () => {
        await this.#ask({ command: "close", id });
      },
    };
  }

  stop(): void {
    this.child.stdin.end();
  }

  #tell(request: Readonly<Record<string, unknown>>): void {
    this.child.stdin.write(`${JSON.stringify(request)}\n`);
  }

  async #ask(request: Readonly<Record<string, unknown>>): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#tell(request);
    });
    if (answer.error) throw new Error(answer.error);
    return answer;
  }
}
