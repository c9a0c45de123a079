// The last line of the dialog, always there: what is in use, what is being loaded or downloaded, what went wrong.
import { useHub } from "../../../studio/stores/hubStore";
import { useStudio } from "../../../studio/stores/studioStore";
import { Notice } from "../../Notice";
import { DownloadStatus } from "./DownloadStatus";
import classes from "./model.module.css";
import { useModelBlocker } from "./useModelBlocker";

export function DialogFoot() {
  const model = useStudio((studio) => studio.model);
  const hasDownload = useHub(({ download }) => download !== undefined && !download.problem?.field);
  const blocker = useModelBlocker();
  return (
    <div className={classes.foot}>
      {model.status === "failed" && model.problem && <Notice kind="error">{model.problem.message}</Notice>}
      {hasDownload && <DownloadStatus />}
      <p className={classes.inUse}>
        {model.status === "loading"
          ? `Loading ${model.source?.name ?? "the model"}… ${Math.round(model.progress * 100)} %`
          : `In use: ${model.info?.name ?? "none"}.${blocker ? ` ${blocker}` : ""}`}
      </p>
    </div>
  );
}
