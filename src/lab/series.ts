// Curves as they grow: one point at a time into buffers with room to spare, handed out as views of what is filled.

/** One entry per point; `timeMs` and `tokens` (of one cell, padding left out) are since the cell's start. */
export interface Curve {
  readonly step: Uint32Array;
  /** Nats per token. */
  readonly loss: Float32Array;
  readonly timeMs: Float64Array;
  readonly tokens: Float64Array;
}

/** A cell's training curve, and its validation curve beside it. Replaced when it grows, never changed in place. */
export interface CellSeries extends Curve {
  readonly validation: Curve;
}

const emptyCurve: Curve = {
  step: new Uint32Array(),
  loss: new Float32Array(),
  timeMs: new Float64Array(),
  tokens: new Float64Array(),
};
export const emptySeries: CellSeries = { ...emptyCurve, validation: emptyCurve };

export interface Point {
  readonly step: number;
  readonly loss: number;
  readonly timeMs: number;
  readonly tokens: number;
}

type NumberArray = Uint32Array | Float32Array | Float64Array;

/** The array with one more value; its buffer is shared with the array before unless it was full. */
function appended<T extends NumberArray>(array: T, value: number): T {
  const { length, byteOffset, BYTES_PER_ELEMENT: size } = array;
  const make = array.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T;
  const hasRoom = array.buffer.byteLength >= byteOffset + (length + 1) * size;
  const buffer = hasRoom ? array.buffer : new ArrayBuffer(Math.max(64, 2 * length) * size);
  const longer = new make(buffer, hasRoom ? byteOffset : 0, length + 1);
  if (!hasRoom) longer.set(array);
  longer[length] = value;
  return longer;
}

function withPoint(curve: Curve, { step, loss, timeMs, tokens }: Point): Curve {
  // A resumed run may report a step again: what was there from that step on did not happen.
  const kept = (curve.step.at(-1) ?? -1) >= step ? cutBefore(curve, step) : curve;
  return {
    step: appended(kept.step, step),
    loss: appended(kept.loss, loss),
    timeMs: appended(kept.timeMs, timeMs),
    tokens: appended(kept.tokens, tokens),
  };
}

function cutBefore(curve: Curve, step: number): Curve {
  const count = curve.step.findIndex((each) => each >= step);
  return {
    step: curve.step.subarray(0, count),
    loss: curve.loss.subarray(0, count),
    timeMs: curve.timeMs.subarray(0, count),
    tokens: curve.tokens.subarray(0, count),
  };
}

export function withTrainPoint(series: CellSeries, point: Point): CellSeries {
  return { ...withPoint(series, point), validation: series.validation };
}

export function withValidationPoint(series: CellSeries, point: Point): CellSeries {
  return { ...series, validation: withPoint(series.validation, point) };
}

/** A curve from plain lists; a loss of null was not a number. */
export function curveOf(lists: {
  readonly step: readonly number[];
  readonly loss: readonly (number | null)[];
  readonly timeMs: readonly number[];
  readonly tokens: readonly number[];
}): Curve {
  return {
    step: Uint32Array.from(lists.step),
    loss: Float32Array.from(lists.loss, (loss) => loss ?? Number.NaN),
    timeMs: Float64Array.from(lists.timeMs),
    tokens: Float64Array.from(lists.tokens),
  };
}

/** The same curves without the room to grow, to be kept or sent. */
export function compactSeries(series: Readonly<Record<string, CellSeries>>): Record<string, CellSeries> {
  const compact = ({ step, loss, timeMs, tokens }: Curve): Curve => ({
    step: step.slice(),
    loss: loss.slice(),
    timeMs: timeMs.slice(),
    tokens: tokens.slice(),
  });
  return Object.fromEntries(
    Object.entries(series).map(([id, each]) => [
      id,
      { ...compact(each), validation: compact(each.validation) },
    ]),
  );
}
