// The scalars that every step brings, its own and those of one cell, with values for tests. Layout:
// shaders/lib/step.wgsl.

export interface StepValues {
  readonly microStep: number;
  readonly lossRows: number;
  readonly inverseTokens: number;
  readonly sqrtBiasCorrection2: number;
  readonly position: number;
  /** CellStep's, the same in every cell unless `cells` says otherwise. */
  readonly seed: number;
  readonly trains: number;
  readonly learningRate: number;
  readonly stepSize: number;
  readonly cells?: readonly Partial<CellValues>[];
}

export type CellValues = Pick<StepValues, (typeof cellOrder)[number]>;

const unsignedFields: readonly string[] = ["seed", "trains", "microStep", "lossRows", "position"];
const stepOrder = ["microStep", "lossRows", "inverseTokens", "sqrtBiasCorrection2", "position"] as const;
const cellOrder = ["seed", "trains", "learningRate", "stepSize"] as const;

export const defaultStep: StepValues = {
  microStep: 0,
  lossRows: 0,
  inverseTokens: 1,
  sqrtBiasCorrection2: 1,
  position: 0,
  seed: 20,
  trains: 1,
  learningRate: 0,
  stepSize: 0,
};

function encode<F extends string>(order: readonly F[], values: Readonly<Record<F, number>>, size: number) {
  const view = new DataView(new ArrayBuffer(size));
  order.forEach((field, i) => {
    if (unsignedFields.includes(field)) view.setUint32(4 * i, values[field], true);
    else view.setFloat32(4 * i, values[field], true);
  });
  return new Uint8Array(view.buffer);
}

export const stepBytes = (values: StepValues): Uint8Array<ArrayBuffer> => encode(stepOrder, values, 32);

/** One CellStep after the other; a single one unless `cells` lists more. */
export function cellBytes(values: StepValues): Uint8Array<ArrayBuffer> {
  const { cells = [{}] } = values;
  const bytes = new Uint8Array(cells.length * 16);
  cells.forEach((cell, c) => {
    bytes.set(encode(cellOrder, { ...values, ...cell }, 16), c * 16);
  });
  return bytes;
}
