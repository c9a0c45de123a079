// How the cells are put together into races, in words.
import type { LabEstimate } from "../../../studio/labMessages";

/** "fits in one race", "3 races of 5 cells: …", "6 cells, one after the other". */
export function racesText({ races, note }: Pick<LabEstimate, "races" | "note">): string {
  const sizes = races.map(({ cellIds }) => cellIds.length);
  const [first = 0] = sizes;
  if (races.length === 1) return first === 1 ? "one cell, trained alone" : "fits in one race";
  const because = note ? `: ${note}` : "";
  if (sizes.every((size) => size === 1)) return `${races.length} cells, one after the other${because}`;
  const isEven = sizes.every((size) => size === first);
  const last = sizes.at(-1)!;
  const isNearlyEven = sizes.slice(0, -1).every((size) => size === first);
  if (isEven) return `${races.length} races of ${first} cells${because}`;
  if (isNearlyEven) return `${races.length} races of ${first} cells, ${last} in the last${because}`;
  return `${races.length} races of ${Math.min(...sizes)} to ${Math.max(...sizes)} cells${because}`;
}
