// Where a training step's time goes, asked for with a button while a run goes on. The table comes in its own file.
import { Button } from "@mantine/core";
import { lazy, Suspense } from "react";
import { isActive } from "../../studio/stores/runActions";
import { useStudio } from "../../studio/stores/studioStore";
import { Explain } from "../Explain";
import { explanations } from "../explanations";
import { Section } from "../Section";
import classes from "./Speed.module.css";

const Profile = lazy(() => import("./Profile"));

export function Speed() {
  const profile = useStudio(({ run }) => run.profile);
  const isProfiling = useStudio(({ run }) => run.isProfiling ?? false);
  const status = useStudio(({ run }) => run.status);
  const isGoing = useStudio(({ run }) => isActive(run));
  const profileStep = useStudio((state) => state.profileStep);
  return (
    <Section
      id="speed"
      title="Speed"
      summary={profile ? `step ${profile.step}, ${profile.dispatches} dispatches` : undefined}
    >
      <div className={classes.ask}>
        <Button
          size="xs"
          variant="default"
          onClick={() => void profileStep()}
          disabled={!isGoing || isProfiling || status === "starting"}
          aria-describedby="speed-state"
        >
          Profile a step
        </Button>
        <Explain text={explanations.speed} of="speed" />
        <p id="speed-state" className={classes.state} aria-live="polite">
          {stateText(isProfiling, status === "paused", isGoing, profile !== undefined)}
        </p>
      </div>
      {profile && (
        <Suspense fallback={<div className={classes.space} />}>
          <Profile profile={profile} />
        </Suspense>
      )}
    </Section>
  );
}

function stateText(isProfiling: boolean, isPaused: boolean, isGoing: boolean, isThere: boolean): string {
  if (isProfiling) return isPaused ? "The next step is timed once the run goes on." : "Timing the next step…";
  if (isGoing) return "Times every kernel of the next step; the other steps stay as fast as they are.";
  return isThere ? "" : "Possible while a run goes on.";
}
