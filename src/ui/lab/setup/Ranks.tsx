// Which ranks are compared: the usual ones, and any other.
import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { useLab } from "../../../studio/stores/labStore";
import { labExplanations } from "../explanations";
import { ChipGroup } from "./ChipGroup";
import classes from "./Experiment.module.css";
import { useLabProblem } from "./useLabProblem";

const usualRanks = [1, 2, 4, 8, 16, 32, 64];

export function Ranks() {
  const { ranks, targetSets } = useLab(({ draft }) => draft);
  const problem = useLabProblem("ranks");
  const { setDraft } = useLab.getState();
  const [added, setAdded] = useState<readonly number[]>([]);
  const choices = [...new Set([...usualRanks, ...added, ...ranks])].sort((a, b) => a - b);
  const set = (rank: number, isOn: boolean) =>
    setDraft(
      "ranks",
      isOn ? [...new Set([...ranks, rank])].sort((a, b) => a - b) : ranks.filter((other) => other !== rank),
    );
  return (
    <ChipGroup
      name="Ranks"
      explanation={labExplanations.ranks}
      problem={problem}
      choices={choices.map((rank) => ({ id: String(rank), label: String(rank), isOn: ranks.includes(rank) }))}
      onToggle={(id, isOn) => set(Number(id), isOn)}
    >
      <AddRank
        onAdd={(rank) => {
          setAdded([...added, rank]);
          set(rank, true);
        }}
      />
      {ranks.length === 0 && targetSets.length > 0 && !problem && (
        <p className={classes.hint}>Each target set has a rank of its own.</p>
      )}
    </ChipGroup>
  );
}

function AddRank({ onAdd }: { readonly onAdd: (rank: number) => void }) {
  const [text, setText] = useState("");
  const rank = Number(text);
  const isRank = Number.isInteger(rank) && rank >= 1 && rank <= 4096;
  const add = () => {
    if (!isRank || text.trim() === "") return;
    onAdd(rank);
    setText("");
  };
  return (
    <div className={classes.add}>
      <TextInput
        size="xs"
        className={classes.addInput}
        aria-label="Another rank"
        placeholder="another"
        inputMode="numeric"
        value={text}
        error={text.trim() !== "" && !isRank ? "rank: expected a whole number from 1 to 4096" : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") add();
        }}
      />
      <Button size="xs" variant="default" disabled={!isRank || text.trim() === ""} onClick={add}>
        Add
      </Button>
    </div>
  );
}
