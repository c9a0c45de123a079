// The page's end of the benchmark: starts the worker, lets events through, ends it.
import { proxy, wrap } from "comlink";
import type { BenchEvent } from "./report";
import type { BenchOptions } from "./run";
import type { BenchApi } from "./worker";

export interface RunningBench {
  /** Resolves when all is told; rejects with the reason when it could not run. */
  readonly done: Promise<void>;
  /** Ends it at once. */
  stop(): void;
}

export function startBench(
  options: Omit<BenchOptions, "heapBytes">,
  onEvent: (event: BenchEvent) => void,
): RunningBench {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "benchmark" });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener("error", (event) =>
      reject(new Error(event.message || "the worker did not start")),
    );
  });
  const done = Promise.race([wrap<BenchApi>(worker).run(options, proxy(onEvent)), failed]);
  return { done: done.finally(() => worker.terminate()), stop: () => worker.terminate() };
}
