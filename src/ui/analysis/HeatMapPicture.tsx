// The heat map's picture: cells, axes and legend. Does not change while a pointer moves over it.
import { useComputedColorScheme } from "@mantine/core";
import { memo, useId } from "react";
import { surroundings } from "../lab/plot/palette";
import { type ColourScale, colourAt, textColourAt } from "./colourScale";
import { cellPaths, fontSize, type Grid, type HeatMapAxis, type HeatMapLayout } from "./heatMapLayout";

export interface HeatMapPictureProps {
  readonly grid: Grid;
  readonly rowAxis: HeatMapAxis;
  readonly columnAxis: HeatMapAxis;
  readonly scale: ColourScale;
  readonly formatValue: (value: number) => string;
  readonly layout: HeatMapLayout;
}

export const HeatMapPicture = memo(function HeatMapPicture({
  grid,
  rowAxis,
  columnAxis,
  scale,
  formatValue,
  layout,
}: HeatMapPictureProps) {
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

type CellsProps = Pick<HeatMapPictureProps, "grid" | "layout" | "scale">;

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

function CellTexts({
  grid,
  layout,
  scale,
  formatValue,
}: Pick<HeatMapPictureProps, "formatValue"> & CellsProps) {
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

interface LegendProps extends Pick<HeatMapPictureProps, "scale" | "formatValue"> {
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
