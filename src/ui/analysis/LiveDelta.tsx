// How far training has moved each adapted weight, while it does: an adapter that does nothing shows at once.
import { useEffect, useMemo, useState } from "react";
import { useAnalysis } from "../../studio/stores/analysisStore";
import { useStudio } from "../../studio/stores/studioStore";
import { selectRun } from "../charts/selectRun";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatSmall } from "../format";
import { ChoiceField } from "../setup/Field";
import { useThrottled } from "../useThrottled";
import classes from "./Analysis.module.css";
import { amountScale } from "./colourScale";
import { HeatMap } from "./HeatMap";
import { moduleGrid } from "./moduleGrid";

const room = { width: 480, height: 200 };
const mostCell = { width: 52, height: 24 };

export function LiveDelta() {
  const { history, record } = useThrottled(selectRun, 500);
  const norms = history.deltas.at(-1)?.norms;
  const isEmpty = !norms || Object.keys(norms).length === 0;
  return (
    <div className={classes.live}>
      <div className={classes.liveHead}>
        <span id="delta-caption">Change of each weight</span>
        <Explain text={explanations.delta} of="delta-caption" />
      </div>
      {isEmpty ? (
        <p className={classes.empty}>
          {record && record.config.method !== "lora"
            ? "Only a LoRA run has a ΔW: this one changes the weights themselves."
            : "Measured during a run."}
        </p>
      ) : (
        <LiveMap norms={norms} />
      )}
    </div>
  );
}

function LiveMap({ norms }: { readonly norms: Readonly<Record<string, number>> }) {
  const [isRelative, setRelative] = useState(false);
  const model = useStudio((studio) => studio.model.info);
  const weights = useAnalysis((analysis) => analysis.weightNorms);
  const paths = Object.keys(norms).join(" ");
  const modules = useMemo(() => moduleGrid(paths.split(" ")), [paths]);
  useEffect(() => {
    if (isRelative && model) useAnalysis.getState().measureWeights(model, paths.split(" "));
  }, [isRelative, model, paths]);
  const weightNorms = isRelative && weights && weights.of === model ? weights.norms : undefined;
  const values = useMemo(() => {
    const measure = (path: string | undefined) => {
      const norm = path === undefined ? undefined : norms[path];
      if (norm === undefined || path === undefined) return null;
      if (!weightNorms) return norm;
      const weight = weightNorms[path];
      return weight ? norm / weight : null;
    };
    return modules.paths.map((row) => row.map(measure));
  }, [modules, norms, weightNorms]);
  const grid = useMemo(
    () => ({
      rows: values.length,
      columns: modules.layers.length,
      at: (row: number, column: number) => values[row]![column]!,
    }),
    [values, modules],
  );
  const high = Math.max(0, ...values.flat().map((value) => value ?? 0));
  const name = weightNorms ? "‖ΔW‖ ÷ ‖W‖" : "‖ΔW‖";
  return (
    <figure aria-label="Change of each weight">
      <HeatMap
        label="Change of each weight"
        grid={grid}
        rowAxis={{ name: "module", labels: modules.modules }}
        columnAxis={{ name: "layer", labels: modules.layers }}
        scale={amountScale(0, high)}
        formatValue={(value) => formatSmall(Number(value.toPrecision(2)))}
        describe={(row, column, value) =>
          `layer ${modules.layers[column]}, ${modules.modules[row]}: ${
            value === null ? "not adapted" : `${name} = ${formatSmall(value)}`
          }`
        }
        room={room}
        mostCell={mostCell}
      />
      <p className={classes.note}>
        {high === 0
          ? "All zero: so far the adapter changes nothing."
          : "Shows whether the adapter does anything: 0 is no change at all."}
      </p>
      <div className={classes.choice}>
        <ChoiceField
          label="Measured as"
          explanation={explanations.delta}
          value={isRelative ? "relative" : "absolute"}
          choices={[
            { value: "absolute", label: "‖ΔW‖" },
            { value: "relative", label: "‖ΔW‖ ÷ ‖W‖" },
          ]}
          onChange={(value) => setRelative(value === "relative")}
        />
      </div>
    </figure>
  );
}
