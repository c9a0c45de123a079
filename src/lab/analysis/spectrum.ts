// How large an adapter's change of a weight is, and over how many directions it spreads. ΔW itself is never
// formed: QR of both thin factors leaves an r × r matrix with the same singular values.
import { Matrix } from "ml-matrix";
import type { LowRankChange } from "./lowRankAdapter";
import { matrixOf, numericalRank, orthonormalise, svd, type ThinSvd } from "./thinMatrix";

/** One weight's change in numbers. */
export interface ChangeSpectrum {
  readonly path: string;
  readonly rank: number;
  readonly scaling: number;
  /** Of ΔW and W: [out, in]. */
  readonly shape: readonly [outFeatures: number, inFeatures: number];
  /** Of ΔW, falling; min(rank, out, in) of them. */
  readonly singularValues: readonly number[];
  /** exp of the entropy of σ/Σσ (Roy & Vetterli 2007): 1 … rank, and 0 where ΔW is zero. */
  readonly effectiveRank: number;
  /** ‖ΔW‖_F² / σ₁² (Rudelson & Vershynin 2007), 0 where ΔW is zero. */
  readonly stableRank: number;
  /** ‖ΔW‖_F */
  readonly norm: number;
  /** ‖W‖_F; null where the weight is not at hand. */
  readonly weightNorm: number | null;
  /** ‖ΔW‖_F / ‖W‖_F */
  readonly relativeNorm: number | null;
}

/**
 * Thin singular value decomposition of ΔW = scaling·B·A: left [out, k], right [in, k].
 * @throws RangeError when a factor holds NaN or an infinity
 */
export function svdOfChange(change: LowRankChange): ThinSvd {
  const { loraA, loraB } = factorsOf(change);
  const right = orthonormalise(loraA.transpose());
  const left = orthonormalise(loraB);
  const core = svd(Matrix.mul(left.rest.mmul(right.rest.transpose()), change.scaling));
  return {
    left: left.basis.mmul(core.left),
    singularValues: core.singularValues,
    right: right.basis.mmul(core.right),
  };
}

/** Both factors in float64. @throws RangeError when one holds NaN or an infinity */
export function factorsOf({ path, loraA, loraB, rank, inFeatures, outFeatures }: LowRankChange) {
  for (const [name, values] of [["lora_A", loraA] as const, ["lora_B", loraB] as const]) {
    const bad = values.find((value) => !Number.isFinite(value));
    if (bad === undefined) continue;
    throw new RangeError(
      `${path}.${name}: expected finite values, got ${bad}. The run that made it failed: use an earlier state.`,
    );
  }
  return { loraA: matrixOf(loraA, rank, inFeatures), loraB: matrixOf(loraB, outFeatures, rank) };
}

/** Directions that ΔW really has: its rank but for rounding. */
export function rankOfChange({ singularValues }: ThinSvd, change: LowRankChange): number {
  return numericalRank(singularValues, Math.max(change.outFeatures, change.inFeatures));
}

/** @param weightNorm ‖W‖_F, null where the weight is not at hand */
export function spectrumOf(
  change: LowRankChange,
  { singularValues }: ThinSvd,
  weightNorm: number | null,
): ChangeSpectrum {
  const { path, rank, scaling, outFeatures, inFeatures } = change;
  const norm = Math.hypot(...singularValues);
  const largest = singularValues[0] ?? 0;
  return {
    path,
    rank,
    scaling,
    shape: [outFeatures, inFeatures],
    singularValues,
    effectiveRank: effectiveRank(singularValues),
    stableRank: largest === 0 ? 0 : (norm / largest) ** 2,
    norm,
    weightNorm,
    relativeNorm: weightNorm === null || weightNorm === 0 ? null : norm / weightNorm,
  };
}

function effectiveRank(singularValues: readonly number[]): number {
  const sum = singularValues.reduce((total, value) => total + value, 0);
  if (sum === 0) return 0;
  let entropy = 0;
  for (const value of singularValues) {
    const share = value / sum;
    if (share > 0) entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}
