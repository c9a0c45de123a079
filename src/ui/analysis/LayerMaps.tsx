// The first look at an adapter: one quantity of all its weights, beside the same of the one it is compared with.
import { useState } from "react";
import { type AnalysedAdapter, useAnalysis } from "../../studio/stores/analysisStore";
import { ChoiceField } from "../setup/Field";
import classes from "./Analysis.module.css";
import { analysisExplanations, readings } from "./explanations";
import { FigureGroup } from "./FigureGroup";
import { LayerMap } from "./LayerMap";
import type { ModuleGrid } from "./moduleGrid";
import { type Quantity, quantities } from "./quantities";

interface LayerMapsProps {
  readonly adapters: readonly AnalysedAdapter[];
  readonly modules: ModuleGrid;
}

export function LayerMaps({ adapters, modules }: LayerMapsProps) {
  const chosen = useAnalysis((analysis) => analysis.module?.path);
  const hasWeights = adapters.some(({ spectra }) => spectra.some((each) => each.relativeNorm !== null));
  const [wanted, setQuantity] = useState<Quantity>("relativeNorm");
  const quantity = wanted === "relativeNorm" && !hasWeights ? "norm" : wanted;
  const { measure, explanation } = quantities[quantity];
  const high = Math.max(0, ...adapters.flatMap(({ spectra }) => spectra.map((each) => measure(each) ?? 0)));
  const { showModule } = useAnalysis.getState();
  return (
    <FigureGroup
      title="Change by layer and module"
      explanation={analysisExplanations.layers}
      reading={readings.layers}
    >
      <div className={classes.choice}>
        <ChoiceField
          label="Quantity"
          explanation={explanation}
          value={quantity}
          choices={(Object.keys(quantities) as Quantity[]).map((value) => ({
            value,
            label: quantities[value].name,
            disabled: value === "relativeNorm" && !hasWeights,
          }))}
          onChange={(value) => setQuantity(value as Quantity)}
        />
      </div>
      {!hasWeights && (
        <p className={classes.note}>
          The loaded model has none of the weights that this adapter changes, so nothing is measured against
          W.
        </p>
      )}
      <div className={classes.figures}>
        {adapters.map(({ key, choice, spectra }, which) => (
          <LayerMap
            key={key}
            name={which === 0 ? "Change by layer" : "Change by layer, compared"}
            title={choice.name}
            spectra={spectra}
            modules={modules}
            quantity={quantity}
            high={high}
            chosen={chosen}
            onChoose={showModule}
          />
        ))}
      </div>
    </FigureGroup>
  );
}
