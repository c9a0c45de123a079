// One quantity of every weight's change: kinds of modules against layers. Choosing a cell shows that weight's figures.
import { memo, useMemo } from "react";
import type { ChangeSpectrum } from "../../studio/analysisMessages";
import { formatSmall } from "../format";
import { amountScale } from "./colourScale";
import { Figure, GridTable } from "./Figure";
import { HeatMap } from "./HeatMap";
import type { ModuleGrid } from "./moduleGrid";
import { type Quantity, quantities } from "./quantities";

interface LayerMapProps {
  readonly name: string;
  readonly title: string;
  readonly spectra: readonly ChangeSpectrum[];
  /** Of all weights on show, so that two adapters' maps have the same places. */
  readonly modules: ModuleGrid;
  readonly quantity: Quantity;
  /** Right end of the colour scale. */
  readonly high: number;
  readonly chosen: string | undefined;
  /** Stays the same between renders. */
  readonly onChoose: (path: string) => void;
}

const room = { width: 640, height: 320 };
const mostCell = { width: 56, height: 24 };

export const LayerMap = memo(function LayerMap(props: LayerMapProps) {
  const { name, title, spectra, modules, quantity, high, chosen, onChoose } = props;
  const { name: quantityName, measure } = quantities[quantity];
  const values = useMemo(
    () => new Map(spectra.map((spectrum) => [spectrum.path, measure(spectrum)])),
    [spectra, measure],
  );
  const valueAt = (row: number, column: number) => values.get(modules.paths[row]![column] ?? "") ?? null;
  const grid = { rows: modules.modules.length, columns: modules.layers.length, at: valueAt };
  const place = placeOf(chosen, modules);
  const text = (value: number | null) => (value === null ? "–" : formatSmall(value));
  return (
    <Figure
      name={name}
      title={title}
      fileName={`layers-${quantity}`}
      data={() => spectra}
      table={() => (
        <GridTable
          corner="Layer"
          rows={modules.layers}
          columns={modules.modules}
          text={(layer, module) => text(valueAt(module, layer))}
        />
      )}
    >
      <HeatMap
        label={name}
        grid={grid}
        rowAxis={{ name: "module", labels: modules.modules }}
        columnAxis={{ name: "layer", labels: modules.layers }}
        scale={amountScale(0, high)}
        formatValue={(value) => formatSmall(Number(value.toPrecision(2)))}
        describe={(row, column, value) =>
          `layer ${modules.layers[column]}, ${modules.modules[row]}: ${
            value === null ? "not changed by this adapter" : `${quantityName} ${text(value)}`
          }`
        }
        room={room}
        mostCell={mostCell}
        chosen={place}
        onChoose={(row, column) => {
          const path = modules.paths[row]![column];
          if (path !== undefined && values.has(path)) onChoose(path);
        }}
      />
    </Figure>
  );
});

function placeOf(path: string | undefined, { paths }: ModuleGrid) {
  const row = paths.findIndex((line) => path !== undefined && line.includes(path));
  return row < 0 ? undefined : ([row, paths[row]!.indexOf(path)] as const);
}
