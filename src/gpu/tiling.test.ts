import { describe, expect, it } from "vitest";
import { registerTiling, type TileShape, tileShape, tilingFor, workgroupTiling } from "./tiling";

const sizeOf = ({ ROWS4, COLUMNS4 }: TileShape) => [4 * ROWS4, 4 * COLUMNS4];
const chosen = (rows: number, columns: number, copies?: number) =>
  sizeOf(tileShape({ ...workgroupTiling, memory: "workgroup" }, rows / 4, columns / 4, copies));

describe("tileShape", () => {
  it("takes large tiles where there are enough for every processor, and small ones otherwise", () => {
    expect(chosen(4096, 768)).toEqual([128, 64]);
    expect(chosen(4096, 4096)).toEqual([128, 64]);
    expect(chosen(1024, 2304)).toEqual([64, 64]); // 288 large tiles would keep some processors for a third round
    expect(chosen(1024, 768)).toEqual([32, 32]);
    expect(chosen(1, 1)).toEqual([32, 32]);
    expect(chosen(640, 768, 13)).toEqual([128, 64]);
  });
});

describe("tilingFor", () => {
  it("keeps results in registers on software adapters that can exchange them", () => {
    expect(tilingFor(true, true)).toBe(registerTiling);
    expect(tilingFor(true, false)).toBe(workgroupTiling);
    expect(tilingFor(false, true)).toBe(workgroupTiling);
  });
});
