// Table 7 of the LoRA paper (section 7.3): how much of W lies in the directions that the adapter uses, against W's
// own strongest directions and random ones, and by how much the adapter amplifies what is there.
import type { Matrix } from "ml-matrix";
import type { LowRankChange } from "./lowRankAdapter";
import { rankOfChange } from "./spectrum";
import { firstColumns, gaussian, orthonormalise, type ThinSvd } from "./thinMatrix";
import { topDirections } from "./topDirections";
import { timesThin, type Weight } from "./weight";

/** ‖UᵀWV‖_F for three choices of the r left directions U and right directions V. */
export interface Amplification {
  readonly path: string;
  /** r: the directions that ΔW has. */
  readonly rank: number;
  /** U, V the singular vectors of ΔW. */
  readonly throughChange: number;
  /** U, V the first r singular vectors of W: the most that any directions can give. */
  readonly throughWeight: number;
  /** U, V random: orthonormal bases of Gaussian matrices. */
  readonly throughRandom: number;
  /** ‖ΔW‖_F / ‖UᵀWV‖_F with U, V from ΔW; null where W has nothing there at all. */
  readonly factor: number | null;
}

/**
 * @param decomposed of the same change
 * @param seed of the random directions
 * @returns null for a change that is zero, which has no directions
 * @throws RangeError when the weight has another shape than the change
 */
export function amplificationOf(
  change: LowRankChange,
  decomposed: ThinSvd,
  weight: Weight,
  seed: number,
): Amplification | null {
  const { path, outFeatures, inFeatures } = change;
  checkShape(change, weight);
  const rank = rankOfChange(decomposed, change);
  if (rank === 0) return null;
  const random = {
    left: orthonormalise(gaussian(outFeatures, rank, seed, `analysis:left:${path}`)).basis,
    right: orthonormalise(gaussian(inFeatures, rank, seed, `analysis:right:${path}`)).basis,
  };
  const own = topDirections(weight, rank, seed, `analysis:start:${path}`);
  const throughChange = projectedNorm(
    weight,
    firstColumns(decomposed.left, rank),
    firstColumns(decomposed.right, rank),
  );
  return {
    path,
    rank,
    throughChange,
    throughWeight: projectedNorm(weight, own.left, own.right),
    throughRandom: projectedNorm(weight, random.left, random.right),
    factor: throughChange === 0 ? null : Math.hypot(...decomposed.singularValues) / throughChange,
  };
}

/** @throws RangeError saying that the adapter was made for another model */
export function checkShape(change: LowRankChange, weight: Weight): void {
  if (weight.outFeatures === change.outFeatures && weight.inFeatures === change.inFeatures) return;
  throw new RangeError(
    `${change.path}: expected weight [${change.outFeatures}, ${change.inFeatures}] as the adapter has it, got ` +
      `[${weight.outFeatures}, ${weight.inFeatures}]. The adapter was made for another model.`,
  );
}

/** ‖UᵀWV‖_F */
function projectedNorm(weight: Weight, left: Matrix, right: Matrix): number {
  return left.transpose().mmul(timesThin(weight, right)).norm("frobenius");
}
