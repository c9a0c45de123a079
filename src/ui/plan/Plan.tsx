// What a run would take, before anything is allocated: trained numbers, GPU memory, tokens per step.
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { formatBytes, formatCount, formatPercent } from "../format";
import classes from "./Plan.module.css";
import { Quantity } from "./Quantity";

export function Plan() {
  const latest = useStudio((studio) => studio.estimate);
  // Settings that make no run come back as zeros.
  const estimate = latest && latest.trainableParameters > 0 ? latest : undefined;
  const memory = estimate?.memoryBytes;
  const total = memory && memory.weights + memory.activations + memory.trainableState;
  return (
    <section className={classes.plan} aria-label="What the run takes">
      <Quantity
        id="plan-trainable"
        name="Trainable parameters"
        explanation={explanations.trainable}
        value={estimate && formatCount(estimate.trainableParameters)}
        detail={
          estimate &&
          `${formatPercent(estimate.trainablePercent)} of the model, in ${formatCount(estimate.adaptedModules)} modules`
        }
      />
      <Quantity
        id="plan-tokens"
        name="Tokens per step"
        explanation={explanations.tokensPerStep}
        value={estimate && formatCount(estimate.tokensPerStep)}
        detail="at most"
      />
      <div className={`${classes.memory} ${classes.aside}`}>
        <Quantity
          id="plan-memory"
          name="GPU memory, estimated"
          explanation={explanations.memory}
          value={total && formatBytes(total)}
        />
        {memory && total ? (
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
          </>
        ) : null}
      </div>
    </section>
  );
}

const parts = [
  { key: "weights", name: "Weights" },
  { key: "activations", name: "Activations" },
  { key: "trainableState", name: "Trained" },
] as const;
