// The head of a column that sorts the table when it is pressed.
import { UnstyledButton } from "@mantine/core";
import classes from "./Results.module.css";
import { nextSorting, type Sorting } from "./sortRows";

interface SortHeadProps {
  readonly by: string;
  readonly name: string;
  readonly sorting: Sorting;
  readonly onSort: (sorting: Sorting) => void;
}

export function SortHead({ by, name, sorting, onSort }: SortHeadProps) {
  const isSorted = sorting.by === by;
  const direction = sorting.isDescending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={isSorted ? direction : "none"}>
      <UnstyledButton
        type="button"
        className={classes.sort}
        data-sorted={isSorted || undefined}
        onClick={() => onSort(nextSorting(sorting, by))}
      >
        {name}
        {/* Room for the arrow is always there: the columns keep their width. */}
        <span className={classes.arrow} aria-hidden="true">
          {isSorted ? (sorting.isDescending ? "↓" : "↑") : ""}
        </span>
      </UnstyledButton>
    </th>
  );
}
