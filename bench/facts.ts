// Figures about this engine alone, each with the bar it is held against.
import type { Gpu } from "../src/gpu/device";
import { type Sizes, stepText } from "./cases";
import { quantile } from "./contest";
import { openLinear } from "./engine/linear";
import { StepRunner } from "./engine/llama";
import { linearInputs, type StepSize } from "./inputs";
import type { CaseResult, Fact } from "./report";

type Bar = { readonly most: number } | { readonly least: number };

function fact(id: string, title: string, value: number, unit: string, bar?: Bar, detail?: string): Fact {
  const more = detail === undefined ? {} : { detail };
  if (!bar) return { id, title, value, unit, ...more };
  const isMost = "most" in bar;
  return {
    ...{ id, title, value, unit, ...more },
    bar: isMost ? `at most ${bar.most}` : `at least ${bar.least}`,
    holds: isMost ? value <= bar.most : value >= bar.least,
  };
}

const creatingMethods = [
  "createBuffer",
  "createBindGroup",
  "createComputePipelineAsync",
  "createShaderModule",
] as const;
type CreatingMethod = (typeof creatingMethods)[number];

/** Counts calls of a device's methods until stopped. */
function countCalls(device: GPUDevice, names: readonly CreatingMethod[]) {
  let count = 0;
  for (const name of names) {
    const original = device[name] as (...parts: unknown[]) => unknown;
    const counting = (...parts: unknown[]) => {
      count++;
      return original.apply(device, parts);
    };
    Object.assign(device, { [name]: counting });
  }
  return {
    read: () => count,
    stop() {
      for (const name of names) delete (device as Partial<GPUDevice>)[name];
    },
  };
}

/** From opening the run to the end of its first step on a device that has compiled nothing yet. */
export async function coldStartFacts(gpu: Gpu, size: StepSize): Promise<Fact[]> {
  const pipelines = countCalls(gpu.device, ["createComputePipelineAsync"]);
  const start = performance.now();
  const runner = await StepRunner.open(gpu, size);
  const openMs = performance.now() - start;
  pipelines.stop();
  await runner.submit();
  const firstMs = performance.now() - start;
  const steadyMs: number[] = [];
  for (let i = 0; i < 3; i++) {
    const before = performance.now();
    await runner.submit();
    steadyMs.push(performance.now() - before);
  }
  runner.close();
  const stepMs = quantile(steadyMs, 0.5);
  const detail = `planned, compiled (${pipelines.read()} pipelines) and allocated in ${seconds(openMs)}; first step known after ${seconds(firstMs)}; a later step takes ${seconds(stepMs)}`;
  return [
    fact(
      "cold-start",
      `First step beyond a step's own time: ${stepText(size)}`,
      (firstMs - stepMs) / 1000,
      "s",
      { most: 2 },
      detail,
    ),
  ];
}

/** What encoding and submitting a step costs the CPU. */
export async function encodeFacts(gpu: Gpu, size: StepSize, steps: number): Promise<Fact[]> {
  const runner = await StepRunner.open(gpu, size);
  const encodeMs: number[] = [];
  for (let i = 0; i < 2; i++) await runner.submit();
  const start = performance.now();
  for (let i = 0; i < steps; i++) {
    await runner.session.ready();
    const before = performance.now();
    void runner.submit(); // encodes and submits before it first waits
    encodeMs.push(performance.now() - before);
  }
  await runner.finish();
  const stepMs = (performance.now() - start) / steps;
  const dispatches =
    runner.session.callNames("accumulate").length + runner.session.callNames("update").length;
  runner.close();
  // The browser's clock is coarse: the mean over many steps says more than any of them.
  const meanMs = encodeMs.reduce((sum, ms) => sum + ms, 0) / steps;
  return [
    fact(
      "encode-share",
      `CPU time to encode and submit a step: ${stepText(size)}`,
      (100 * meanMs) / stepMs,
      "% of the step",
      { most: 10 },
      `${meanMs.toFixed(2)} ms of ${stepMs.toFixed(0)} ms`,
    ),
    fact(
      "encode-dispatch",
      "CPU time of one dispatch",
      (1000 * meanMs) / dispatches,
      "µs",
      { most: 3 },
      `${dispatches} dispatches in one submission`,
    ),
  ];
}

/** Whether a run slows down or grows: step 1,000 against step 50. */
export async function longRunFacts(
  gpu: Gpu,
  size: StepSize,
  steps: number,
  heapBytes: (() => number) | undefined,
): Promise<Fact[]> {
  const old = await StepRunner.open(gpu, size);
  const created = countCalls(gpu.device, creatingMethods);
  let createdBefore = 0;
  let heapBefore = 0;
  try {
    for (let i = 0; i < steps; i++) {
      if (i === WARM_STEPS) {
        createdBefore = created.read();
        heapBefore = heapBytes?.() ?? 0;
      }
      await old.submit();
    }
  } finally {
    created.stop();
  }
  const heapGrowth = heapBytes && (heapBytes() - heapBefore) / 2 ** 20;
  // In turns with a run that has just begun: the machine's own speed changes more over a thousand steps.
  const young = await StepRunner.open(gpu, size);
  for (let i = 0; i < WARM_STEPS; i++) await young.submit();
  const window = Math.min(100, Math.floor((steps - WARM_STEPS) / 2));
  const timesOf = new Map<StepRunner, number[]>([old, young].map((runner) => [runner, []]));
  for (let i = 0; i < window; i++) {
    for (const [runner, times] of timesOf) {
      const before = performance.now();
      await runner.submit();
      times.push(performance.now() - before);
    }
  }
  const [late, early] = [old, young].map((runner) => quantile(timesOf.get(runner)!, 0.5)) as [number, number];
  old.close();
  young.close();
  const facts = [
    fact(
      "long-run",
      `Step ${steps} against step ${WARM_STEPS}: ${stepText(size)}`,
      late / early,
      "×",
      { most: 1.03 },
      `medians of ${window} steps in turns with a run that has just begun: ${late.toFixed(2)} and ${early.toFixed(2)} ms`,
    ),
    fact(
      "long-run-created",
      `GPU objects created from step ${WARM_STEPS} to ${steps}`,
      created.read() - createdBefore,
      "objects",
      { most: 0 },
    ),
  ];
  if (heapGrowth !== undefined) {
    facts.push(
      fact(
        "long-run-heap",
        `Growth of the JavaScript heap from step ${WARM_STEPS} to ${steps}`,
        heapGrowth,
        "MB",
        { most: 1 },
      ),
    );
  }
  return facts;
}
const WARM_STEPS = 50;

/** What a plan takes against what must live at the worst moment; optimizer memory of LoRA against full. */
export async function memoryFacts(gpu: Gpu, { step }: Sizes): Promise<Fact[]> {
  const size = step.at(-1)!;
  const lora = await StepRunner.open(gpu, size);
  const { activationBytes, peakLiveBytes } = lora.session.memory;
  const optimizerBytes = lora.optimizerBytes;
  const weightBytes = lora.weightBytes;
  lora.close();
  const full = await StepRunner.open(gpu, size, { method: "full" });
  const fullBytes = full.optimizerBytes;
  full.close();
  return [
    fact(
      "memory-plan",
      `Planned activations against what must live at once: ${stepText(size)}`,
      activationBytes / peakLiveBytes,
      "×",
      { most: 1.15 },
      `${megabytes(activationBytes)} planned, ${megabytes(peakLiveBytes)} live; weights ${megabytes(weightBytes)} besides`,
    ),
    fact(
      "optimizer-memory",
      "Gradients and optimizer state, LoRA against full",
      (100 * optimizerBytes) / fullBytes,
      "%",
      { most: 5 },
      `${megabytes(optimizerBytes)} of ${megabytes(fullBytes)}`,
    ),
  ];
}

/** Bytes that the fused layer moves against separate kernels. */
export async function trafficFacts(gpu: Gpu, { linear }: Sizes): Promise<Fact[]> {
  const size = linear.at(-1)!;
  const inputs = linearInputs(size);
  const bytes: number[] = [];
  for (const form of ["fused", "separate"] as const) {
    const layer = await openLinear(gpu, size, inputs, form, true);
    bytes.push(layer.bytesMoved / size.N);
    await layer.close();
  }
  const [fused, separate] = bytes as [number, number];
  const detail = `${Math.round(fused)} against ${Math.round(separate)} bytes a token at N ${size.N}, each operand of a kernel counted once`;
  return [
    fact(
      "traffic",
      "Bytes moved by the fused layer against separate kernels",
      fused / separate,
      "×",
      { most: 1 },
      detail,
    ),
  ];
}

/** Bars that hold between the contestants of cases. */
export function factsOfCases(cases: readonly CaseResult[], isSoftware: boolean): Fact[] {
  const facts: Fact[] = [];
  for (const { id, title, contestants } of cases) {
    for (const { contestant, ratio } of contestants.slice(1)) {
      if (ratio === undefined) continue;
      const add = (value: number, unit: string, bar: Bar) =>
        facts.push(fact(`${id}-${contestant}`, `${title}, against ${contestant}`, value, unit, bar));
      if (id === "linear-1024-768-768-r8" && contestant === "jax-js" && isSoftware)
        add(ratio, "× as fast", { least: 1.5 });
      if (id === "linear-1024-768-768-r8" && contestant === "tfjs" && isSoftware)
        add(ratio, "× as fast", { least: 5 });
      if (id === "step-256-4" && contestant === "jax-js" && isSoftware) add(ratio, "× as fast", { least: 2 });
      if (id.startsWith("fused-")) add(ratio, "× as fast", { least: 1 });
      if (id.startsWith("full-")) add(1 / ratio, "of the time", { most: 0.75 });
    }
  }
  return facts;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
