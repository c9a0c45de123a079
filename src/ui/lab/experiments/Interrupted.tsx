// An experiment that a closed tab or a lost GPU left unfinished, offered before anything else is begun.
import { Button } from "@mantine/core";
import { useLab } from "../../../studio/stores/labStore";
import { useStudio } from "../../../studio/stores/studioStore";
import own from "./Experiments.module.css";

export function Interrupted() {
  const left = useLab(({ kept, shown, status }) =>
    status === "idle" && !shown ? kept.find((record) => record.status === "interrupted") : undefined,
  );
  const canGoOn = useStudio(({ gpu, model }) => gpu.status === "ready" && model.info !== undefined);
  const isRunActive = useStudio(({ run }) => run.status === "running" || run.status === "paused");
  const { resumeKept, openKept } = useLab.getState();
  if (!left) return null;
  return (
    <section className={own.interrupted} aria-label="Interrupted experiment">
      <p>
        <b>{left.name}</b> was interrupted. It can go on from its last autosave.
      </p>
      <Button size="compact-sm" disabled={!canGoOn || isRunActive} onClick={() => resumeKept(left.id)}>
        Continue it
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => openKept(left.id)}>
        Look at it
      </Button>
    </section>
  );
}
