// Which sets of weight matrices are adapted, each with every rank: the paper's sets, and any other.
import { Button, Checkbox } from "@mantine/core";
import { useState } from "react";
import type { LabDraft } from "../../../studio/stores/labState";
import { useLab } from "../../../studio/stores/labStore";
import { targetSetLabel } from "../../../studio/stores/labView";
import { useStudio } from "../../../studio/stores/studioStore";
import setup from "../../setup/setup.module.css";
import { labExplanations } from "../explanations";
import { ChipGroup } from "./ChipGroup";
import classes from "./Experiment.module.css";
import { targetSetChoices, targetSetId } from "./targetSetChoices";
import { useLabProblem } from "./useLabProblem";

type TargetSet = LabDraft["targetSets"][number];

export function TargetSets() {
  const chosen = useLab(({ draft }) => draft.targetSets);
  const modules = useStudio(({ model }) => model.info?.moduleNames);
  const problem = useLabProblem("targetSets");
  const { setDraft } = useLab.getState();
  const [added, setAdded] = useState<readonly TargetSet[]>([]);
  const choices = targetSetChoices(modules ?? [], [...added, ...chosen]);
  const isOn = (set: TargetSet) => chosen.some((other) => targetSetId(other) === targetSetId(set));
  // In the order of the choices, so that the table's rows do not depend on the order of the clicks.
  const choose = (ids: ReadonlySet<string>, from: readonly TargetSet[]) =>
    setDraft(
      "targetSets",
      from.filter((set) => ids.has(targetSetId(set))),
    );
  return (
    <ChipGroup
      name="Target sets"
      explanation={labExplanations.targetSets}
      problem={problem}
      choices={choices.map((set) => ({
        id: targetSetId(set),
        label: labelOf(set, modules),
        isOn: isOn(set),
      }))}
      onToggle={(id, on) => {
        const ids = new Set(chosen.map(targetSetId));
        if (on) ids.add(id);
        else ids.delete(id);
        choose(ids, choices);
      }}
    >
      {modules && (
        <CustomSet
          modules={modules}
          onAdd={(set) => {
            setAdded([...added, set]);
            choose(
              new Set([...chosen, set].map(targetSetId)),
              targetSetChoices(modules, [...added, ...chosen, set]),
            );
          }}
        />
      )}
    </ChipGroup>
  );
}

function labelOf({ modules, rank }: TargetSet, all: readonly string[] | undefined): string {
  const name = modules.length > 1 && modules.length === all?.length ? "all linear" : targetSetLabel(modules);
  return rank === undefined ? name : `${name} · rank ${rank}`;
}

interface CustomSetProps {
  readonly modules: readonly string[];
  readonly onAdd: (set: TargetSet) => void;
}

function CustomSet({ modules, onAdd }: CustomSetProps) {
  const [picked, setPicked] = useState<readonly string[]>([]);
  return (
    <details className={setup.details}>
      <summary>A set of your own</summary>
      <div className={classes.modules}>
        {modules.map((name) => (
          <Checkbox
            key={name}
            size="xs"
            label={<span className={setup.moduleName}>{name}</span>}
            checked={picked.includes(name)}
            onChange={(event) => {
              const isOn = event.currentTarget.checked;
              setPicked(modules.filter((other) => (other === name ? isOn : picked.includes(other))));
            }}
          />
        ))}
      </div>
      <Button
        size="xs"
        variant="default"
        disabled={picked.length === 0}
        onClick={() => {
          onAdd({ modules: picked });
          setPicked([]);
        }}
      >
        Add this set
      </Button>
    </details>
  );
}
