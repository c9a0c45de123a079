// The block of scalars every step brings, with values for tests. Layout: shaders/lib/step.wgsl.

export interface StepValues {
  readonly seed: number;
  readonly microStep: number;
  readonly lossRows: number;
  readonly inverseTokens: number;
  readonly learningRate: number;
  readonly stepSize: number;
  readonly sqrtBiasCorrection2: number;
  readonly position: number;
}

const unsignedFields = ["seed", "microStep", "lossRows", "position"] as const;
const order = [
  "seed",
  "microStep",
  "lossRows",
  "inverseTokens",
  "learningRate",
  "stepSize",
  "sqrtBiasCorrection2",
  "position",
] as const;

export const defaultStep: StepValues = {
  seed: 20,
  microStep: 0,
  lossRows: 0,
  inverseTokens: 1,
  learningRate: 0,
  stepSize: 0,
  sqrtBiasCorrection2: 1,
  position: 0,
};

export function stepBytes(values: StepValues): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(32));
  order.forEach((field, i) => {
    if ((unsignedFields as readonly string[]).includes(field)) view.setUint32(4 * i, values[field], true);
    else view.setFloat32(4 * i, values[field], true);
  });
  return view.buffer;
}
