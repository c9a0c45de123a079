// The experiments kept in this browser, newest first, and the way in for one from a file.
import { Button } from "@mantine/core";
import { useId, useState } from "react";
import type { ExperimentRecord } from "../../../studio/labMessages";
import { isLabActive } from "../../../studio/stores/labActions";
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { ConfirmDelete } from "../../runs/ConfirmDelete";
import classes from "../../runs/Runs.module.css";
import { Section } from "../../Section";
import { FilePicker } from "../../setup/FilePicker";
import { TransferOutcome, useTransferPlace } from "../transfer/TransferOutcome";
import own from "./Experiments.module.css";

export function Experiments() {
  const kept = useLab((lab) => lab.kept);
  const isBusy = useLab((lab) => isLabActive(lab) || lab.transfer.busy);
  const { openFile } = useLab.getState();
  const id = useId();
  return (
    <Section
      id="experiments-heading"
      title="Experiments"
      summary={kept.length > 0 ? `${kept.length} kept in this browser` : undefined}
    >
      <label htmlFor={id} id={`${id}-label`} className={own.label}>
        Open an experiment’s JSON
      </label>
      <FilePicker
        id={id}
        accept=".json,application/json"
        prompt="Drop an exported .json file"
        disabled={isBusy}
        onChoose={(file) => {
          useTransferPlace.setState({ place: "experiments" });
          openFile(file);
        }}
      />
      <TransferOutcome place="experiments" />
      {kept.length === 0 ? (
        <p className={own.empty}>
          Every experiment is kept here with its curves, its table and its adapters.
        </p>
      ) : (
        <ul className={own.list}>
          {kept.map((record) => (
            <ExperimentRow key={record.id} record={record} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function ExperimentRow({ record }: { readonly record: ExperimentRecord }) {
  const [isDeleting, setDeleting] = useState(false);
  const isShown = useLab(({ shown }) => shown?.record.id === record.id);
  const isBusy = useLab(isLabActive);
  const isRunActive = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  const canCompute = useStudio(({ gpu, model }) => gpu.status === "ready" && model.info !== undefined);
  const { openKept, resumeKept, deleteKept } = useLab.getState();
  const nameId = `experiment-${record.id}`;
  const common = { size: "compact-xs", variant: "default", "aria-describedby": nameId } as const;
  const canGoOn = record.status === "interrupted" || record.status === "stopped";
  return (
    <li className={classes.row} data-shown={isShown || undefined}>
      <div className={classes.main}>
        <h3 id={nameId} className={classes.name}>
          {record.name}
        </h3>
        <p className={classes.facts}>
          <span className={classes.state} data-state={record.status}>
            {statusNames[record.status]}
          </span>
          {facts(record)}
        </p>
        {record.reason && <p className={classes.reason}>{record.reason}</p>}
      </div>
      {isDeleting ? (
        <ConfirmDelete
          question="Delete it, with its curves and adapters?"
          nameId={nameId}
          onDone={(isSure) => {
            setDeleting(false);
            if (isSure) deleteKept(record.id);
          }}
        />
      ) : (
        <div className={classes.actions}>
          {canGoOn && (
            <Button
              {...common}
              disabled={isBusy || isRunActive || !canCompute}
              onClick={() => resumeKept(record.id)}
            >
              Continue
            </Button>
          )}
          {!isShown && (
            <Button {...common} disabled={isBusy} onClick={() => openKept(record.id)}>
              Open
            </Button>
          )}
          <Button {...common} disabled={isBusy && isShown} onClick={() => setDeleting(true)}>
            Delete
          </Button>
        </div>
      )}
    </li>
  );
}

const statusNames = {
  running: "Running",
  paused: "Paused",
  done: "Done",
  stopped: "Stopped",
  interrupted: "Interrupted",
  opened: "From a file",
} as const satisfies Record<ExperimentRecord["status"], string>;

const dates = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

function facts({ modelName, dataName, experiment, keptCells, createdAt }: ExperimentRecord): string {
  const { ranks, targetSets, seeds } = experiment.grid;
  const sizes = [`${targetSets.length} target sets`, ranks.length > 0 && `${ranks.length} ranks`];
  return [
    modelName,
    dataName,
    [...sizes, `${seeds.length} ${seeds.length === 1 ? "seed" : "seeds"}`].filter(Boolean).join(" × "),
    `${keptCells.length} adapters`,
    dates.format(createdAt),
  ].join(" · ");
}
