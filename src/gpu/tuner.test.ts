import { describe, expect, it } from "vitest";
import { openGpu } from "./device";
import { allocate, release } from "./memory";
import type { KernelCall } from "./program";
import type { Tensor } from "./tensor";
import { type MeasuredChoices, Tuner } from "./tuner";

const { device } = await openGpu(navigator.gpu);

const count = {
  name: "count",
  code: `override STEPS: u32;
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) i: u32) {
  for (var step = 0u; step < STEPS; step++) {
    y[i] += 1.0;
  }
}`,
};

/** A call that may take any of so many steps; the first is what a rule would pick. */
function callOf(y: Tensor, ...steps: number[]): KernelCall {
  const launches = steps.map((STEPS) => ({ constants: { STEPS }, workgroups: [1, 1, 1] as const }));
  return { source: count, bindings: { y }, ...launches[0]!, alternatives: launches.slice(1) };
}

describe("Tuner", () => {
  it("picks the fastest launch of each size, measures it once, and takes over what another measured", async () => {
    const [storage] = await allocate(device, [{ label: "y", sizeBytes: 256 }]);
    const y = {
      label: "y",
      shape: [64],
      dtype: "f32",
      storage: storage!,
      offsetBytes: 0,
      sizeBytes: 256,
    } as const;
    const fixed: KernelCall = {
      source: count,
      constants: { STEPS: 5 },
      bindings: { y },
      workgroups: [1, 1, 1],
    };
    const phases = {
      forward: [callOf(y, 30_000, 100, 20_000), fixed, callOf(y, 200, 40_000)],
      update: [callOf(y, 30_000, 100, 20_000)],
    };
    const stepsOf = ({ forward, update }: typeof phases) =>
      [...forward, ...update].map(({ constants }) => constants.STEPS);

    const tuner = new Tuner(device);
    const reports: MeasuredChoices[] = [];
    tuner.onMeasured = (choices) => reports.push(choices);
    expect(stepsOf(await tuner.tuned(phases))).toEqual([100, 5, 200, 100]);
    expect(reports.map((choices) => Object.values(choices))).toEqual([[1, 0]]);
    expect(stepsOf(await tuner.tuned(phases))).toEqual([100, 5, 200, 100]);
    expect(reports).toHaveLength(1);

    const later = new Tuner(device);
    later.onMeasured = (choices) => reports.push(choices);
    const [first, second] = Object.keys(reports[0]!) as [string, string];
    later.restore({ [first]: 2, [second]: 1 }); // not the fastest: so these are not measured again
    expect(stepsOf(await later.tuned(phases))).toEqual([20_000, 5, 40_000, 20_000]);
    expect(reports).toHaveLength(1);
    release([storage!]);
  });
});
