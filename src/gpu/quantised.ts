// How a weight matrix in fewer bits lies in its buffer: codes of all values, padded as any matrix, and behind them
// what scales them. One buffer, so that a kernel binds it like any other weight.

/** int8: a scale per row. nf4: 4-bit codes, a scale per 64 values. nf4-double: those scales in 8 bits themselves. */
export const quantisedDtypes = ["int8", "nf4", "nf4-double"] as const;
export type QuantisedDtype = (typeof quantisedDtypes)[number];

/** In words, for cards and complaints. */
export const quantisationTexts: Readonly<Record<QuantisedDtype, string>> = {
  int8: "8 bits (int8)",
  nf4: "4 bits (NF4)",
  "nf4-double": "4 bits (NF4, double quantisation)",
};

/** What the codes of NF4 stand for lies between them and the scales. */
export const NF4_VALUES = 16;
/** Neighbouring values, in the padded row-major order, that share an NF4 scale. */
export const NF4_BLOCK = 64;
/** Neighbouring NF4 scales that share a scale of their own. */
export const SCALE_BLOCK = 256;

export interface QuantisedLayout {
  /** 32-bit words before the scales. */
  readonly codeWords: number;
  /** Scales of values: one a row, or one a block. */
  readonly scaleCount: number;
  readonly sizeBytes: number;
}

/** @param rows, columns padded to four */
export function quantisedLayout(rows: number, columns: number, dtype: QuantisedDtype): QuantisedLayout {
  const values = rows * columns;
  if (dtype === "int8") return { codeWords: values / 4, scaleCount: rows, sizeBytes: values + 4 * rows };
  const codeWords = values / 8;
  const scaleCount = Math.ceil(values / NF4_BLOCK);
  const scaleWords =
    dtype === "nf4"
      ? scaleCount
      : Math.ceil(scaleCount / 4) + Math.ceil(scaleCount / SCALE_BLOCK) + 1 + SCALE_BLOCK;
  const words = codeWords + NF4_VALUES + scaleWords;
  return { codeWords, scaleCount, sizeBytes: 8 * Math.ceil(words / 2) }; // whole vec2u
}

export const isQuantised = (dtype: string): dtype is QuantisedDtype =>
  (quantisedDtypes as readonly string[]).includes(dtype);
