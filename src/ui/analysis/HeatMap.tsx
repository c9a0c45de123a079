// A heat map that is read by eye, by pointer, by keyboard and by ear: a picture with axes and a legend, and below it
// one line that says the value under the pointer or the cursor.
import { useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, memo, type PointerEvent, useId, useMemo, useState } from "react";
import { surroundings } from "../lab/plot/palette";
import classes from "./Analysis.module.css";
import { type ColourScale, colourAt, textColourAt } from "./colourScale";
import {
  cellAt,
  cellPaths,
  fontSize,
  type Grid,
  type HeatMapAxis,
  type HeatMapLayout,
  layOut,
} from "./heatMapLayout";

type Cell = readonly [row: number, column: number];

interface HeatMapProps {
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
  readonly grid: Grid;
  readonly rowAxis: HeatMapAxis;
  readonly columnAxis: HeatMapAxis;
  readonly scale: ColourScale;
  readonly formatValue: (value: number) => string;
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
          <Picture {...props} layout={layout} />
          {chosen && <Outline cell={chosen} layout={layout} kind="chosen" />}
          {cursor && <Outline cell={cursor} layout={layout} kind="cursor" />}
        </svg>
      </div>
      <p className={classes.readout}>{text || hint}</p>
    </>
  );
}

interface PictureProps extends HeatMapProps {
  readonly layout: HeatMapLayout;
}

/** Everything but the cursor: does not change while a pointer moves over it. */
const Picture = memo(function Picture({
  grid,
  rowAxis,
  columnAxis,
  scale,
  formatValue,
  layout,
}: PictureProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { ground, text, dimmed, strong } = surroundings[scheme];
  const { left, top, right, bottom, cellWidth, cellHeight } = layout;
  const label = { fill: dimmed, fontSize, fontFamily: "inherit" } as const;
  const middleX = (left + right) / 2;
  const middleY = (top + bottom) / 2;
  return (
    <>
      <rect width={layout.width} height={layout.height} fill={ground} />
      <Cells grid={grid} layout={layout} scale={scale} />
      <rect
        x={left - 0.5}
        y={top - 0.5}
        width={right - left}
        height={bottom - top}
        fill="none"
        stroke={strong}
      />
      {cellWidth >= 44 && <CellTexts grid={grid} layout={layout} scale={scale} formatValue={formatValue} />}
      {layout.rowTicks.map((row) => (
        <text
          key={row}
          {...label}
          x={left - 5}
          y={top + (row + 0.5) * cellHeight}
          dy="0.35em"
          textAnchor="end"
        >
          {rowAxis.labels[row]}
        </text>
      ))}
      {layout.columnTicks.map((column) => (
        <text
          key={column}
          {...label}
          x={left + (column + 0.5) * cellWidth}
          y={bottom + 13}
          textAnchor="middle"
        >
          {columnAxis.labels[column]}
        </text>
      ))}
      <text {...label} fill={text} x={middleX} y={bottom + 28} textAnchor="middle">
        {columnAxis.name}
      </text>
      <text
        {...label}
        fill={text}
        textAnchor="middle"
        transform={`translate(${fontSize} ${middleY}) rotate(-90)`}
      >
        {rowAxis.name}
      </text>
      <Legend scale={scale} formatValue={formatValue} x={left} y={bottom + 40} />
    </>
  );
});

type CellsProps = Pick<PictureProps, "grid" | "layout" | "scale">;

/** From here on cells are pixels of a picture, because paths would take megabytes. */
const manyCells = 10_000;

const Cells = memo(function Cells({ grid, layout, scale }: CellsProps) {
  const { left, top, right, bottom } = layout;
  if (grid.rows * grid.columns > manyCells) {
    return (
      <image
        href={pixels(grid, scale)}
        x={left}
        y={top}
        width={right - left}
        height={bottom - top}
        preserveAspectRatio="none"
        style={{ imageRendering: "pixelated" }}
      />
    );
  }
  return [...cellPaths(grid, layout, scale)].map(([colour, path]) => (
    <path key={colour} d={path} fill={colour} />
  ));
});

/** One pixel for each cell, as a data URL. */
function pixels(grid: Grid, scale: ColourScale): string {
  const canvas = document.createElement("canvas");
  canvas.width = grid.columns;
  canvas.height = grid.rows;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(grid.columns, grid.rows);
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const value = grid.at(row, column);
      if (value !== null) image.data.set([...colourAt(scale, value), 255], 4 * (row * grid.columns + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas.toDataURL();
}

function CellTexts({ grid, layout, scale, formatValue }: Pick<PictureProps, "formatValue"> & CellsProps) {
  const { left, top, cellWidth, cellHeight } = layout;
  return Array.from({ length: grid.rows * grid.columns }, (_, index) => {
    const [row, column] = [Math.floor(index / grid.columns), index % grid.columns];
    const value = grid.at(row, column);
    return (
      value !== null && (
        <text
          // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its place
          key={index}
          x={left + (column + 0.5) * cellWidth}
          y={top + (row + 0.5) * cellHeight}
          dy="0.35em"
          textAnchor="middle"
          fontSize={fontSize}
          fill={textColourAt(scale, value)}
        >
          {formatValue(value)}
        </text>
      )
    );
  });
}

interface LegendProps extends Pick<PictureProps, "scale" | "formatValue"> {
  readonly x: number;
  readonly y: number;
}

const legendWidth = 120;

function Legend({ scale, formatValue, x, y }: LegendProps) {
  const id = useId();
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { dimmed, strong } = surroundings[scheme];
  const { colours, low, high } = scale;
  const label = { y: y + 21, fill: dimmed, fontSize, fontFamily: "inherit" };
  return (
    <>
      <linearGradient id={id}>
        {colours.map((colour, index) => (
          <stop key={colour} offset={index / (colours.length - 1)} stopColor={colour} />
        ))}
      </linearGradient>
      <rect x={x} y={y} width={legendWidth} height={8} fill={`url(#${id})`} stroke={strong} />
      <text {...label} x={x}>
        {formatValue(low)}
      </text>
      {low < 0 && (
        <text {...label} x={x + legendWidth / 2} textAnchor="middle">
          0
        </text>
      )}
      <text {...label} x={x + legendWidth} textAnchor="end">
        {formatValue(high)}
      </text>
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
