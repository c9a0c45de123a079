// What every figure has: its name, its picture or the same as a table, and the ways to take it away.
import { Button } from "@mantine/core";
import { type ReactNode, useId, useRef, useState } from "react";
import { elementToSvg, saveJson, savePng, saveSvg } from "../charts/figureFiles";
import classes from "./Analysis.module.css";

interface FigureProps {
  /** What it is called; never with an adapter's own name, so that it can be found by it. */
  readonly name: string;
  /** Shown above it. */
  readonly title: string;
  /** Without an ending. */
  readonly fileName: string;
  /** The numbers behind it. */
  readonly data: () => unknown;
  readonly table: () => ReactNode;
  readonly children: ReactNode;
}

export function Figure({ name, title, fileName, data, table, children }: FigureProps) {
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const [isTable, setTable] = useState(false);
  const common = { size: "compact-xs", variant: "default", "aria-describedby": id } as const;
  const withPicture = (save: (svg: string, fileName: string) => void) => () => {
    const picture = frame.current?.querySelector("svg");
    if (picture) save(elementToSvg(picture, title), fileName);
  };
  return (
    <figure ref={frame} className={classes.figure} aria-label={name}>
      <figcaption id={id} className={classes.caption}>
        {title}
      </figcaption>
      {isTable ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to take the focus
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would be announced as a form group
        <div className={classes.tableBox} tabIndex={0} role="group" aria-label={`${name}, table`}>
          {table()}
        </div>
      ) : (
        children
      )}
      <div className={classes.actions}>
        <Button {...common} aria-pressed={isTable} onClick={() => setTable(!isTable)}>
          Table
        </Button>
        <Button {...common} disabled={isTable} onClick={withPicture(saveSvg)}>
          SVG
        </Button>
        <Button {...common} disabled={isTable} onClick={withPicture(savePng)}>
          PNG
        </Button>
        <Button {...common} onClick={() => saveJson(data(), fileName)}>
          JSON
        </Button>
      </div>
    </figure>
  );
}

interface GridTableProps {
  readonly corner: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly text: (row: number, column: number) => string;
}

/** A grid of values as rows and columns of text. */
export function GridTable({ corner, rows, columns, text }: GridTableProps) {
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">{corner}</th>
          {columns.map((name) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((name, row) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            {columns.map((column, at) => (
              <td key={column}>{text(row, at)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
