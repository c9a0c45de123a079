// Keeps only the rows whose next token counts. Shapes: x [N, C], rowIndex [R], rowSlot [N], y [R, C].
import gather from "../../shaders/gather_rows.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import scatter from "../../shaders/scatter_rows.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid, rowsOf, width4 } from "./op";

const gatherKernel = defineKernel("gather_rows", stepLib, gather);
const scatterKernel = defineKernel("scatter_rows", scatter);

export type GatherInputs = {
  readonly x: Tensor;
  /** Row of x for each kept row, [R]. */
  readonly rowIndex: Tensor;
  /** For each row of x, 1 + its kept row, or 0, [N]. */
  readonly rowSlot: Tensor;
};

export interface GatherAttributes {
  readonly label: string;
  /** Cells of a race that share the rows equally, one behind the other; 1 unless given. */
  readonly cells?: number;
}

export const gatherRows = defineOp<GatherInputs, GatherAttributes, undefined>({
  name: "gatherRows",

  forward(trace, { x, rowIndex }, { label, cells = 1 }) {
    const ROWS = rowIndex.shape[0]!;
    const y = trace.activation(label, [ROWS, x.shape[1]!]);
    const C4 = width4(x);
    const { step } = trace.inputs;
    const constants = { ROWS, CELL_ROWS: ROWS / cells, C4 };
    trace.call(gatherKernel, constants, { step, x, rowIndex, y }, grid(ROWS * C4));
    return { output: y, saved: undefined };
  },

  backward(trace, dy, { x, rowSlot }) {
    const dx = trace.firstGradient(x);
    if (!dx) return;
    const N = rowsOf(x);
    const C4 = width4(x);
    trace.call(scatterKernel, { N, C4 }, { dy, rowSlot, dx }, grid(N * C4));
  },
});
