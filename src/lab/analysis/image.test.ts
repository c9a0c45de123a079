// Pictures of ΔW must be its values: row by row they are made without ΔW ever being there.
import { describe, expect, it } from "vitest";
import { changeImage, clampBlock, weightImage } from "./image";

const outFeatures = 5;
const inFeatures = 7;
const change = {
  path: "layers.0.q_proj",
  scaling: 0.5,
  rank: 2,
  outFeatures,
  inFeatures,
  loraA: Float32Array.from({ length: 2 * inFeatures }, (_, at) => at - 6),
  loraB: Float32Array.from({ length: outFeatures * 2 }, (_, at) => 3 - at),
};
const whole = { row: 0, column: 0, rows: outFeatures, columns: inFeatures };
const valueAt = (row: number, column: number) => {
  const { loraA, loraB } = change;
  return 0.5 * (loraB[2 * row]! * loraA[column]! + loraB[2 * row + 1]! * loraA[inFeatures + column]!);
};

describe("changeImage", () => {
  it("holds the values of ΔW", () => {
    const { values, largest, rows, columns, patch } = changeImage(change, whole);
    const expected = Array.from({ length: 35 }, (_, at) => valueAt(Math.floor(at / 7), at % 7));
    expect([...values]).toEqual(expected);
    expect(largest).toBe(Math.max(...expected.map(Math.abs)));
    expect({ rows, columns, patch }).toEqual({ rows: 5, columns: 7, patch: 1 });
  });

  it("cuts a block to the matrix", () => {
    const image = changeImage(change, { row: 3, column: 5, rows: 100, columns: 100 });
    expect(image.block).toEqual({ row: 3, column: 5, rows: 2, columns: 2 });
    expect([...image.values]).toEqual([valueAt(3, 5), valueAt(3, 6), valueAt(4, 5), valueAt(4, 6)]);
    expect(clampBlock({ row: -3, column: 99, rows: 0, columns: 2.7 }, 5, 7)).toEqual({
      row: 0,
      column: 6,
      rows: 1,
      columns: 1,
    });
  });
});

describe("weightImage", () => {
  it("shows the strongest value of each patch, with its sign", () => {
    const values = new Float32Array(300 * 520);
    values[519] = -4; // the last patch of the first row
    values[299 * 520] = 3; // the first patch of the last row
    const weight = { values, outFeatures: 300, inFeatures: 520 };
    const image = weightImage(weight, { row: 0, column: 0, rows: 300, columns: 520 });
    expect(image).toMatchObject({ patch: 3, rows: 100, columns: 174, largest: 4 });
    expect(image.values[173]).toBe(-4);
    expect(image.values[99 * 174]).toBe(3);
    expect(image.values.filter((value) => value !== 0)).toHaveLength(2);
  });
});
