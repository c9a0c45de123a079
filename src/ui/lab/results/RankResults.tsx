// The results as a table: as the paper prints them, or one line for each setting; for the loss or the task's own metric.
import { NativeSelect } from "@mantine/core";
import { useId, useMemo, useState } from "react";
import { useLab } from "../../../studio/stores/labStore";
import {
  type Measure,
  measureLabels,
  measures,
  type ResultTable,
  resultTable,
  verdictText,
} from "../../../studio/stores/labView";
import { Explain } from "../../Explain";
import { Section } from "../../Section";
import { labExplanations } from "../explanations";
import { ExportMenu } from "../export/ExportMenu";
import type { RaceLook } from "../race/raceLook";
import { TransferOutcome } from "../transfer/TransferOutcome";
import { useShownCells } from "../useShownCells";
import { formatMeasure } from "./formatMeasure";
import { PaperTable } from "./PaperTable";
import classes from "./Results.module.css";
import { SettingTable } from "./SettingTable";

const layouts = { paper: "ranks side by side", settings: "one line each" } as const;

/** Side by side, unless no row has anything to set beside it, as when each target set has a rank of its own. */
function usualLayout({ rows, columns }: ResultTable): keyof typeof layouts {
  const isSparse = rows.every(({ settings }) => settings.filter((setting) => setting !== null).length === 1);
  return columns.length > 1 && isSparse ? "settings" : "paper";
}

export function RankResults({ look }: { readonly look: RaceLook }) {
  const cells = useShownCells();
  const results = useLab(({ shown }) => shown?.results);
  const base = useLab(({ shown }) => shown?.base);
  const measure = useLab((lab) => lab.measure);
  const [chosen, setLayout] = useState<keyof typeof layouts>();
  const table = useMemo(() => resultTable(cells, results ?? [], measure), [cells, results, measure]);
  const layout = chosen ?? usualLayout(table);
  const { setMeasure } = useLab.getState();
  const baseValue =
    base && (measure.endsWith("Loss") ? base.validationLoss : base.task?.[measure as "exact"]);
  return (
    <Section id="results-heading" title="Results" summary="Mean ± standard deviation over seeds">
      <div className={classes.tools}>
        <Choice
          name="Measure"
          value={measure}
          choices={measureLabels}
          order={measures}
          onChange={(value) => setMeasure(value as Measure)}
        />
        <Choice
          name="Layout"
          value={layout}
          choices={layouts}
          onChange={(value) => setLayout(value as "paper")}
        />
        <Explain text={labExplanations.results} of="results-heading" />
        <ExportMenu look={look} />
      </div>
      <TransferOutcome place="results" />
      <div className={classes.scroll}>
        {layout === "paper" ? <PaperTable table={table} /> : <SettingTable table={table} />}
      </div>
      <p className={classes.verdict}>
        {table.verdict.kind === "none" ? "The table fills as cells end." : verdictText(table)}
        {typeof baseValue === "number" &&
          measure !== "trainLoss" &&
          ` The model before training: ${formatMeasure(baseValue, measure)}.`}
      </p>
    </Section>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly choices: Readonly<Record<string, string>>;
  readonly order?: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ name, value, choices, order = Object.keys(choices), onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className={classes.choice}>
      <label htmlFor={id}>{name}</label>
      <NativeSelect
        id={id}
        size="xs"
        value={value}
        data={order.map((each) => ({ value: each, label: choices[each]! }))}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}
