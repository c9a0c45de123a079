// Output head and cross-entropy in one op, so that logits exist only a block of rows at a time: each block's
// logits become their own gradient, and that the gradient of the hidden rows, before the next block starts
// (the idea of Liger's fused linear cross-entropy, Hsu et al. 2024).
// Shapes: hidden [R, C], weight [V, C], targets [R]; the output is the loss of each row [R].
import crossEntropy from "../../shaders/cross_entropy.wgsl?raw";
import reduceLib from "../../shaders/lib/reduce.wgsl?raw";
import stepLib from "../../shaders/lib/step.wgsl?raw";
import sumLosses from "../../shaders/sum_losses.wgsl?raw";
import type { Constants } from "../gpu/kernel";
import { activationBytes, type Tensor } from "../gpu/tensor";
import {
  checkShape,
  defineKernel,
  defineOp,
  grid,
  height4,
  reduceConstants,
  rowConstants,
  rowsOf,
} from "./op";
import { forwardProduct, inputGradient, weightGradient } from "./product";
import type { Trace } from "./trace";

const crossEntropyKernel = defineKernel("cross_entropy", stepLib, reduceLib, crossEntropy);
const sumKernel = defineKernel("sum_losses", stepLib, reduceLib, sumLosses);

/** GPUs need more rows at a time to be busy, as many as WebGPU's least binding limit allows. */
const blockBytesOf = ({ tiling }: Trace): number => (tiling.memory === "workgroup" ? 128 : 32) * 2 ** 20;
/** Invocations that share a row of logits. */
const rowConstantsOf = (trace: Trace): Constants =>
  trace.tiling.memory === "workgroup" ? { WORKGROUP: 256 } : rowConstants(trace);
/** Keeps the byte offset of a block of rows a multiple of 256, which WebGPU asks of bindings. */
const ROW_MULTIPLE = 64;

export type HeadLossInputs = {
  readonly hidden: Tensor;
  readonly weight: Tensor;
  readonly targets: Tensor;
  /** The first of each cell's four entries gets the loss of the step added. */
  readonly stats: Tensor;
};

export interface HeadLossAttributes {
  readonly label: string;
  /** Logits of one block of rows stay under this many bytes, as far as 64 rows allow; 32 MiB unless given,
   *  128 MiB on GPUs. */
  readonly blockBytes?: number;
  /** Cells of a race that share the rows equally, one behind the other; 1 unless given. */
  readonly cells?: number;
}

export const headLoss = defineOp<HeadLossInputs, HeadLossAttributes, { dHidden: Tensor | undefined }>({
  name: "headLoss",

  forward(trace, { hidden, weight, targets, stats }, { label, blockBytes = blockBytesOf(trace), cells = 1 }) {
    const R = rowsOf(hidden);
    const [V, C] = weight.shape as [number, number];
    checkShape(label, "hidden", hidden, [R, C]);
    checkShape(label, "targets", targets, [R]);
    const { step } = trace.inputs;
    const losses = trace.activation(`${label} losses`, [R]);
    const trainsWeight = trace.needsGradient(weight);
    const dHidden = trace.needsGradient(hidden)
      ? trace.activation(`d ${hidden.label}`, hidden.shape)
      : undefined;
    const most = Math.floor(blockBytes / activationBytes([1, V]) / ROW_MULTIPLE) * ROW_MULTIPLE;
    const blockRows = Math.max(ROW_MULTIPLE, most);

    for (let first = 0; first < R; first += blockRows) {
      const rows = Math.min(blockRows, R - first);
      const x = rowBlock(hidden, first, rows);
      const z = trace.activation(`${label} logits`, [rows, V]);
      forwardProduct(trace, { x, weight, y: z });
      const gradient = dHidden !== undefined || trainsWeight;
      trace.call(
        crossEntropyKernel,
        {
          FIRST: first,
          ROWS: rows,
          CELL_ROWS: R / cells,
          V,
          V4: height4(weight),
          GRADIENT: gradient,
          ...rowConstantsOf(trace),
        },
        { step, targets, z, losses },
        grid(rows, 1),
      );
      if (dHidden) {
        inputGradient(trace, {
          dy: z,
          weight,
          dx: { tensor: rowBlock(dHidden, first, rows), accumulate: false },
        });
      }
      weightGradient(trace, z, x, weight);
    }
    trace.call(sumKernel, { ROWS: R / cells, ...reduceConstants }, { step, losses, stats }, [1, 1, cells]);
    return { output: losses, saved: { dHidden } };
  },

  backward(trace, _dLoss, { hidden }, { dHidden }) {
    if (dHidden) trace.passGradient(hidden, dHidden);
  },
});

/** Rows first … first + rows of an activation [R, C], in place. */
function rowBlock(tensor: Tensor, first: number, rows: number): Tensor {
  const width = tensor.shape[1]!;
  return {
    ...tensor,
    shape: [rows, width],
    offsetBytes: tensor.offsetBytes + activationBytes([first, width]),
    sizeBytes: activationBytes([rows, width]),
  };
}
