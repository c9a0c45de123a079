// The second half of every split reduction: partial sums, added in a fixed order, so that runs repeat bit for bit.
import source from "../../shaders/sum_parts.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, grid } from "./op";
import type { GradientTarget, Trace } from "./trace";

const kernel = defineKernel("sum_parts", source);

/** Rows of a batch that one partial sum covers; a constant, so that the order of additions never changes. */
export const PART_ROWS = 64;

/**
 * Terms of one part of a long sum: behind the output head, it runs over a vocabulary and leaves few results, too few
 * to fill a GPU and too long to add up in one go. Only the length decides, so that a cell is summed alike in a race.
 */
export const PART_TERMS = 4096;

/** Adds `parts` stacked partial sums to the gradient of `parameter`, if it has one. */
export function addParts(trace: Trace, sums: Tensor, parts: number, parameter: Tensor): void {
  const target = trace.gradientTarget(parameter);
  if (target) sumParts(trace, sums, parts, target);
}

/** The sum of `parts` stacked partial sums, to where `target` says. */
export function sumParts(
  trace: Trace,
  sums: Tensor,
  parts: number,
  { tensor, accumulate }: GradientTarget,
): void {
  const SIZE4 = sums.sizeBytes / parts / 16;
  const constants = { PARTS: parts, SIZE4, ACCUMULATE: accumulate };
  trace.call(kernel, constants, { parts: sums, total: tensor }, grid(SIZE4));
}
