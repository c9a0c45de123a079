// The model that comes with the studio, and those that this browser keeps.
import { Button } from "@mantine/core";
import { useId, useState } from "react";
import type { KeptModel } from "../../../studio/hubMessages";
import { isGoingOn, useHub } from "../../../studio/stores/hubStore";
import { embeddedModel } from "../../../studio/stores/setupActions";
import { useStudio } from "../../../studio/stores/studioStore";
import { formatBytes } from "../../format";
import { ConfirmDelete } from "../../runs/ConfirmDelete";
import { ModelRow } from "./ModelRow";
import classes from "./model.module.css";
import { isSame, UseModel } from "./UseModel";

export function KeptTab() {
  const { kept, keptProblem } = useHub();
  const total = kept?.reduce((sum, { doneBytes }) => sum + doneBytes, 0) ?? 0;
  return (
    <div className={classes.models}>
      <ul className={classes.list}>
        <ModelRow name={embeddedModel.name} facts={["comes with the studio"]}>
          <UseModel source={embeddedModel} />
        </ModelRow>
        {kept?.map((model) => (
          <Kept key={model.folder} model={model} />
        ))}
      </ul>
      {keptProblem && <p className={classes.problem}>{keptProblem.message}</p>}
      {kept && (
        <p className={classes.listEnd}>
          {kept.length === 0
            ? "Models from the Hub are kept here once they are downloaded."
            : `${kept.length} from the Hub, ${formatBytes(total)} of the browser's storage.`}
        </p>
      )}
    </div>
  );
}

function Kept({ model }: { readonly model: KeptModel }) {
  const { folder, id, revision, commit, doneBytes, totalBytes, isComplete, startedAt } = model;
  const [isAsking, setAsking] = useState(false);
  const isBusy = useHub(({ download }) => download !== undefined && isGoingOn(download));
  const source = { kind: "kept", name: id, folder } as const;
  const isInUse = useStudio((studio) => isSame(studio.model.source, source));
  const nameId = useId();
  const { startDownload, removeKept } = useHub.getState();
  const size = isComplete
    ? formatBytes(totalBytes)
    : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  const place = revision === commit ? commit.slice(0, 7) : `${revision} at ${commit.slice(0, 7)}`;
  return (
    <ModelRow
      nameId={nameId}
      name={id}
      facts={[size, place, new Date(startedAt).toLocaleDateString("en-CA")]}
    >
      {isAsking ? (
        <ConfirmDelete
          nameId={nameId}
          question="Remove its files?"
          onDone={(isSure) => {
            setAsking(false);
            if (isSure) void removeKept(model);
          }}
        />
      ) : (
        <>
          {isComplete ? (
            <UseModel source={source} />
          ) : (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`Continue ${id}`}
              disabled={isBusy}
              onClick={() => startDownload(id, commit)}
            >
              Continue
            </Button>
          )}
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`Remove ${id}`}
            disabled={isInUse || isBusy}
            onClick={() => setAsking(true)}
          >
            Remove
          </Button>
        </>
      )}
    </ModelRow>
  );
}
