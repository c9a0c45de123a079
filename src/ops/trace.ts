// The tape: ops run once on symbolic tensors and leave kernel calls behind. Walking the tape backward appends
// the gradients' calls, and only those that somebody needs.
import type { Constants, KernelSource, Workgroups } from "../gpu/kernel";
import type { KernelCall, Launch } from "../gpu/program";
import {
  activationBytes,
  type Dtype,
  type PlainDtype,
  parameterBytes,
  Storage,
  type Tensor,
} from "../gpu/tensor";
import { registerTiling, sizesFor, type Tiling } from "../gpu/tiling";

/** Where an op's backward puts its result: write when it is the first to arrive, add otherwise. */
export interface GradientTarget {
  readonly tensor: Tensor;
  readonly accumulate: boolean;
}

/** What every step writes anew; kernels that need one of its values bind `step`. */
export interface StepInputs {
  /** Scalars of the step, layout in shaders/lib/step.wgsl. */
  readonly step: Tensor;
  /** What each cell of a race has for itself (CellStep there): read by dropout and by the update. */
  readonly cells: Tensor;
  /** At least 32 bytes that kernels may bind in place of an operand they do not have. */
  readonly nothing: Tensor;
}

export class Trace {
  readonly calls: KernelCall[] = [];
  readonly #rules: (() => void)[] = [];
  readonly #gradients = new Map<Tensor, Tensor>();
  readonly #needsGradient = new Set<Tensor>();

  /**
   * @param training false traces forward only: nothing is recorded for a backward pass
   * @param tiling the matrix kernels that suit the adapter, for which the calls are meant
   */
  constructor(
    readonly inputs: StepInputs,
    readonly training: boolean,
    readonly tiling: Tiling = registerTiling,
  ) {}

  /** A new value of the step, e.g. [N, C]; it gets its place from the plan. */
  activation(label: string, shape: readonly number[], dtype: PlainDtype = "f32"): Tensor {
    return plannedTensor(label, shape, dtype);
  }

  /** The same memory under a new name, for ops that work in place. */
  alias(tensor: Tensor, label: string): Tensor {
    return { ...tensor, label };
  }

  call(
    source: KernelSource,
    constants: Constants,
    bindings: Readonly<Record<string, Tensor>>,
    workgroups: Workgroups,
    alternatives?: readonly Launch[],
  ): void {
    const sizes = sizesFor(this.tiling);
    this.calls.push({ source, constants, bindings, workgroups, alternatives, sizes });
  }

  /** Declares a parameter that is trained; its gradient is added to `gradient`, which a step clears first. */
  trainable(parameter: Tensor, gradient: Tensor): void {
    if (!this.training) return;
    this.#needsGradient.add(parameter);
    this.#gradients.set(parameter, gradient);
  }

  needsGradient(tensor: Tensor | undefined): boolean {
    return tensor !== undefined && this.#needsGradient.has(tensor);
  }

  /** Where to put the gradient of `tensor`, or undefined when nobody needs it. */
  gradientTarget(tensor: Tensor): GradientTarget | undefined {
    if (!this.#needsGradient.has(tensor)) return undefined;
    const known = this.#gradients.get(tensor);
    if (known) return { tensor: known, accumulate: true };
    const gradient = this.activation(`d ${tensor.label}`, tensor.shape);
    this.#gradients.set(tensor, gradient);
    return { tensor: gradient, accumulate: false };
  }

  /**
   * As `gradientTarget`, for kernels that only write, never add.
   * @throws when a later op has already left a gradient for `tensor`.
   */
  firstGradient(tensor: Tensor): Tensor | undefined {
    const target = this.gradientTarget(tensor);
    if (target?.accumulate) {
      throw new Error(`gradient of ${tensor.label}: expected this to be its last use, got a later one`);
    }
    return target?.tensor;
  }

  /**
   * Says that the gradient of `tensor` is `gradient` itself, without a copy: a residual branch, or an op in place.
   * Everything that reads `gradient` as another tensor's must run before anything is added to it, which the
   * backward order gives when `tensor` is the older of the two.
   */
  passGradient(tensor: Tensor, gradient: Tensor): void {
    if (!this.#needsGradient.has(tensor)) return;
    if (this.#gradients.has(tensor)) {
      throw new Error(
        `gradient of ${tensor.label}: expected to be passed on first, got contributions before`,
      );
    }
    this.#gradients.set(tensor, gradient);
  }

  /** Used by defineOp: remembers how to differentiate an op whose output depends on something trainable. */
  record(inputs: readonly (Tensor | undefined)[], output: Tensor, rule: (dOutput: Tensor) => void): void {
    if (!this.training || !inputs.some((input) => this.needsGradient(input))) return;
    this.#needsGradient.add(output);
    this.#rules.push(() => {
      const gradient = this.#gradients.get(output);
      if (gradient) rule(gradient);
    });
  }

  /**
   * Runs `block` and keeps nothing of it but its output: the backward walk runs it again and differentiates that.
   * The same calls on the same inputs give the same bits, so the gradients are those of an unchecked block.
   * Source: Chen et al. 2016.
   * @param block ops that change none of the tensors they start from in place
   */
  checkpointed(block: () => Tensor): Tensor {
    const first = this.#rules.length;
    const output = block();
    if (this.#rules.length === first) return output; // nothing in it is differentiated
    this.#rules.length = first;
    this.#rules.push(() => {
      const gradient = this.#gradients.get(output);
      if (!gradient) return;
      const again = block();
      this.#gradients.set(again, gradient);
      while (this.#rules.length > 0) this.#rules.pop()!();
    });
    return output;
  }

  /**
   * Appends every gradient that somebody needs, from the loss down to the lowest trainable op.
   * @param dLoss gradient to start from. A loss op scales by d loss / d loss = 1 itself; checks of single ops
   * start from an arbitrary one.
   */
  backward(loss: Tensor, dLoss: Tensor = loss): void {
    this.#gradients.set(loss, dLoss);
    const rules = this.#rules.splice(0).reverse();
    for (const rule of rules) rule();
  }
}

function plannedTensor(label: string, shape: readonly number[], dtype: PlainDtype): Tensor {
  const sizeBytes = activationBytes(shape, dtype);
  return {
    label,
    shape,
    dtype,
    storage: new Storage(label, sizeBytes, "planned"),
    offsetBytes: 0,
    sizeBytes,
  };
}

/** A parameter or batch array at a place in a resident storage. */
export function residentTensor(
  label: string,
  shape: readonly number[],
  dtype: Dtype,
  storage: Storage,
  offsetBytes = 0,
): Tensor {
  return { label, shape, dtype, storage, offsetBytes, sizeBytes: Math.max(16, parameterBytes(shape, dtype)) };
}
