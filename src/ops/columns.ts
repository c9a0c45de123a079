// Splits a fused projection into its parts. Shapes: x [N, Σ widths], each part [N, width].
import source from "../../shaders/copy_columns.wgsl?raw";
import type { Tensor } from "../gpu/tensor";
import { defineKernel, defineOp, grid, rowsOf, width4 } from "./op";
import type { Trace } from "./trace";

const kernel = defineKernel("copy_columns", "alias Unit = f32;", source);
const kernel4 = defineKernel("copy_columns", "alias Unit = vec4f;", source);

interface Range {
  readonly label: string;
  readonly first: number;
  readonly width: number;
}

/** Copies `width` columns from `fromFirst` of `from` to `toFirst` of `to`, and zeros as far as `last` of `to`. */
function copy(
  trace: Trace,
  [from, fromFirst]: readonly [Tensor, number],
  [to, toFirst]: readonly [Tensor, number],
  width: number,
  last: number,
): void {
  const N = rowsOf(from);
  const SPAN = last - toFirst;
  const widths = { FROM_WIDTH: 4 * width4(from), TO_WIDTH: 4 * width4(to) };
  const columns = { WIDTH: width, SPAN, FROM_FIRST: fromFirst, TO_FIRST: toFirst, ...widths };
  const unit = Object.values(columns).every((count) => count % 4 === 0) ? 4 : 1;
  const constants = Object.fromEntries(Object.entries(columns).map(([name, count]) => [name, count / unit]));
  const bindings = { source: from, copied: to };
  trace.call(unit === 4 ? kernel4 : kernel, { N, ...constants }, bindings, grid((N * SPAN) / unit));
}

const columnRange = defineOp<{ readonly x: Tensor }, Range, undefined>({
  name: "columns",

  forward(trace, { x }, { label, first, width }) {
    const y = trace.activation(label, [rowsOf(x), width]);
    copy(trace, [x, first], [y, 0], width, 4 * width4(y));
    return { output: y, saved: undefined };
  },

  // Each part writes its own columns of dx, the last one the padding too, so that together they write it all once.
  backward(trace, dy, { x }, _saved, { first, width }) {
    const dx = trace.gradientTarget(x);
    if (!dx) return;
    const end = first + width;
    copy(trace, [dy, 0], [dx.tensor, first], width, end === x.shape[1] ? 4 * width4(x) : end);
  },
});

/**
 * The parts of x by label and width, from left to right. x must have no other use, and every part must have one:
 * the gradient of x is made of theirs.
 * @throws when the widths do not add up to that of x
 */
export function columns(
  trace: Trace,
  x: Tensor,
  parts: readonly (readonly [label: string, width: number])[],
): Tensor[] {
  let first = 0;
  const ranges = parts.map(([label, width]) => {
    first += width;
    return columnRange(trace, { x }, { label, first: first - width, width });
  });
  if (first !== x.shape[1])
    throw new Error(`${x.label}: expected ${x.shape[1]} columns in parts, got ${first}`);
  return ranges;
}
