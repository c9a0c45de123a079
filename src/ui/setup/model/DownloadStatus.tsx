// The download: how far, how fast and how long still; the way out, and the way on.
import { Button, Progress } from "@mantine/core";
import { type DownloadState, isGoingOn, useHub } from "../../../studio/stores/hubStore";
import { formatBytes, formatDuration } from "../../format";
import { Notice } from "../../Notice";
import classes from "./model.module.css";

export function DownloadStatus() {
  const download = useHub((hub) => hub.download);
  const { cancelDownload, dismissDownload, startDownload } = useHub.getState();
  if (!download) return null;
  const { id, revision, status, progress, problem } = download;
  const share = progress ? progress.doneBytes / progress.totalBytes : 0;
  return (
    <section className={classes.download} aria-label="Download">
      <div className={classes.downloadHead}>
        <b className={classes.modelName}>{id}</b>
        {isGoingOn(download) && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={status === "cancelling"}
            onClick={cancelDownload}
          >
            Cancel download
          </Button>
        )}
        {(status === "cancelled" || status === "failed") && (
          <Button size="compact-xs" variant="default" onClick={() => startDownload(id, revision)}>
            {status === "cancelled" || progress ? "Continue download" : "Try again"}
          </Button>
        )}
        {!isGoingOn(download) && (
          <Button size="compact-xs" variant="subtle" onClick={dismissDownload}>
            Dismiss
          </Button>
        )}
      </div>
      {status !== "done" && (
        <Progress.Root size="sm">
          <Progress.Section value={100 * share} aria-label={`Downloading ${id}`} />
        </Progress.Root>
      )}
      <p className={classes.downloadFacts}>{factsOf(download)}</p>
      {problem && <Notice kind="error">{problem.message}</Notice>}
    </section>
  );
}

function factsOf({ status, progress }: DownloadState): string {
  if (status === "done")
    return "Downloaded, checked and kept in this browser: choose it when the run has ended.";
  if (!progress) return status === "running" ? "Asking the Hub…" : "Nothing was downloaded.";
  const { phase, doneBytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const amount = `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  if (status === "cancelled") return `Cancelled at ${amount}. What is there is kept.`;
  if (status === "failed") return `Ended at ${amount}. What is there is kept.`;
  if (phase === "checking") return `Checking · ${amount}`;
  const left = secondsLeft === undefined ? "" : ` · ${formatDuration(1000 * secondsLeft)} left`;
  return `${amount} · ${formatBytes(bytesPerSecond)}/s${left}`;
}
