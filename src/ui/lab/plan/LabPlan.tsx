// What the experiment would take, before anything is allocated: cells, races, memory, and with which model and data.
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { formatBytes, formatCount, formatLargeCount } from "../../format";
import plan from "../../plan/Plan.module.css";
import { Quantity } from "../../plan/Quantity";
import { labExplanations } from "../explanations";
import { racesText } from "./racesText";

export function LabPlan() {
  const latest = useLab((lab) => lab.estimate);
  const model = useStudio((studio) => studio.model.info?.name);
  const data = useStudio((studio) => studio.data.info?.name);
  const { steps, batchSize } = useStudio((studio) => studio.settings);
  // Settings that make no experiment come back without cells.
  const estimate = latest && latest.cells.length > 0 ? latest : undefined;
  const memory = estimate && Math.max(0, ...estimate.races.map(({ memoryBytes }) => memoryBytes));
  const sizes = estimate?.cells.map(({ trainableParameters }) => trainableParameters) ?? [];
  return (
    <section className={plan.plan} aria-label="What the experiment takes">
      <Quantity
        id="lab-plan-cells"
        name="Cells"
        explanation={labExplanations.cells}
        value={estimate && formatCount(estimate.cells.length)}
        detail={model && data && `${model} · ${data} · ${steps} steps of ${batchSize} examples each`}
      />
      <Quantity
        id="lab-plan-parameters"
        name="Trainable parameters"
        explanation={labExplanations.parameters}
        value={estimate && rangeOf(sizes)}
        detail="smallest to largest cell"
      />
      <div className={plan.memory}>
        <Quantity
          id="lab-plan-memory"
          name="GPU memory, estimated"
          explanation={labExplanations.fits}
          value={memory && formatBytes(memory)}
          detail={estimate && racesText(estimate)}
        />
      </div>
    </section>
  );
}

function rangeOf(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? formatLargeCount(low) : `${formatLargeCount(low)} – ${formatLargeCount(high)}`;
}
