// The benchmark in the page: this engine beside others in the same browser, in a worker of its own. Nothing of it is
// fetched before it is asked for.
import { Button, Checkbox, NativeSelect } from "@mantine/core";
import { useState } from "react";
import { reportText } from "../../../bench/table";
import { isActive } from "../../studio/stores/runActions";
import { useStudio } from "../../studio/stores/studioStore";
import { saveJson } from "../charts/figureFiles";
import { Explain } from "../Explain";
import { Notice } from "../Notice";
import { Section } from "../Section";
import { useExperimentBlocker } from "../views/useExperimentBlocker";
import classes from "./Benchmark.module.css";
import { explanations } from "./explanations";
import { CaseTable, FactTable } from "./ResultTables";
import { type BenchmarkState, useBenchmark } from "./useBenchmark";

/** What can be timed by itself: a part of the ids in bench/run.ts. */
const parts = [
  { value: "", label: "Everything" },
  { value: "linear-", label: "One LoRA layer" },
  { value: "step-", label: "A training step" },
  { value: "generate-", label: "Generation" },
  { value: "fused-", label: "Fused kernels" },
  { value: "full-", label: "LoRA against full fine-tuning" },
];

export default function Benchmark() {
  const [quick, setQuick] = useState(true);
  const [peers, setPeers] = useState(true);
  const [only, setOnly] = useState("");
  const { state, run, cancel } = useBenchmark();
  const blocker = useBlocker();
  const isRunning = state.status === "running";
  return (
    <Section id="benchmark-heading" title="Benchmark" summary={machineText(state)}>
      <p className={classes.note}>
        Times this engine and others on the same inputs, taking turns, in this browser on this machine.
        Results are compared before they are timed.
      </p>
      <div className={classes.form}>
        <NativeSelect
          label="What to time"
          size="xs"
          data={parts}
          value={only}
          onChange={(event) => setOnly(event.currentTarget.value)}
          disabled={isRunning}
        />
        <div className={classes.choice}>
          <Checkbox
            size="xs"
            label="Small sizes"
            id="benchmark-quick"
            checked={quick}
            onChange={(event) => setQuick(event.currentTarget.checked)}
            disabled={isRunning}
          />
          <Explain text={explanations.quick} of="benchmark-quick" />
        </div>
        <div className={classes.choice}>
          <Checkbox
            size="xs"
            label="Other engines"
            id="benchmark-peers"
            checked={peers}
            onChange={(event) => setPeers(event.currentTarget.checked)}
            disabled={isRunning}
          />
          <Explain text={explanations.peers} of="benchmark-peers" />
        </div>
        {/* One button with two names keeps the focus where it is. */}
        <Button
          size="xs"
          variant={isRunning ? "default" : "filled"}
          onClick={isRunning ? cancel : () => run({ quick, peers, only })}
          disabled={!isRunning && blocker !== undefined}
          aria-describedby="benchmark-progress"
        >
          {isRunning ? "Cancel" : "Run benchmark"}
        </Button>
      </div>
      <div className={classes.progress}>
        <p id="benchmark-progress" aria-live="polite">
          {stateText(state, blocker)}
        </p>
        <div className={classes.track} aria-hidden="true">
          <div className={classes.fill} style={{ transform: `scaleX(${fractionOf(state)})` }} />
        </div>
      </div>
      {state.problem && <Notice kind="error">{state.problem}</Notice>}
      {state.cases.map((result) => (
        <CaseTable key={result.id} result={result} />
      ))}
      {state.facts.length > 0 && <FactTable facts={state.facts} />}
      {state.report && <Export state={state} />}
    </Section>
  );
}

function Export({ state: { report } }: { readonly state: BenchmarkState }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(reportText(report!));
    setIsCopied(true);
  };
  return (
    <div className={classes.form}>
      <Button size="xs" variant="default" onClick={() => saveJson(report, "benchmark")}>
        Save JSON
      </Button>
      <Button size="xs" variant="default" onClick={() => void copy()}>
        {isCopied ? "Copied" : "Copy as Markdown"}
      </Button>
    </div>
  );
}

/** Why a benchmark now would measure something else too. */
function useBlocker(): string | undefined {
  const experiment = useExperimentBlocker();
  const isTraining = useStudio(({ run }) => isActive(run));
  if (isTraining) return "A run is going on in the Studio: both would be slower.";
  return experiment;
}

function stateText({ status, progress, report }: BenchmarkState, blocker: string | undefined): string {
  switch (status) {
    case "running":
      return `${Math.round(100 * progress.fraction)} % · ${progress.text}`;
    case "done":
      return `Done in ${Math.round(report?.seconds ?? 0)} s`;
    case "cancelled":
      return "Cancelled; what was timed before stays";
    case "failed":
      return "It could not run";
    default:
      return blocker ?? "Ready. Best with nothing else going on.";
  }
}

const fractionOf = ({ status, progress }: BenchmarkState): number =>
  status === "done" ? 1 : status === "running" ? progress.fraction : 0;

function machineText({ report }: BenchmarkState): string | undefined {
  if (!report) return undefined;
  const { adapter, runtime, cores } = report.machine;
  return `${adapter} · ${runtime} · ${cores} cores`;
}
