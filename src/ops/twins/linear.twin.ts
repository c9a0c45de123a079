// float64 twin of linear.ts: y = x·Wᵀ + s·((mask∘x)·Aᵀ)·Bᵀ + bias + residual. Hu et al. 2021, section 4.1.
import { pad4 } from "../../gpu/tensor";
import { philox4x32 } from "../../random/philox";
import { build, columnSums, type Matrix, plus, product, scale, times, transpose } from "./matrix.twin";

export interface LinearTwinInputs {
  /** x [N, in], weight [out, in] */
  readonly x: Matrix;
  readonly weight: Matrix;
  readonly bias?: Float64Array | undefined;
  readonly residual?: Matrix | undefined;
  /** loraA [R, in], loraB [out, R]; mask [N, in] of 0 and 1/(1 − p). */
  readonly lowRank?:
    | { readonly loraA: Matrix; readonly loraB: Matrix; readonly scaling: number; readonly mask?: Matrix }
    | undefined;
}

const masked = (x: Matrix, mask: Matrix | undefined): Matrix => (mask ? times(x, mask) : x);

/** y [N, out] */
export function linearForward({ x, weight, bias, residual, lowRank }: LinearTwinInputs): Matrix {
  let y = product(x, transpose(weight));
  if (lowRank) {
    const { loraA, loraB, scaling, mask } = lowRank;
    const S = product(masked(x, mask), transpose(loraA)); // [N, R]
    y = plus(y, scale(product(S, transpose(loraB)), scaling));
  }
  if (bias)
    y = plus(
      y,
      build(y.rows, y.columns, (_, j) => bias[j]!),
    );
  return residual ? plus(y, residual) : y;
}

/** Gradients of everything, whether trained or not. */
export function linearBackward({ x, weight, lowRank }: LinearTwinInputs, dy: Matrix) {
  const base = {
    x: product(dy, weight),
    weight: product(transpose(dy), x),
    bias: columnSums(dy),
    residual: dy,
  };
  if (!lowRank) return base;
  const { loraA, loraB, scaling, mask } = lowRank;
  const S = product(masked(x, mask), transpose(loraA)); // [N, R]
  const U = scale(product(dy, loraB), scaling); // [N, R]
  return {
    ...base,
    x: plus(base.x, masked(product(U, loraA), mask)),
    loraA: product(transpose(U), masked(x, mask)),
    loraB: scale(product(transpose(dy), S), scaling),
  };
}

/**
 * The dropout mask that the kernels recompute: element (n, k) is word k mod 4 of the Philox block whose counter is
 * (its vec4's index, 0, microStep, 0) under the key (seed, dropoutStream); kept when uniform ≥ p.
 */
export function dropoutMask(
  rows: number,
  columns: number,
  {
    p,
    seed,
    microStep,
    dropoutStream,
  }: { p: number; seed: number; microStep: number; dropoutStream: number },
): Matrix {
  const width4 = pad4(columns) / 4;
  return build(rows, columns, (n, k) => {
    const block = philox4x32([n * width4 + (k >> 2), 0, microStep, 0], [seed, dropoutStream]);
    const uniform = (block[k & 3]! >>> 8) * 2 ** -24;
    return uniform >= Math.fround(p) ? 1 / (1 - p) : 0;
  });
}
