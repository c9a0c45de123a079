// Several adapters side by side in one flat buffer, and the tables by which kernels find each one's part. The region
// of a cell is laid out as if it were alone, so that its sums run in the same order among any neighbours.
import type { Storage, Tensor } from "../gpu/tensor";
import { regionTable } from "../ops/adamW";
import { type CellFactors, type LowRank, lowRankTable } from "../ops/lowRank";
import { residentTensor } from "../ops/trace";
import { type AdaptedModule, factorName } from "./adapter";
import { ALIGNMENT, type TrainableLayout } from "./layout";

/** One adapter, or another set of trained parameters, among its neighbours. */
export interface CellParameters {
  readonly layout: TrainableLayout;
  /** Adapted layers; empty where no adapter is trained. */
  readonly modules: readonly AdaptedModule[];
}

/** Bytes of each cell's region of the flat buffer; they lie one behind the other. */
export const regionBytesOf = (cells: readonly CellParameters[]): number[] =>
  cells.map(({ layout }) => layout.sizeBytes);

/** Where each cell's region begins. */
export function regionOffsetsOf(cells: readonly CellParameters[]): number[] {
  let offsetBytes = 0;
  return cells.map(({ layout }) => {
    const first = offsetBytes;
    offsetBytes += layout.sizeBytes;
    return first;
  });
}

/** Paths of the layers that any of the cells adapts, in the model's order. */
export function adaptedPaths(cells: readonly CellParameters[], inOrder: Iterable<string>): string[] {
  const adapted = new Set(cells.flatMap(({ modules }) => modules.map(({ path }) => path)));
  return [...inOrder].filter((path) => adapted.has(path));
}

/** The tables of a set of cells: their regions, and one table for each adapted layer, each where it can be bound. */
export class CellTables {
  readonly sizeBytes: number;
  readonly #regions: Uint32Array;
  readonly #layers: ReadonlyMap<string, { offsetBytes: number; words: Uint32Array; ranks: number[] }>;

  /** @param paths adapted layers in order, as adaptedPaths gives them */
  constructor(cells: readonly CellParameters[], paths: readonly string[]) {
    this.#regions = regionTable(regionBytesOf(cells));
    const offsets = regionOffsetsOf(cells);
    const byPath = cells.map(({ modules }) => new Map(modules.map((module) => [module.path, module])));
    const places = cells.map(
      ({ layout }) => new Map(layout.entries.map(({ name, offsetBytes }) => [name, offsetBytes])),
    );
    let offsetBytes = aligned(this.#regions.byteLength);
    const layers = new Map<string, { offsetBytes: number; words: Uint32Array; ranks: number[] }>();
    for (const path of paths) {
      const factors = cells.map((_, c): CellFactors | undefined => {
        const module = byPath[c]!.get(path);
        const place = (factor: "A" | "B") => offsets[c]! + places[c]!.get(factorName(path, factor))!;
        return module && { ...module, loraAOffsetBytes: place("A"), loraBOffsetBytes: place("B") };
      });
      const words = lowRankTable(factors);
      layers.set(path, { offsetBytes, words, ranks: factors.map((cell) => cell?.rank ?? 0) });
      offsetBytes += aligned(words.byteLength);
    }
    this.#layers = layers;
    this.sizeBytes = offsetBytes;
  }

  /** What a storage of `sizeBytes` has to hold. */
  bytes(): Uint32Array<ArrayBuffer> {
    const all = new Uint32Array(this.sizeBytes / 4);
    all.set(this.#regions);
    for (const { offsetBytes, words } of this.#layers.values()) all.set(words, offsetBytes / 4);
    return all;
  }

  regions(storage: Storage): Tensor {
    return residentTensor("regions", [this.#regions.length], "u32", storage);
  }

  /** The adapters as operands of the adapted layers, by path. @param factors the cells' flat buffer */
  lowRanks(factors: Tensor, storage: Storage, dropout: number): Map<string, LowRank> {
    return new Map(
      [...this.#layers].map(([path, { offsetBytes, words, ranks }]) => {
        const table = residentTensor(`${path} table`, [words.length], "u32", storage, offsetBytes);
        return [path, { factors, table, ranks, dropout }];
      }),
    );
  }
}

const aligned = (sizeBytes: number): number => Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;

/** A storage's whole content as one tensor of f32. */
export const flatTensor = (label: string, storage: Storage, sizeBytes: number): Tensor =>
  residentTensor(label, [sizeBytes / 4], "f32", storage);
