// Subspace similarity, section 7.2 of the LoRA paper (Hu et al. 2021, equation 4): how much of the space that the
// first i directions of one factor span lies in the space of another one's first j.
import type { Matrix } from "ml-matrix";
import type { LowRankChange } from "./lowRankAdapter";
import { factorsOf } from "./spectrum";
import { firstColumns, gaussian, numericalRank, orthonormalise, svd } from "./thinMatrix";

/** φ(i, j) at [i − 1][j − 1], from 0 (nothing in common) to 1 (one contains the other). */
export type SimilarityGrid = readonly (readonly number[])[];

/** Both factors of one weight's change, each compared by the directions that matter most in it. */
export interface ChangeSimilarity {
  readonly path: string;
  /** Of A: its right singular vectors, directions of the input. */
  readonly right: SimilarityGrid;
  /** Of B: its left singular vectors, directions of the output. */
  readonly left: SimilarityGrid;
}

/** Orthonormal directions, the most important first: right [in, k] of A, left [out, k] of B. */
interface FactorDirections {
  readonly right: Matrix;
  readonly left: Matrix;
}

/**
 * Between two adapters' changes of one weight; their ranks may differ. Axes end where a factor has no further
 * direction: at the start of training B is zero and has none.
 * @throws RangeError when the changes are of weights with different shapes
 */
export function similarityOf(one: LowRankChange, other: LowRankChange): ChangeSimilarity {
  if (one.inFeatures !== other.inFeatures || one.outFeatures !== other.outFeatures) {
    const shapes = [one, other].map(({ outFeatures, inFeatures }) => `[${outFeatures}, ${inFeatures}]`);
    throw new RangeError(
      `${one.path}: expected two adapters of one model, got weights ${shapes.join(" and ")}.`,
    );
  }
  return compare(one.path, directionsOf(one), directionsOf(other));
}

/**
 * Against factors of the same shapes filled with random numbers: what two subspaces share by chance.
 * @param seed of the random factors
 */
export function similarityToRandom(change: LowRankChange, seed: number): ChangeSimilarity {
  const { path, rank, inFeatures, outFeatures } = change;
  const random = {
    right: rightDirections(gaussian(rank, inFeatures, seed, `analysis:A:${path}`)),
    left: leftDirections(gaussian(outFeatures, rank, seed, `analysis:B:${path}`)),
  };
  return compare(path, directionsOf(change), random);
}

function directionsOf(change: LowRankChange): FactorDirections {
  const { loraA, loraB } = factorsOf(change);
  return { right: rightDirections(loraA), left: leftDirections(loraB) };
}

const rightDirections = (factor: Matrix): Matrix => leftDirections(factor.transpose());

function leftDirections(factor: Matrix): Matrix {
  const { basis, rest } = orthonormalise(factor);
  const { left, singularValues } = svd(rest);
  const count = numericalRank(singularValues, Math.max(factor.rows, factor.columns));
  return basis.mmul(firstColumns(left, count));
}

function compare(path: string, one: FactorDirections, other: FactorDirections): ChangeSimilarity {
  return { path, right: gridOf(one.right, other.right), left: gridOf(one.left, other.left) };
}

/** φ(i, j) = ‖UᵢᵀUⱼ‖_F² / min(i, j) for all i, j, by running sums over one product. */
function gridOf(one: Matrix, other: Matrix): SimilarityGrid {
  const product = one.transpose().mmul(other);
  const sums: number[][] = [];
  return Array.from({ length: product.rows }, (_, i) => {
    let row = 0;
    sums.push(
      Array.from({ length: product.columns }, (_, j) => {
        row += product.get(i, j) ** 2;
        return row + (sums[i - 1]?.[j] ?? 0);
      }),
    );
    return sums[i]!.map((sum, j) => sum / (Math.min(i, j) + 1));
  });
}
