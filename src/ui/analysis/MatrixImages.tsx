// ΔW as a picture, W beside it: a block of both, or all of them with one dot for each patch.
import { Button, NativeSelect, TextInput, useComputedColorScheme } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Block, Images, MatrixImage } from "../../studio/analysisMessages";
import { formatCount, formatSmall } from "../format";
import classes from "./Analysis.module.css";
import { signedScale } from "./colourScale";
import { Figure, GridTable } from "./Figure";
import { HeatMap } from "./HeatMap";

interface MatrixImagesProps {
  readonly images: Images;
  /** Of the whole matrix. */
  readonly shape: readonly [rows: number, columns: number];
  readonly block: Block;
  readonly onBlock: (block: Block) => void;
}

export function MatrixImages({ images, shape, block, onBlock }: MatrixImagesProps) {
  return (
    <>
      <BlockForm key={JSON.stringify(block)} block={block} shape={shape} onBlock={onBlock} />
      <div className={classes.figures}>
        <MatrixFigure name="ΔW" image={images.change} />
        {images.weight ? (
          <MatrixFigure name="W" image={images.weight} />
        ) : (
          <p className={classes.empty}>The loaded model has no weight of this name and shape.</p>
        )}
      </div>
    </>
  );
}

interface BlockFormProps extends Pick<MatrixImagesProps, "block" | "shape" | "onBlock"> {}

const sizes = [16, 32, 64, 128, 256];

function BlockForm({ block, shape: [rows, columns], onBlock }: BlockFormProps) {
  const [row, setRow] = useState(String(block.row));
  const [column, setColumn] = useState(String(block.column));
  const isWhole = block.rows >= rows && block.columns >= columns;
  const [size, setSize] = useState(isWhole ? "all" : String(block.rows));
  const show = (event: React.FormEvent) => {
    event.preventDefault();
    if (size === "all") onBlock({ row: 0, column: 0, rows, columns });
    else onBlock({ row: Number(row), column: Number(column), rows: Number(size), columns: Number(size) });
  };
  return (
    <form className={classes.form} onSubmit={show}>
      <NativeSelect
        size="xs"
        label="Values a side"
        value={size}
        onChange={(event) => setSize(event.currentTarget.value)}
        data={[
          ...sizes
            .filter((each) => each < Math.max(rows, columns))
            .map((each) => ({ value: String(each), label: `${each} × ${each}` })),
          { value: "all", label: `all, ${formatCount(rows)} × ${formatCount(columns)}` },
        ]}
      />
      <PlaceField label="From row" most={rows - 1} value={row} disabled={size === "all"} onChange={setRow} />
      <PlaceField
        label="From column"
        most={columns - 1}
        value={column}
        disabled={size === "all"}
        onChange={setColumn}
      />
      <Button type="submit" size="xs" variant="default">
        Show block
      </Button>
    </form>
  );
}

interface PlaceFieldProps {
  readonly label: string;
  readonly most: number;
  readonly value: string;
  readonly disabled: boolean;
  readonly onChange: (value: string) => void;
}

function PlaceField({ label, most, value, disabled, onChange }: PlaceFieldProps) {
  return (
    <TextInput
      size="xs"
      type="number"
      required
      min={0}
      max={most}
      step={1}
      label={label}
      withAsterisk={false}
      value={value}
      disabled={disabled}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

interface MatrixFigureProps {
  readonly name: string;
  readonly image: MatrixImage;
}

/** A table of more would be slow and no one's reading. */
const mostTableCells = 64 * 64;
const room = { width: 320, height: 320 };

function MatrixFigure({ name, image }: MatrixFigureProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { block, patch, rows, columns, values, largest } = image;
  const grid = useMemo(
    () => ({ rows, columns, at: (row: number, column: number) => values[row * columns + column]! }),
    [rows, columns, values],
  );
  const axes = useMemo(() => {
    const places = (count: number, from: number) =>
      Array.from({ length: count }, (_, index) => String(from + index * patch));
    return {
      row: { name: "output", labels: places(rows, block.row) },
      column: { name: "input", labels: places(columns, block.column) },
    };
  }, [rows, columns, patch, block]);
  const scale = useMemo(() => signedScale(largest, scheme), [largest, scheme]);
  const whole = `rows ${block.row} to ${block.row + block.rows - 1}, columns ${block.column} to ${block.column + block.columns - 1}`;
  const patchNote = patch > 1 ? `; each dot is the strongest value of ${patch} × ${patch}` : "";
  return (
    <Figure
      name={name === "W" ? "Weight as an image" : "Change as an image"}
      title={`${name}, ${whole}${patchNote}`}
      fileName={name === "W" ? "weight" : "change"}
      data={() => image}
      table={() =>
        rows * columns > mostTableCells ? (
          <p className={classes.empty}>
            A table of {formatCount(rows * columns)} values is more than can be read: choose a block of at
            most 64 × 64 above, or save the JSON.
          </p>
        ) : (
          <GridTable
            corner="output \ input"
            rows={axes.row.labels}
            columns={axes.column.labels}
            text={(row, column) => formatSmall(grid.at(row, column))}
          />
        )
      }
    >
      <HeatMap
        label={name === "W" ? "Weight" : "Change"}
        grid={grid}
        rowAxis={axes.row}
        columnAxis={axes.column}
        scale={scale}
        formatValue={formatSmall}
        describe={(row, column, value) =>
          `output ${axes.row.labels[row]}, input ${axes.column.labels[column]}: ${formatSmall(value ?? 0)}`
        }
        room={room}
      />
    </Figure>
  );
}
