// Attention reads heads as whole vec4s. Projections put heads side by side without padding, so where a head's size
// is no multiple of four its rows are repacked on the way in and out; other sizes pass through untouched.
import source from "../../shaders/repack_heads.wgsl?raw";
import { pad4, type Tensor } from "../gpu/tensor";
import { defineKernel, grid, rowsOf, width4 } from "./op";
import type { Trace } from "./trace";

const kernel = defineKernel("repack_heads", source);

/** A place for x [N, H·D] with every head padded: [N, H·pad4(D)]; x itself where heads need no padding. */
export function paddedLike(trace: Trace, x: Tensor, headDim: number): Tensor {
  if (headDim % 4 === 0) return x;
  const heads = x.shape[1]! / headDim;
  return trace.activation(`${x.label} padded`, [rowsOf(x), heads * pad4(headDim)]);
}

/** x [N, H·D] with every head padded with zeros: [N, H·pad4(D)]. */
export function padHeads(trace: Trace, x: Tensor, headDim: number): Tensor {
  const y = paddedLike(trace, x, headDim);
  if (x !== y) repack(trace, x, y, x.shape[1]! / headDim, headDim, [headDim, pad4(headDim)]);
  return y;
}

/** The reverse of `padHeads`, into `y` [N, H·D]; nothing to do where both are one tensor. */
export function unpadHeads(trace: Trace, x: Tensor, y: Tensor, headDim: number): void {
  if (x !== y) repack(trace, x, y, y.shape[1]! / headDim, headDim, [pad4(headDim), headDim]);
}

function repack(
  trace: Trace,
  x: Tensor,
  y: Tensor,
  heads: number,
  headDim: number,
  [xStride, yStride]: readonly [number, number],
): void {
  const N = rowsOf(x);
  const Y_WIDTH = 4 * width4(y);
  trace.call(
    kernel,
    {
      N,
      HEADS: heads,
      D: headDim,
      X_WIDTH: 4 * width4(x),
      X_STRIDE: xStride,
      Y_WIDTH,
      Y_STRIDE: yStride,
    },
    { x, y },
    grid(N * Y_WIDTH),
  );
}
