// A heat map that is read by eye, by pointer, by keyboard and by ear: a picture with axes and a legend, and below it
// one line that says the value under the pointer or the cursor.
import { type KeyboardEvent, type PointerEvent, useMemo, useState } from "react";
import classes from "./Analysis.module.css";
import { HeatMapPicture, type HeatMapPictureProps } from "./HeatMapPicture";
import { cellAt, type HeatMapLayout, layOut } from "./heatMapLayout";

type Cell = readonly [row: number, column: number];

interface HeatMapProps extends Omit<HeatMapPictureProps, "layout"> {
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
  /** A cell and its value in words, e.g. "layer 3, q_proj: 0.12". */
  readonly describe: (row: number, column: number, value: number | null) => string;
  /** Largest cell; wide cells show their values. */
  readonly mostCell?: { readonly width: number; readonly height: number };
  /** Room for the cells. */
  readonly room?: { readonly width: number; readonly height: number };
  readonly chosen?: Cell | undefined;
  readonly onChoose?: (row: number, column: number) => void;
}

const squareRoom = { width: 256, height: 256 };
const squareCell = { width: 28, height: 28 };

export function HeatMap(props: HeatMapProps) {
  const { grid, rowAxis, columnAxis, describe, onChoose, chosen } = props;
  const { mostCell = squareCell, room = squareRoom } = props;
  const [cursor, setCursor] = useState<Cell>();
  const layout = useMemo(
    () => layOut(grid, rowAxis, columnAxis, room, mostCell),
    [grid, rowAxis, columnAxis, room, mostCell],
  );
  const onPointer = ({ clientX, clientY, currentTarget }: PointerEvent) => {
    const box = currentTarget.getBoundingClientRect();
    return cellAt(layout, grid, clientX - box.left, clientY - box.top);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const [row, column] = cursor ?? chosen ?? [0, 0];
    const step = event.ctrlKey ? 8 : 1;
    const moves: Readonly<Record<string, Cell>> = {
      ArrowUp: [row - step, column],
      ArrowDown: [row + step, column],
      ArrowLeft: [row, column - step],
      ArrowRight: [row, column + step],
      Home: [row, 0],
      End: [row, grid.columns - 1],
    };
    const target = moves[event.key];
    if (target) {
      event.preventDefault();
      const clamp = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
      setCursor(cursor || chosen ? [clamp(target[0], grid.rows), clamp(target[1], grid.columns)] : [0, 0]);
    } else if ((event.key === "Enter" || event.key === " ") && onChoose && cursor) {
      event.preventDefault();
      onChoose(...cursor);
    } else if (event.key === "Escape") setCursor(undefined);
  };
  const shown = cursor ?? chosen;
  const text = shown ? describe(...shown, grid.at(...shown)) : "";
  const hint = onChoose ? "Choose a cell to see that weight below." : "Point at a cell to read its value.";
  return (
    <>
      <div
        className={classes.map}
        data-choosing={onChoose ? true : undefined}
        // What the arrow keys move through is a row of values: screen readers read each one out.
        role="slider"
        tabIndex={0}
        aria-label={`${props.label}; the arrow keys go from cell to cell`}
        aria-valuemin={1}
        aria-valuemax={grid.rows * grid.columns}
        aria-valuenow={shown ? shown[0] * grid.columns + shown[1] + 1 : 1}
        aria-valuetext={text || "no cell"}
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(undefined)}
      >
        <svg
          width={layout.width}
          height={layout.height}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          className={classes.picture}
          aria-hidden="true"
          onPointerMove={(event) => setCursor(onPointer(event))}
          onPointerLeave={() => setCursor(undefined)}
          onPointerDown={(event) => {
            const cell = onPointer(event);
            setCursor(cell);
            if (cell) onChoose?.(...cell);
          }}
        >
          <HeatMapPicture
            grid={grid}
            rowAxis={rowAxis}
            columnAxis={columnAxis}
            scale={props.scale}
            formatValue={props.formatValue}
            layout={layout}
          />
          {chosen && <Outline cell={chosen} layout={layout} kind="chosen" />}
          {cursor && <Outline cell={cursor} layout={layout} kind="cursor" />}
        </svg>
      </div>
      <p className={classes.readout}>{text || hint}</p>
    </>
  );
}

interface OutlineProps {
  readonly cell: Cell;
  readonly layout: HeatMapLayout;
  readonly kind: "chosen" | "cursor";
}

/** Black and white, so that it shows on every colour. Left out of saved figures. */
function Outline({ cell: [row, column], layout, kind }: OutlineProps) {
  const { left, top, cellWidth, cellHeight } = layout;
  const box = {
    x: left + column * cellWidth - 1,
    y: top + row * cellHeight - 1,
    width: cellWidth + 1,
    height: cellHeight + 1,
    fill: "none",
  };
  return (
    <g data-transient="">
      <rect {...box} stroke="#000000" strokeWidth={3} />
      <rect
        {...box}
        stroke="#ffffff"
        strokeWidth={1.25}
        strokeDasharray={kind === "chosen" ? "3 2" : undefined}
      />
    </g>
  );
}
