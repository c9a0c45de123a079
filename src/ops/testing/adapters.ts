// Adapters of one layer in several cells, laid out as the kernels find them: a flat buffer and its table.
import { parameterBytes } from "../../gpu/tensor";
import { lowRankTable } from "../lowRank";
import { array, normal, paddedShape, padTo, type TestArray, type Values } from "./arrays";

export interface TestAdapters {
  /** All factors, as one flat array. */
  readonly factors: TestArray;
  readonly table: TestArray;
  readonly ranks: readonly number[];
  readonly scalings: readonly number[];
  readonly dropoutStreams: readonly number[];
  /** A [R, in] and B [out, R] of each cell out of a flat array; undefined where the layer is not adapted. */
  readonly factorsOf: (flat: Values, cell: number) => { loraA: Values; loraB: Values } | undefined;
  /** A flat array from what each cell has, zeros elsewhere. */
  readonly flatten: (cells: readonly ({ loraA: Values; loraB: Values } | undefined)[]) => Values;
}

/** @param ranks of each cell; 0 where it does not adapt the layer */
export function testAdapters(
  name: string,
  ranks: readonly number[],
  { inFeatures, outFeatures }: { inFeatures: number; outFeatures: number },
): TestAdapters {
  let sizeBytes = 64; // something before the first factor
  const places = ranks.map((rank) => {
    const loraAOffsetBytes = sizeBytes;
    const loraBOffsetBytes = loraAOffsetBytes + parameterBytes([rank, inFeatures]) + 32;
    sizeBytes = loraBOffsetBytes + parameterBytes([outFeatures, rank]);
    return { loraAOffsetBytes, loraBOffsetBytes };
  });
  const scalings = ranks.map((_, c) => 1.5 - 0.25 * c);
  const dropoutStreams = ranks.map(() => 77); // one layer, so the same in all cells
  const shapesOf = (rank: number) => [[rank, inFeatures] as const, [outFeatures, rank] as const] as const;

  const flatten: TestAdapters["flatten"] = (cells) => {
    const flat = new Float64Array(sizeBytes / 4);
    cells.forEach((factors, c) => {
      if (!factors) return;
      const [shapeA, shapeB] = shapesOf(ranks[c]!);
      const stored = (values: Values, shape: readonly number[]) =>
        padTo(values, shape, paddedShape(shape, "parameter"));
      flat.set(stored(factors.loraA, shapeA), places[c]!.loraAOffsetBytes / 4);
      flat.set(stored(factors.loraB, shapeB), places[c]!.loraBOffsetBytes / 4);
    });
    return flat;
  };

  const factorsOf: TestAdapters["factorsOf"] = (flat, c) => {
    if (ranks[c] === 0) return undefined;
    const read = (offsetBytes: number, [rows, columns]: readonly [number, number]) => {
      const width = paddedShape([rows, columns], "parameter")[1]!;
      return Float64Array.from({ length: rows * columns }, (_, i) => {
        return flat[offsetBytes / 4 + Math.floor(i / columns) * width + (i % columns)]!;
      });
    };
    const [shapeA, shapeB] = shapesOf(ranks[c]!);
    const { loraAOffsetBytes, loraBOffsetBytes } = places[c]!;
    return { loraA: read(loraAOffsetBytes, shapeA), loraB: read(loraBOffsetBytes, shapeB) };
  };

  const words = lowRankTable(
    ranks.map((rank, c) => {
      const [scaling, dropoutStream] = [scalings[c]!, dropoutStreams[c]!];
      return rank > 0 ? { rank, scaling, dropoutStream, ...places[c]! } : undefined;
    }),
  );
  const values = ranks.map((rank, c) => {
    const [shapeA, shapeB] = shapesOf(rank);
    const deviation = inFeatures ** -0.5;
    if (rank === 0) return undefined;
    return {
      loraA: normal(`${name} A ${c}`, shapeA, { deviation }).values,
      loraB: normal(`${name} B ${c}`, shapeB).values,
    };
  });
  return {
    factors: array([sizeBytes / 4], flatten(values)),
    table: array([words.length], words, "u32"),
    ...{ ranks, scalings, dropoutStreams, factorsOf, flatten },
  };
}
