// The whole benchmark in one go: what is cold first, then every case, then the figures about this engine alone.
import type { Gpu } from "../src/gpu/device";
import {
  forwardCases,
  fullSizes,
  fullStepCases,
  fusionCases,
  generationCases,
  linearCases,
  quickSizes,
  type Sizes,
  stepCases,
} from "./cases";
import { type Case, type Effort, holdContest } from "./contest";
import { coldStartFacts, encodeFacts, factsOfCases, longRunFacts, memoryFacts, trafficFacts } from "./facts";
import type { BenchEvent, BenchReport, CaseResult, Fact, Machine } from "./report";

export interface BenchOptions {
  /** Small sizes and few samples, to see that everything works. */
  readonly quick?: boolean;
  /** Only parts whose id contains this. */
  readonly only?: string;
  /** False: this engine alone; names: beside these alone. */
  readonly peers?: boolean | readonly string[];
  /** Bytes of JavaScript's heap after a collection, where that can be known. */
  readonly heapBytes?: () => number;
}

const efforts: Readonly<Record<"quick" | "full", Effort>> = {
  quick: { samples: 3, msPerContestant: 1000, msPerSample: 1 },
  full: { samples: 9, msPerContestant: 6000, msPerSample: 100 },
};

interface Part {
  readonly id: string;
  readonly title: string;
  readonly run: () => Promise<void>;
}

/** Runs what `options` ask for and tells each result as it is known. */
export async function runBench(
  gpu: Gpu,
  machine: Machine,
  packages: Readonly<Record<string, string>>,
  options: BenchOptions,
  onEvent: (event: BenchEvent) => void,
): Promise<BenchReport> {
  const startedAt = new Date();
  const sizes = options.quick ? quickSizes : fullSizes;
  const effort = efforts[options.quick ? "quick" : "full"];
  const cases: CaseResult[] = [];
  const facts: Fact[] = [];
  const addFacts = (more: readonly Fact[]) => {
    facts.push(...more);
    onEvent({ type: "facts", facts: more });
  };
  const caseParts = (list: readonly Case[]): Part[] =>
    list.map((each) => ({
      id: each.id,
      title: each.title,
      run: async () => {
        const { peers = true } = options;
        const isAsked = (name: string) => (typeof peers === "boolean" ? peers : peers.includes(name));
        const entries = each.entries.filter(({ name }) => !peerNames.includes(name) || isAsked(name));
        const result = await holdContest({ ...each, entries }, effort);
        cases.push(result);
        onEvent({ type: "case", result });
      },
    }));
  const factPart = (id: string, title: string, find: () => Promise<readonly Fact[]>): Part => ({
    ...{ id, title },
    run: async () => addFacts(await find()),
  });
  const embedded = sizes.step.at(Math.min(1, sizes.step.length - 1))!;
  const long = options.quick ? 80 : 1000;
  const parts: Part[] = [
    factPart("cold-start", "First step", () => coldStartFacts(gpu, embedded)),
    ...caseParts(allCases(gpu, sizes)),
    factPart("traffic", "Bytes moved", () => trafficFacts(gpu, sizes)),
    factPart("memory", "Memory", () => memoryFacts(gpu, sizes)),
    factPart("encode", "CPU time of a step", () => encodeFacts(gpu, embedded, options.quick ? 4 : 20)),
    factPart("long-run", "A long run", () => longRunFacts(gpu, sizes.step[0]!, long, options.heapBytes)),
  ].filter(({ id }) => options.only === undefined || id.includes(options.only));
  for (const [i, part] of parts.entries()) {
    onEvent({ type: "progress", text: part.title, fraction: i / parts.length });
    await part.run();
  }
  addFacts(factsOfCases(cases, machine.isSoftware));
  const report: BenchReport = {
    format: "lora-studio-bench",
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    ...{ machine, packages, cases, facts },
  };
  onEvent({ type: "report", report });
  return report;
}

const peerNames: readonly string[] = ["jax-js", "tfjs", "onnxruntime-web"];

function allCases(gpu: Gpu, sizes: Sizes): Case[] {
  return [
    ...linearCases(gpu, sizes),
    ...forwardCases(gpu, sizes),
    ...stepCases(gpu, sizes),
    ...generationCases(gpu, sizes),
    ...fusionCases(gpu, sizes),
    ...fullStepCases(gpu, sizes),
  ];
}
