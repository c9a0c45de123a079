// The one check of an op: its kernels run forward and backward on the GPU, on poisoned memory, and the output and
// every gradient are compared with its float64 twin.
import type { Tensor } from "../gpu/tensor";
import type { Tiling } from "../gpu/tiling";
import { normal, type TestArray, type Values } from "./testing/arrays";
import { Harness } from "./testing/harness";
import type { StepValues } from "./testing/step";
import type { Trace } from "./trace";

export interface Operand extends TestArray {
  /**
   * What it is to the op. `activation`: a value of the step, whose gradient is written. `trained`: a parameter,
   * whose gradient is added to what is there. `frozen`: read only, e.g. a frozen weight, token ids, a table.
   */
  readonly role: "activation" | "trained" | "frozen";
}

/** Marks what an array is to the op. */
export const activation = (array: TestArray): Operand => ({ ...array, role: "activation" });
export const trained = (array: TestArray): Operand => ({ ...array, role: "trained" });
export const frozen = (array: TestArray): Operand => ({ ...array, role: "frozen" });

export interface OpCheck<Name extends string> {
  readonly operands: Readonly<Record<Name, Operand>>;
  /** Calls the op on symbolic tensors. */
  readonly build: (trace: Trace, tensors: Record<Name, Tensor>) => Tensor;
  /** Gradient of the output; left out for a loss, which starts from 1 by itself. */
  readonly dOutput?: TestArray | undefined;
  /** The same in float64: the output, and the gradient of every operand that is not frozen. */
  readonly twin: (values: Record<Name, Values>, dOutput: Values) => TwinResult<Name>;
  readonly step?: Partial<StepValues> | undefined;
  /** Largest max|a − b| / max|b| allowed for the output and for each gradient. */
  readonly tolerance: { readonly forward: number; readonly backward: number };
  /** False: the forward trace of evaluation and decoding. */
  readonly training?: boolean;
  /** The matrix kernels to check; those for software adapters unless given. */
  readonly tiling?: Tiling | undefined;
  /** Frozen matrices over it lie in blocks of rows. */
  readonly maxBindingBytes?: number | undefined;
}

export interface TwinResult<Name extends string> {
  readonly output: Values;
  readonly gradients: Partial<Record<Name, Values>>;
}

/**
 * Runs the check.
 * @returns the relative error of "output" and of each "d operand".
 * @throws naming every tensor that is off, is NaN, differs between two runs, or has non-zero padding.
 */
export async function checkOp<Name extends string>(
  device: GPUDevice,
  check: OpCheck<Name>,
): Promise<Map<string, number>> {
  const { operands, build, dOutput, twin, step, tolerance, training = true, tiling } = check;
  const { maxBindingBytes } = check;
  const harness = await Harness.open(device, { ...(step && { step }), training, ...(tiling && { tiling }) });
  const { trace } = harness;
  const names = Object.keys(operands) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, operands[name].values])) as Record<
    Name,
    Values
  >;
  const before = new Map<string, Values>();
  const gradients: (() => Promise<void>)[] = [];
  const tensors = {} as Record<Name, Tensor>;
  const spring = await harness.upload("spring", normal("spring", [4])); // makes activations need a gradient
  trace.trainable(spring, spring);
  for (const name of names) {
    const { role, ...array } = operands[name];
    const layout = role === "activation" ? "activation" : "parameter";
    const mostBytes = role === "frozen" ? maxBindingBytes : undefined;
    const tensor = await harness.upload(name, array, layout, mostBytes);
    tensors[name] = tensor;
    if (role === "activation") {
      trace.record([spring], tensor, (gradient) => {
        gradients.push(() => harness.keep(`d ${name}`, gradient));
      });
    } else if (role === "trained") {
      const initial = normal(`initial d ${name}`, array.shape);
      before.set(`d ${name}`, initial.values);
      const gradient = await harness.upload(`d ${name}`, initial);
      trace.trainable(tensor, gradient);
      if (training) gradients.push(() => harness.keep(`d ${name}`, gradient, "parameter"));
    }
  }
  const output = build(trace, tensors);
  await harness.keep("output", output);
  if (training) trace.backward(output, dOutput && (await harness.upload("dOutput", dOutput, "activation")));
  for (const keep of gradients) await keep();
  const results = await harness.run();

  const expected = twin(values, dOutput?.values ?? new Float64Array([1]));
  const failures: string[] = [];
  const errors = new Map<string, number>();
  const compare = (name: string, wanted: Values | undefined, allowed: number) => {
    const actual = results.get(name)?.values;
    if (!wanted) return failures.push(`${name}: the twin has no such gradient`);
    if (!actual) return failures.push(`${name}: the backward pass left none`);
    const offset = before.get(name);
    const { error, at } = largestError(
      actual,
      offset ? wanted.map((value, i) => value + offset[i]!) : wanted,
    );
    errors.set(name, error);
    if (!(error <= allowed)) {
      failures.push(
        `${name}: expected a relative error of at most ${allowed}, got ${error.toExponential(2)}, ` +
          `first largest at element ${at}: ${actual[at]} for ${wanted[at]! + (offset?.[at] ?? 0)}`,
      );
    }
  };
  compare("output", expected.output, tolerance.forward);
  for (const name of names) {
    if (training && operands[name].role !== "frozen") {
      compare(`d ${name}`, expected.gradients[name], tolerance.backward);
    }
  }
  if (failures.length > 0) throw new Error(failures.join("\n"));
  return errors;
}

/** max|a − b| / max|b|, or max|a| where b is zero; infinity when anything is NaN or the lengths differ. */
export function relativeError(actual: Values, expected: Values): number {
  return largestError(actual, expected).error;
}

function largestError(actual: Values, expected: Values): { error: number; at: number } {
  if (actual.length !== expected.length) return { error: Number.POSITIVE_INFINITY, at: 0 };
  let difference = 0;
  let size = 0;
  let at = 0;
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs(actual[i]! - expected[i]!);
    if (!Number.isFinite(distance)) return { error: Number.POSITIVE_INFINITY, at: i };
    if (distance > difference) {
      difference = distance;
      at = i;
    }
    size = Math.max(size, Math.abs(expected[i]!));
  }
  return { error: size > 0 ? difference / size : difference, at };
}
