// The largest singular values and vectors of a big weight without its full decomposition: randomised subspace
// iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4) until the energy it has caught stands still.
import { firstColumns, gaussian, orthonormalise, svd, type ThinSvd } from "./thinMatrix";
import { timesThin, transposeTimesThin, type Weight } from "./weight";

/** More columns than asked for, so that the last wanted direction has a gap to what is thrown away. */
const oversampling = 8;
const tolerance = 1e-9;
const mostRounds = 500;

/**
 * The first `count` (at most min(out, in)) singular triples of W.
 * @param seed and `stream` of the random start; they change the result by rounding only
 */
export function topDirections(weight: Weight, count: number, seed: number, stream: string): ThinSvd {
  const least = Math.min(weight.outFeatures, weight.inFeatures);
  const wanted = Math.min(count, least);
  const columns = Math.min(wanted + oversampling, least);
  let right = orthonormalise(gaussian(weight.inFeatures, columns, seed, stream)).basis;
  let energy = 0;
  for (let round = 1; ; round++) {
    const left = orthonormalise(timesThin(weight, right)).basis; // [out, k]
    const back = orthonormalise(transposeTimesThin(weight, left)); // Wᵀ·left = basis · rest
    const core = svd(back.rest.transpose()); // left · restᵀ · basisᵀ ≈ W
    const caught = Math.hypot(...core.singularValues.slice(0, wanted));
    if (Math.abs(caught - energy) <= tolerance * caught || columns === least || round === mostRounds) {
      return {
        left: left.mmul(firstColumns(core.left, wanted)),
        singularValues: core.singularValues.slice(0, wanted),
        right: back.basis.mmul(firstColumns(core.right, wanted)),
      };
    }
    energy = caught;
    right = back.basis;
  }
}
