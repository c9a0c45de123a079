// A step's profile as lines for a terminal.
import type { ProfileEvent } from "../train/profile";

const BAR_WIDTH = 24;
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** Time of each kernel of one step, longest first, then what the step costs besides. */
export function profileLines(profile: ProfileEvent): string[] {
  const { step, kernels, dispatches, submissions, encodeMs, encodedSteps, memoryBytes } = profile;
  const totalNs = kernels?.reduce((sum, { gpuNs }) => sum + gpuNs, 0) ?? 0;
  const rows = kernels?.map(({ kernel, dispatches: count, gpuNs }) => {
    const share = totalNs > 0 ? gpuNs / totalNs : 0;
    const bar = "█".repeat(Math.round(share * BAR_WIDTH));
    const ms = (gpuNs / 1e6).toFixed(2).padStart(10);
    const percent = `${(100 * share).toFixed(1)} %`.padStart(8);
    return `  ${kernel.padEnd(28)}${String(count).padStart(5)} ×${ms} ms${percent}  ${bar}`.trimEnd();
  });
  const encoding =
    encodeMs === null
      ? "not known yet"
      : `${encodeMs.toFixed(2)} ms a step (mean of ${encodedSteps}), ${((1000 * encodeMs) / dispatches).toFixed(1)} µs a dispatch`;
  return [
    `Profile of step ${step}: ${dispatches} dispatches in ${submissions} submission${submissions === 1 ? "" : "s"}`,
    ...(rows ?? ["  no time of kernels: this adapter does not offer timestamp queries"]),
    ...(rows ? [`  ${"all kernels".padEnd(28)}${`${(totalNs / 1e6).toFixed(2)} ms`.padStart(20)}`] : []),
    `  CPU time to encode and submit: ${encoding}`,
    `  GPU memory: weights ${megabytes(memoryBytes.weights)}, activations ${megabytes(memoryBytes.activations)}, ` +
      `trained state ${megabytes(memoryBytes.state)}; a step allocates nothing`,
  ];
}
