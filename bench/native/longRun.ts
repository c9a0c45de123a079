// Whether a run slows down or grows over 1,000 steps: in Node, where the heap can be collected and measured.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Gpu } from "../../src/gpu/device";
import { smallStep } from "../cases";
import { longRunFacts } from "../facts";
import { factLine } from "../table";

/** Lines of a table, one a figure. */
export async function longRunLines(gpu: Gpu, steps: number): Promise<string[]> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heapBytes = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const facts = await longRunFacts(gpu, smallStep, steps, heapBytes);
  return ["| figure | value | bar | |", "|---|---|---|---|", ...facts.map(factLine)];
}
