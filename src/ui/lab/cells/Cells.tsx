// Every cell with where it stands, why it failed, and what can be done with it.
import { Button } from "@mantine/core";
import { memo } from "react";
import type { CellResult, ExperimentCell } from "../../../studio/labMessages";
import { isLabActive } from "../../../studio/stores/labActions";
import type { CellState } from "../../../studio/stores/labState";
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { formatCount, formatLoss, formatPercent } from "../../format";
import { Section } from "../../Section";
import { useLabThrottled } from "../status/useLabThrottled";
import { TransferOutcome, useTransferPlace } from "../transfer/TransferOutcome";
import { useShownCells } from "../useShownCells";
import classes from "./Cells.module.css";

export function Cells() {
  const { shown, status } = useLabThrottled(250);
  const planned = useShownCells();
  const cells = shown?.cells ?? planned;
  const gpu = useStudio((studio) => studio.gpu.status);
  const planSteps = useStudio(({ settings }) => Number(settings.steps) || 0);
  const steps = shown?.record.experiment.run.steps ?? planSteps;
  const canUse = gpu === "ready" && !isLabActive({ status });
  return (
    <Section
      id="cells-heading"
      title="Cells"
      summary={
        shown
          ? `${shown.record.modelName} · ${shown.record.dataName}`
          : "as planned; none has been trained yet"
      }
    >
      {cells.length === 0 && <p className={classes.empty}>The form describes no cell yet.</p>}
      <TransferOutcome place="cells" />
      {cells.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a long list is scrolled with the arrow keys
        <ul className={classes.list} tabIndex={0} aria-labelledby="cells-heading">
          {cells.map((cell) => (
            <CellRow
              key={cell.id}
              cell={cell}
              state={shown?.states[cell.id]}
              result={shown?.results.find(({ id }) => id === cell.id)}
              steps={steps}
              isKept={shown?.record.keptCells.includes(cell.id) ?? false}
              canUse={canUse}
              canSkip={isLabActive({ status })}
            />
          ))}
        </ul>
      )}
    </Section>
  );
}

interface CellRowProps {
  readonly cell: ExperimentCell;
  readonly state: CellState | undefined;
  readonly result: CellResult | undefined;
  readonly steps: number;
  /** Whether its adapter is kept. */
  readonly isKept: boolean;
  readonly canUse: boolean;
  readonly canSkip: boolean;
}

const CellRow = memo(function CellRow({ cell, state, result, steps, ...can }: CellRowProps) {
  const { use: takeAdapterOf, skip } = useLab.getState();
  const status = state?.status ?? "queued";
  const step = state?.step ?? 0;
  const isOpen = status === "queued" || status === "running" || status === "paused" || status === "scoring";
  const nameId = `cell-${cell.id}`;
  return (
    <li className={classes.row}>
      <div className={classes.main}>
        <h3 id={nameId} className={classes.name}>
          {cell.label}
        </h3>
        <p className={classes.facts}>
          <span className={classes.state} data-state={status}>
            {statusNames[status]}
          </span>
          {facts(step, steps, result)}
        </p>
        {state?.reason && (
          <p className={status === "failed" ? classes.failure : classes.facts}>{state.reason}</p>
        )}
        <div className={classes.track} aria-hidden="true">
          <div
            className={classes.fill}
            data-state={status}
            style={{ transform: `scaleX(${steps > 0 ? Math.min(1, step / steps) : 0})` }}
          />
        </div>
      </div>
      <div className={classes.actions}>
        {can.canSkip && isOpen && (
          <Button
            size="compact-xs"
            variant="default"
            aria-describedby={nameId}
            disabled={status === "scoring"}
            onClick={() => skip(cell.id)}
          >
            Skip
          </Button>
        )}
        {can.isKept && (
          <Button
            size="compact-xs"
            variant="default"
            aria-describedby={nameId}
            disabled={!can.canUse}
            onClick={() => {
              useTransferPlace.setState({ place: "cells" });
              takeAdapterOf(cell.id);
            }}
          >
            Use this adapter
          </Button>
        )}
      </div>
    </li>
  );
});

const statusNames = {
  queued: "Waiting",
  running: "Training",
  paused: "Paused",
  scoring: "Answering",
  done: "Done",
  stopped: "Stopped",
  skipped: "Skipped",
  failed: "Failed",
} as const satisfies Record<CellState["status"], string>;

function facts(step: number, steps: number, result: CellResult | undefined): string {
  return [
    `step ${formatCount(step)} of ${formatCount(steps)}`,
    typeof result?.keptStep === "number" && `kept from step ${formatCount(result.keptStep)}, its best`,
    typeof result?.validationLoss === "number" && `validation ${formatLoss(result.validationLoss)}`,
    result?.task && `${formatPercent(100 * result.task.exact)} exact`,
  ]
    .filter(Boolean)
    .join(" · ");
}
