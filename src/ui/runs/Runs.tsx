// The runs kept in this browser, newest first.
import { useStudio } from "../../studio/stores/studioStore";
import { Section } from "../Section";
import { RunRow } from "./RunRow";
import classes from "./Runs.module.css";

export function Runs() {
  const runs = useStudio((studio) => studio.runs);
  return (
    <Section
      id="runs-heading"
      title="Runs"
      summary={runs.length > 0 ? `${runs.length} kept in this browser` : undefined}
    >
      {runs.length === 0 ? (
        <p className={classes.empty}>Every run is kept here with its curves, its settings and its adapter.</p>
      ) : (
        <ul>
          {runs.map((record) => (
            <RunRow key={record.id} record={record} />
          ))}
        </ul>
      )}
    </Section>
  );
}
