// What the adapter learned: the figures of section 7 of the LoRA paper, for any adapter.
import { useMemo } from "react";
import type { ExperimentCell, ExperimentRecord } from "../../studio/labMessages";
import { type AdapterChoice, useAnalysis } from "../../studio/stores/analysisStore";
import { useLab } from "../../studio/stores/labStore";
import { useStudio } from "../../studio/stores/studioStore";
import { Notice } from "../Notice";
import { Section } from "../Section";
import { AdapterPicker } from "./AdapterPicker";
import classes from "./Analysis.module.css";
import { LayerMaps } from "./LayerMaps";
import { ModuleFigures } from "./ModuleFigures";
import { moduleGrid } from "./moduleGrid";

export default function Learned() {
  const choices = useChoices();
  const adapters = useAnalysis((analysis) => analysis.adapters);
  const problem = useAnalysis((analysis) => analysis.problem);
  const paths = useMemo(() => [...new Set(adapters.flatMap((adapter) => adapter.paths))], [adapters]);
  const modules = useMemo(() => moduleGrid(paths), [paths]);
  const leftOut = adapters.flatMap((adapter) => adapter.leftOut);
  return (
    <Section
      id="learned-heading"
      title="What the adapter learned"
      summary={adapters.map(({ choice }) => choice.name).join(" against ") || undefined}
    >
      <AdapterPicker choices={choices} />
      {problem && <Notice kind="error">{problem.message}</Notice>}
      {leftOut.length > 0 && (
        <p className={classes.note}>
          Not part of any ΔW, and left out: {leftOut.slice(0, 4).join(", ")}
          {leftOut.length > 4 && ` and ${leftOut.length - 4} more`}.
        </p>
      )}
      {adapters.length === 0 ? (
        <p className={classes.invitation}>
          How large the change of each weight is, how many directions it uses, whether two adapters found the
          same ones, and what of the model they amplify: the figures of section 7 of the{" "}
          <a href="https://arxiv.org/abs/2106.09685">LoRA paper</a>, for any adapter.
        </p>
      ) : (
        <>
          <LayerMaps adapters={adapters} modules={modules} />
          <ModuleFigures adapters={adapters} modules={modules} paths={paths} />
        </>
      )}
    </Section>
  );
}

/** The current adapter, the kept runs, the cells of the experiment on show, and opened files; no two by one name. */
function useChoices(): readonly AdapterChoice[] {
  const current = useStudio((studio) => studio.adapter);
  const runs = useStudio((studio) => studio.runs);
  const shown = useLab((lab) => lab.shown);
  const record = shown?.record;
  const cells = shown?.cells;
  const opened = useAnalysis((analysis) => analysis.opened);
  return useMemo(() => {
    const own = current?.method === "lora" ? [currentChoice(current.name)] : [];
    const kept = runs
      .filter(({ hasCheckpoint, config }) => hasCheckpoint && config.method === "lora")
      .map(({ id, name }): AdapterChoice => ({ id: `run-${id}`, name, source: { kind: "run", id } }));
    return [...own, ...kept, ...cellChoices(record, cells), ...opened].map((choice, index, all) => {
      const before = all.slice(0, index).filter(({ name }) => name === choice.name).length;
      return before === 0 ? choice : { ...choice, name: `${choice.name} (${before + 1})` };
    });
  }, [current, runs, record, cells, opened]);
}

function cellChoices(
  record: ExperimentRecord | undefined,
  cells: readonly ExperimentCell[] = [],
): readonly AdapterChoice[] {
  if (!record) return [];
  return cells
    .filter(({ id, config }) => record.keptCells.includes(id) && config.method === "lora")
    .map(({ id, label }) => ({
      id: `cell-${record.id}-${id}`,
      name: `${record.name} · ${label}`,
      source: { kind: "cell", experimentId: record.id, cellId: id },
    }));
}

const currentChoice = (name: string): AdapterChoice => ({
  id: "current",
  name: `Current: ${name}`,
  source: { kind: "current" },
});
