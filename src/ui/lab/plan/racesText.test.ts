import { expect, test } from "vitest";
import { racesText } from "./racesText";

const races = (...sizes: readonly number[]) =>
  sizes.map((size) => ({ memoryBytes: 1, cellIds: Array.from({ length: size }, (_, cell) => String(cell)) }));

test.each([
  [races(15), undefined, "fits in one race"],
  [races(1), undefined, "one cell, trained alone"],
  [races(5, 5, 5), "memory", "3 races of 5 cells: memory"],
  [races(6, 6, 3), undefined, "3 races of 6 cells, 3 in the last"],
  [races(1, 1, 1), undefined, "3 cells, one after the other"],
  [races(4, 2, 3), undefined, "3 races of 2 to 4 cells"],
])("%#", (list, note, expected) => {
  expect(racesText({ races: list, ...(note && { note }) })).toBe(expected);
});
