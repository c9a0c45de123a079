// GPU memory of the run: its parts as one bar, the largest buffer beside the adapter's limit, and what makes it smaller.
import { Button } from "@mantine/core";
import type { MemoryRemedy, RunEstimate } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { formatBytes, formatCount } from "../format";
import classes from "./Plan.module.css";
import { Quantity } from "./Quantity";

const parts = [
  { key: "weights", name: "Weights" },
  { key: "activations", name: "Activations" },
  { key: "trained", name: "Trained" },
  { key: "gradients", name: "Gradients" },
  { key: "optimizer", name: "Optimizer" },
] as const;

/** @param estimate absent while the settings make no run */
export function MemoryPlan({ estimate }: { readonly estimate: RunEstimate | undefined }) {
  const memory = estimate?.memoryBytes;
  const total = memory && parts.reduce((sum, { key }) => sum + memory[key], 0);
  return (
    <div className={`${classes.memory} ${classes.aside}`}>
      <Quantity
        id="plan-memory"
        name="GPU memory, estimated"
        explanation={explanations.memory}
        value={total && formatBytes(total)}
      />
      {estimate && memory && total ? (
        <>
          <div className={classes.bar} aria-hidden="true">
            {parts.map(({ key }) => (
              <span key={key} data-part={key} style={{ flexGrow: memory[key] / total }} />
            ))}
          </div>
          <ul className={classes.key}>
            {parts.map(({ key, name }) => (
              <li key={key} data-part={key}>
                {name} {formatBytes(memory[key])}
              </li>
            ))}
          </ul>
          <LargestBuffer {...estimate.largestBuffer} />
          <Remedies remedies={estimate.remedies} />
        </>
      ) : null}
    </div>
  );
}

function LargestBuffer({ bytes, mostBytes }: RunEstimate["largestBuffer"]) {
  const isTooLarge = mostBytes !== undefined && bytes > mostBytes;
  return (
    <p className={classes.largest} data-too-large={isTooLarge}>
      <span id="plan-largest">Largest buffer</span> {formatBytes(bytes)}
      {mostBytes !== undefined && ` of at most ${formatBytes(mostBytes)} on this GPU`}{" "}
      <Explain text={explanations.largestBuffer} of="plan-largest" />
    </p>
  );
}

/** One click each; the estimate follows. */
function Remedies({ remedies }: Pick<RunEstimate, "remedies">) {
  const { setSetting } = useStudio.getState();
  const isBusy = useStudio(({ run }) => ["starting", "running", "paused"].includes(run.status));
  const apply = (remedy: MemoryRemedy) =>
    remedy.kind === "gradientCheckpointing"
      ? setSetting("gradientCheckpointing", true)
      : setSetting("sequenceLength", remedy.sequenceLength);
  return (
    <div className={classes.remedies}>
      {remedies.map((remedy) => (
        <Button
          key={remedy.kind}
          size="compact-xs"
          variant="default"
          fw={500}
          disabled={isBusy}
          onClick={() => apply(remedy)}
        >
          {remedy.kind === "gradientCheckpointing"
            ? "Gradient checkpointing"
            : `Sequence length ${remedy.sequenceLength}`}{" "}
          saves {formatBytes(remedy.savedBytes)}
          {remedy.kind === "sequenceLength" && remedy.cuts && `, ${cutsText(remedy.cuts)}`}
        </Button>
      ))}
    </div>
  );
}

const cutsText = ({ count, of }: { readonly count: number; readonly of: number }): string =>
  count === 0 ? "cuts no example" : `cuts ${formatCount(count)} of ${formatCount(of)} examples`;
