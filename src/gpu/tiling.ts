// Which family of matrix kernels suits an adapter. GPUs want operands in workgroup memory, shared by many results;
// software adapters lose more by barriers than they save, and do best with results in registers alone.

/** Results of one workgroup and of one invocation; constants of shaders/lib/tile.wgsl. */
export interface TileShape {
  readonly ROWS4: number;
  readonly COLUMNS4: number;
  readonly THREAD_ROWS4: 1 | 2;
  readonly THREAD_COLUMNS4: 1 | 2;
}

export type Tiling =
  | { readonly memory: "registers" }
  | {
      readonly memory: "workgroup";
      /** The one tile to use; otherwise each product gets the largest that leaves no part of the GPU idle. */
      readonly shape?: TileShape;
    };

export const registerTiling: Tiling = { memory: "registers" };
export const workgroupTiling: Tiling = { memory: "workgroup" };

/** @param isSoftware whether the adapter is one of software; see Gpu */
export const tilingFor = (isSoftware: boolean): Tiling => (isSoftware ? registerTiling : workgroupTiling);

/** From large to small; the larger, the less is read, and the fewer workgroups there are. */
export const tileShapes: readonly TileShape[] = [
  { ROWS4: 32, COLUMNS4: 16, THREAD_ROWS4: 2, THREAD_COLUMNS4: 1 },
  { ROWS4: 16, COLUMNS4: 16, THREAD_ROWS4: 2, THREAD_COLUMNS4: 1 },
  { ROWS4: 8, COLUMNS4: 8, THREAD_ROWS4: 1, THREAD_COLUMNS4: 1 },
];

/** As many workgroups keep the largest GPUs busy: two on each of 132 processors. */
const ENOUGH_TILES = 264;

/**
 * The tile for a result of `rows4` × `columns4` vec4s, made `copies` times (cells, or parts of a sum). All give the
 * same bits.
 */
export function tileShape(
  tiling: Tiling & { memory: "workgroup" },
  rows4: number,
  columns4: number,
  copies = 1,
): TileShape {
  const tiles = ({ ROWS4, COLUMNS4 }: TileShape) =>
    copies * Math.ceil(rows4 / ROWS4) * Math.ceil(columns4 / COLUMNS4);
  return tiling.shape ?? tileShapes.find((shape) => tiles(shape) >= ENOUGH_TILES) ?? tileShapes.at(-1)!;
}
