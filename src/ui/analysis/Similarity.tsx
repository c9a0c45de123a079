// Subspace similarity as heat maps i × j: two adapters' directions, and an adapter's against random ones.
import { useMemo } from "react";
import type { SimilarityGrid } from "../../studio/analysisMessages";
import classes from "./Analysis.module.css";
import { amountScale } from "./colourScale";
import { Figure, GridTable } from "./Figure";
import { HeatMap } from "./HeatMap";

interface SimilarityProps {
  readonly name: string;
  readonly title: string;
  readonly fileName: string;
  readonly grid: SimilarityGrid;
  /** What i and j count directions of. */
  readonly rowName: string;
  readonly columnName: string;
  readonly isToRandom?: boolean;
}

/** Always the whole range, so that maps can be compared with each other. */
const scale = amountScale(0, 1);
const formatShare = (value: number) => value.toFixed(2);

export function Similarity({
  name,
  title,
  fileName,
  grid,
  rowName,
  columnName,
  isToRandom = false,
}: SimilarityProps) {
  const values = useMemo(() => {
    const columns = grid[0]?.length ?? 0;
    return { rows: grid.length, columns, at: (row: number, column: number) => grid[row]![column]! };
  }, [grid]);
  const axes = useMemo(() => {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => String(index + 1));
    return {
      // Names of adapters are longer than a map of few directions; they stand above.
      row: { name: "i, this adapter", labels: numbers(values.rows) },
      column: { name: isToRandom ? "j, random" : "j, the other", labels: numbers(values.columns) },
    };
  }, [values, isToRandom]);
  if (values.rows === 0 || values.columns === 0) {
    return (
      <figure className={classes.figure} aria-label={name}>
        <figcaption className={classes.caption}>{title}</figcaption>
        <p className={classes.empty}>
          {values.rows === 0 ? rowName : columnName}: all zero, so that it has no directions yet. B starts at
          zero.
        </p>
      </figure>
    );
  }
  return (
    <Figure
      name={name}
      title={title}
      fileName={fileName}
      data={() => ({ title, i: rowName, j: columnName, phi: grid })}
      table={() => (
        <GridTable
          corner="i \ j"
          rows={axes.row.labels}
          columns={axes.column.labels}
          text={(row, column) => grid[row]![column]!.toFixed(3)}
        />
      )}
    >
      <HeatMap
        label={name}
        grid={values}
        rowAxis={axes.row}
        columnAxis={axes.column}
        scale={scale}
        formatValue={formatShare}
        describe={(row, column, value) => `i = ${row + 1}, j = ${column + 1}: φ = ${(value ?? 0).toFixed(3)}`}
      />
    </Figure>
  );
}
