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
