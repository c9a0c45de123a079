// Which family of matrix kernels suits an adapter. GPUs want operands in workgroup memory, shared by many results;
// software adapters lose more by barriers than they save, and do best with results in registers alone.
import type { Sizes } from "./kernel";

/** Results of one workgroup and of one invocation; constants of shaders/lib/tile.wgsl. */
export interface TileShape {
  readonly ROWS4: number;
  readonly COLUMNS4: number;
  readonly THREAD_ROWS4: 1 | 2;
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

/**
 * @param isSoftware see Gpu
 * @param hasQuads whether neighbouring invocations can exchange registers, as the kernels in registers do; see quads.ts
 */
export const tilingFor = (isSoftware: boolean, hasQuads: boolean): Tiling =>
  isSoftware && hasQuads ? registerTiling : workgroupTiling;

/**
 * Where kernels find their sizes. A software adapter compiles a pipeline in 10 to 300 ms and runs a loop alike whether or
 * not its bounds are known, so one pipeline for all sizes is best; GPUs gain from knowing them.
 */
export const sizesFor = ({ memory }: Tiling): Sizes => (memory === "registers" ? "uniform" : "pinned");

/** From large to small; the larger, the less is read, and the fewer workgroups there are. */
export const tileShapes: readonly TileShape[] = [
  { ROWS4: 32, COLUMNS4: 16, THREAD_ROWS4: 2 },
  { ROWS4: 16, COLUMNS4: 16, THREAD_ROWS4: 2 },
  { ROWS4: 8, COLUMNS4: 8, THREAD_ROWS4: 1 },
];

/** Processors of the largest GPUs: two workgroups on each keep them busy. */
const PROCESSORS = 132;

/**
 * The tile for a result of `rows4` × `columns4` vec4s, made `copies` times (cells, or parts of a sum): of those that
 * keep all processors busy the one with which the last of them is done first. All give the same bits.
 */
export function tileShape(
  tiling: Tiling & { memory: "workgroup" },
  rows4: number,
  columns4: number,
  copies = 1,
): TileShape {
  if (tiling.shape) return tiling.shape;
  const [smallest, ...larger] = [...tileShapes].reverse() as [TileShape, ...TileShape[]];
  let best = smallest;
  let leastWork = Number.POSITIVE_INFINITY;
  for (const shape of larger) {
    const { ROWS4, COLUMNS4 } = shape;
    const tiles = copies * Math.ceil(rows4 / ROWS4) * Math.ceil(columns4 / COLUMNS4);
    const work = Math.ceil(tiles / PROCESSORS) * ROWS4 * COLUMNS4;
    if (tiles >= 2 * PROCESSORS && work <= leastWork) [best, leastWork] = [shape, work];
  }
  return best;
}
