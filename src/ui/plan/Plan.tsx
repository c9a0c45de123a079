// What a run would take, before anything is allocated: trained numbers, GPU memory, tokens per step.
import { useStudio } from "../../studio/stores/studioStore";
import { explanations } from "../explanations";
import { formatCount, formatPercent } from "../format";
import { MemoryPlan } from "./MemoryPlan";
import classes from "./Plan.module.css";
import { Quantity } from "./Quantity";

export function Plan() {
  const latest = useStudio((studio) => studio.estimate);
  // Settings that make no run come back as zeros.
  const estimate = latest && latest.trainableParameters > 0 ? latest : undefined;
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
      <MemoryPlan estimate={estimate} />
    </section>
  );
}
