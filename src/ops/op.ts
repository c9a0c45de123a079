// An op is a forward rule and its backward rule, side by side; the type does not let one be left out.
import type { Constants, KernelSource, Workgroups } from "../gpu/kernel";
import { isQuantised, quantisedLayout } from "../gpu/quantised";
import { pad4, type Tensor } from "../gpu/tensor";
import type { Trace } from "./trace";

export type Inputs = Readonly<Record<string, Tensor | undefined>>;

export interface Op<I extends Inputs, A, S> {
  readonly name: string;
  /** Checks shapes, appends kernel calls, returns the output and what backward will read again. */
  forward(trace: Trace, inputs: I, attributes: A): { output: Tensor; saved: S };
  /** Appends the calls that turn the output's gradient into the inputs' gradients (trace.gradientTarget). */
  backward(trace: Trace, dOutput: Tensor, inputs: I, saved: S, attributes: A): void;
}

/** Makes an op callable: runs its forward rule and records its backward rule when something needs it. */
export function defineOp<I extends Inputs, A, S>(op: Op<I, A, S>) {
  const call = (trace: Trace, inputs: I, attributes: A): Tensor => {
    const { output, saved } = op.forward(trace, inputs, attributes);
    trace.record(Object.values(inputs), output, (dOutput) =>
      op.backward(trace, dOutput, inputs, saved, attributes),
    );
    return output;
  };
  return Object.assign(call, { opName: op.name });
}

/** Every kernel that was defined, by name; for the test that compiles each with its sizes pinned and not. */
export const definedKernels = new Map<string, KernelSource>();

/** A kernel from WGSL text: shared functions first, the kernel's own file last. */
export function defineKernel(name: string, ...texts: string[]): KernelSource {
  const source = { name, code: texts.join("\n") };
  definedKernels.set(name, source);
  return source;
}

/** Fails with the op, the operand, and both shapes. Sizes given as undefined may be anything. */
export function checkShape(
  op: string,
  operand: string,
  tensor: Tensor,
  expected: readonly (number | undefined)[],
): void {
  const fits =
    tensor.shape.length === expected.length &&
    expected.every((size, i) => size === undefined || size === tensor.shape[i]);
  if (!fits) {
    const wanted = expected.map((size) => size ?? "any").join(", ");
    throw new Error(
      `${op}: expected ${operand} [${wanted}], got ${tensor.label} [${tensor.shape.join(", ")}]`,
    );
  }
}

/** Rows of an activation [N, C]. */
export const rowsOf = (tensor: Tensor): number => tensor.shape[0]!;
/** Last dimension of a tensor in vec4s. */
export const width4 = (tensor: Tensor): number => pad4(tensor.shape.at(-1)!) / 4;
/** First dimension of a matrix in vec4s. */
export const height4 = (tensor: Tensor): number => pad4(tensor.shape[0]!) / 4;

/** Number of workgroups for `count` tasks, spread over x and y so that neither passes 65,535. */
export function grid(count: number, workgroupSize = 64): Workgroups {
  const groups = Math.max(1, Math.ceil(count / workgroupSize));
  const x = Math.min(groups, 65_535);
  return [x, Math.ceil(groups / x), 1];
}

/** Invocations that share one row in the kernels that reduce over it. */
export const ROW_WORKGROUP = 64;
export const reduceConstants: Constants = { WORKGROUP: ROW_WORKGROUP };

/**
 * The same for rows as long as a model or its vocabulary is wide, and for parts of a sum. Software adapters run four invocations at once and pay for every
 * barrier by the number of such groups: one group took a tenth of the time of sixteen (docs/performance.md).
 */
export const rowConstants = ({ tiling }: Trace): Constants =>
  tiling.memory === "registers" ? { WORKGROUP: 4 } : reduceConstants;

const weightCodes = { f32: 32, u32: 32, f16: 16, bf16: 17, int8: 8, nf4: 4, "nf4-double": 5 } as const;

/** Constants of shaders/lib/weight.wgsl: how a frozen weight is stored. */
export function weightBits(weight: Tensor): Constants {
  const { dtype } = weight;
  const WEIGHT_ROW4 = width4(weight);
  const WEIGHT_SCALES = isQuantised(dtype)
    ? quantisedLayout(height4(weight) * 4, WEIGHT_ROW4 * 4, dtype).codeWords
    : 0;
  return { WEIGHT_BITS: weightCodes[dtype], WEIGHT_ROW4, WEIGHT_SCALES };
}
