import { expect, test } from "vitest";
import { nextSorting, sortRows } from "./sortRows";

const rows = [
  { name: "q, v", loss: 2 },
  { name: "q", loss: null },
  { name: "v", loss: 1 },
];
const keyOf = (row: (typeof rows)[number], by: string) => row[by as keyof typeof row];
const names = (by: string | undefined, isDescending: boolean) =>
  sortRows(rows, { by, isDescending }, keyOf).map(({ name }) => name);

test("by number and by name, both ways; what was not measured comes last", () => {
  expect(names(undefined, false)).toEqual(["q, v", "q", "v"]);
  expect(names("loss", false)).toEqual(["v", "q, v", "q"]);
  expect(names("loss", true)).toEqual(["q, v", "v", "q"]);
  expect(names("name", false)).toEqual(["q", "q, v", "v"]);
});

test("a head pressed three times leaves the table as it was", () => {
  const none = { by: undefined, isDescending: false };
  const rising = nextSorting(none, "loss");
  const falling = nextSorting(rising, "loss");
  expect([rising, falling, nextSorting(falling, "loss")]).toEqual([
    { by: "loss", isDescending: false },
    { by: "loss", isDescending: true },
    none,
  ]);
  expect(nextSorting(falling, "name")).toEqual({ by: "name", isDescending: false });
});
