// The order of a results table: as the grid has it, or by one of its columns.

export interface Sorting {
  /** Which column, by the name its table gives it; undefined keeps the order of the grid. */
  readonly by: string | undefined;
  readonly isDescending: boolean;
}

/** The next sorting when a column's head is pressed: rising, falling, as it was. */
export function nextSorting(now: Sorting, by: string): Sorting {
  if (now.by !== by) return { by, isDescending: false };
  return now.isDescending ? { by: undefined, isDescending: false } : { by, isDescending: true };
}

/** Rows in the order of their keys; rows without a key come last either way, equal ones keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  { by, isDescending }: Sorting,
  keyOf: (row: Row, by: string) => number | string | null | undefined,
): Row[] {
  if (by === undefined) return [...rows];
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const [a, b] = [keyOf(left, by) ?? undefined, keyOf(right, by) ?? undefined];
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (typeof a === "string" || typeof b === "string") return sign * String(a).localeCompare(String(b));
    return sign * (a - b);
  });
}
