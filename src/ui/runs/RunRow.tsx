// One kept run: what it was, how it ended, and what can be done with it.
import { Button } from "@mantine/core";
import { useState } from "react";
import type { RunRecord } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { formatCount, formatLoss } from "../format";
import { useExperimentBlocker } from "../views/useExperimentBlocker";
import { ConfirmDelete } from "./ConfirmDelete";
import { RenameForm } from "./RenameForm";
import { RunConfiguration } from "./RunConfiguration";
import classes from "./Runs.module.css";

interface RunRowProps {
  readonly record: RunRecord;
}

export function RunRow({ record }: RunRowProps) {
  const [mode, setMode] = useState<"view" | "rename" | "delete">("view");
  const isShown = useStudio(({ run }) => run.record?.id === record.id);
  const { renameRun, deleteRun } = useStudio.getState();
  const nameId = `run-${record.id}`;
  return (
    <li className={classes.row} data-shown={isShown || undefined}>
      <div className={classes.main}>
        {mode === "rename" ? (
          <RenameForm
            name={record.name}
            onDone={(name) => {
              setMode("view");
              if (name !== undefined) renameRun(record.id, name);
            }}
          />
        ) : (
          <h3 id={nameId} className={classes.name}>
            {record.name}
          </h3>
        )}
        <p className={classes.facts}>
          <span className={classes.state} data-state={record.status}>
            {statusNames[record.status]}
          </span>
          {facts(record)}
        </p>
        {record.reason && <p className={classes.reason}>{record.reason}</p>}
      </div>
      {mode === "delete" ? (
        <ConfirmDelete
          question="Delete it, with its curves and adapter?"
          nameId={nameId}
          onDone={(isSure) => {
            setMode("view");
            if (isSure) deleteRun(record.id);
          }}
        />
      ) : (
        <RunActions
          record={record}
          nameId={nameId}
          onRename={() => setMode("rename")}
          onDelete={() => setMode("delete")}
        />
      )}
      {isShown && <RunConfiguration record={record} />}
    </li>
  );
}

interface RunActionsProps extends RunRowProps {
  readonly nameId: string;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

function RunActions({ record, nameId, onRename, onDelete }: RunActionsProps) {
  const isRunning = useStudio(
    ({ run }) => run.status === "starting" || run.status === "running" || run.status === "paused",
  );
  const isBusy = useExperimentBlocker() !== undefined || isRunning;
  const isShown = useStudio(({ run }) => run.record?.id === record.id);
  const canCompute = useStudio(({ gpu, model }) => gpu.status === "ready" && model.info !== undefined);
  const { openRun, useRun: takeAdapterOf, resumeRun } = useStudio.getState();
  const isOwn = isRunning && isShown;
  const common = { size: "compact-xs", variant: "default", "aria-describedby": nameId } as const;
  const canGoOn = record.hasCheckpoint && (record.status === "interrupted" || record.status === "stopped");
  return (
    <div className={classes.actions}>
      {canGoOn && (
        <Button {...common} disabled={isBusy || !canCompute} onClick={() => resumeRun(record.id)}>
          Continue
        </Button>
      )}
      {!isShown && (
        <Button {...common} disabled={isBusy} onClick={() => openRun(record.id)}>
          Open
        </Button>
      )}
      {record.hasCheckpoint && (
        <Button {...common} disabled={isBusy || !canCompute} onClick={() => takeAdapterOf(record.id)}>
          Use adapter
        </Button>
      )}
      <Button {...common} onClick={onRename}>
        Rename
      </Button>
      <Button {...common} disabled={isOwn} onClick={onDelete}>
        Delete
      </Button>
    </div>
  );
}

const statusNames = {
  running: "Running",
  paused: "Paused",
  done: "Done",
  stopped: "Stopped",
  failed: "Failed",
  interrupted: "Interrupted",
} as const satisfies Record<RunRecord["status"], string>;

const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function facts(record: RunRecord): string {
  const { step, config, lastLoss, lastValidationLoss } = record;
  return [
    `step ${formatCount(step)} of ${formatCount(config.steps)}`,
    lastLoss !== null && `loss ${formatLoss(lastLoss)}`,
    lastValidationLoss !== null && `validation ${formatLoss(lastValidationLoss)}`,
    dates.format(record.createdAt),
  ]
    .filter(Boolean)
    .join(" · ");
}
