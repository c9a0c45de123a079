// How far a large file is, and the way out. Short readings show nothing: a bar that flashes by only disturbs.
import { Button, Progress } from "@mantine/core";
import { useEffect, useState } from "react";
import { useStudio } from "../../../studio/stores/studioStore";
import classes from "./data.module.css";

const patienceMs = 600;

export function DataProgress() {
  const isLoading = useStudio(({ data }) => data.status === "loading");
  const progress = useStudio(({ data }) => data.progress ?? 0);
  const [isLong, setLong] = useState(false);
  const { cancelData } = useStudio.getState();
  useEffect(() => {
    setLong(false);
    if (!isLoading) return;
    const timer = setTimeout(() => setLong(true), patienceMs);
    return () => clearTimeout(timer);
  }, [isLoading]);
  if (!isLoading || !isLong) return null;
  const percent = Math.floor(progress * 100);
  return (
    <div className={classes.progress}>
      <Progress.Root size="sm">
        <Progress.Section value={percent} aria-label="Reading the file" />
      </Progress.Root>
      <span className={classes.percent}>{percent} %</span>
      <Button size="compact-xs" variant="default" onClick={cancelData}>
        Cancel reading
      </Button>
    </div>
  );
}
