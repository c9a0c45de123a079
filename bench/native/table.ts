// The native benchmark's results as text.
import { type DispatchTime, timesByKernel } from "../../src/gpu/kernelTimer";
import type { CaseResult, Timing } from "../report";
import type { Ceilings } from "./ceilings";
import type { TorchCeilings } from "./peft";

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
const significant = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));

/** Columns as wide as their widest cell; the first is text, the others are numbers. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
}

export function ceilingLines(adapter: string, own: Ceilings, torch?: TorchCeilings): string[] {
  const line = ({ matmulTflops, copyGbps }: Ceilings) => [
    `${significant(matmulTflops)} TFLOP/s`,
    `${significant(copyGbps)} GB/s`,
  ];
  const rows = [
    [`ceilings of ${adapter}`, "f32 matmul", "copy"],
    ["LoRA Studio through WebGPU", ...line(own)],
  ];
  if (torch) rows.push([`torch ${torch.versions.torch} on ${torch.device}, TF32 off`, ...line(torch)]);
  return columns(rows);
}

export function stepLines(result: CaseResult, own: Ceilings, torch?: Ceilings): string[] {
  const header = [
    "",
    "ms a step",
    "spread",
    "tokens/s",
    "TFLOP/s",
    "of own matmul",
    "of torch's",
    "time / ours",
  ];
  const rows = result.contestants.map(({ contestant, timing, ratio, skipped }) => {
    if (!timing) return [`${contestant}: ${skipped}`, ...header.slice(1).map(() => "")];
    return [contestant, ...figures(result, timing, own, torch), ratio?.toFixed(2) ?? ""];
  });
  return ["", result.title, ...columns([header, ...rows])];
}

function figures(
  { flops, tokens }: CaseResult,
  { medianMs, lowMs, highMs }: Timing,
  own: Ceilings,
  torch?: Ceilings,
): string[] {
  const tflops = flops! / medianMs / 1e9;
  return [
    significant(medianMs),
    `${significant(lowMs)}–${significant(highMs)}`,
    significant((tokens! / medianMs) * 1000),
    significant(tflops),
    percent(tflops / own.matmulTflops),
    torch ? percent(tflops / torch.matmulTflops) : "",
  ];
}

/** The case that the project's bars for GPUs are about. */
const BARRED = "gpt2-4096";

/** Whether a step reaches what it must on a GPU: 30 % of the f32 matmul ceiling, and PEFT's speed in f32. */
export function barLines(result: CaseResult, isSoftware: boolean, own: Ceilings, torch?: Ceilings): string[] {
  const ours = result.contestants[0]!.timing;
  if (result.id !== BARRED || isSoftware || !ours) return [];
  const ceiling = Math.max(own.matmulTflops, torch?.matmulTflops ?? 0);
  const share = result.flops! / ours.medianMs / 1e9 / ceiling;
  const line = (holds: boolean, text: string) => `${holds ? "reached" : "MISSED "}  ${text}`;
  const bars = [line(share >= 0.3, `at least 30 % of the f32 matmul ceiling, whole step: ${percent(share)}`)];
  const ratio = result.contestants.find(({ contestant }) => contestant === "PEFT, f32")?.ratio;
  if (ratio === undefined) return bars;
  return [
    ...bars,
    line(ratio >= 1, `at least as fast as PEFT in f32: it takes ${ratio.toFixed(2)} of our time`),
  ];
}

/** One row for each kernel and size of dispatch, the longest first. */
export function profileLines(times: readonly DispatchTime[]): string[] {
  const total = times.reduce((sum, { gpuNs }) => sum + gpuNs, 0);
  const bySize = times.map((time) => ({ ...time, kernel: `${time.kernel} ${time.workgroups.join("×")}` }));
  const rows = timesByKernel(bySize).map(({ kernel, dispatches, gpuNs }) => [
    kernel,
    `${dispatches}`,
    (gpuNs / 1e6).toFixed(3),
    percent(gpuNs / total),
    (gpuNs / dispatches / 1e3).toFixed(1),
  ]);
  const about = `GPU time by kernel: ${(total / 1e6).toFixed(2)} ms in ${times.length} dispatches timed one by one`;
  return [
    "",
    about,
    ...columns([["kernel and workgroups", "dispatches", "ms", "share", "µs each"], ...rows]),
  ];
}
