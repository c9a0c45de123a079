// Rows that cannot be used: which ones, and the choice to go on without them.
import { Checkbox } from "@mantine/core";
import { useStudio } from "../../../studio/stores/studioStore";
import { formatCount } from "../../format";
import classes from "./data.module.css";
import { useDataDisabled } from "./useDataDisabled";

const shownRows = 5;

export function BadRows() {
  const refused = useStudio(({ data }) => data.problem?.badRows);
  const info = useStudio(({ data }) => (data.status === "ready" ? data.info : undefined));
  const isSkipping = useStudio(({ data }) => data.settings.skipBadRows);
  const disabled = useDataDisabled();
  const { setDataSettings } = useStudio.getState();
  const count = refused?.count ?? info?.badRowCount ?? 0;
  const rows = refused?.first ?? info?.badRows ?? [];
  if (count === 0 && !isSkipping) return null;
  return (
    <div className={classes.badRows}>
      <Checkbox
        size="xs"
        label={refused || count === 0 ? "Skip rows that cannot be used" : `${counted(count)} skipped`}
        checked={isSkipping}
        disabled={disabled}
        onChange={(event) => setDataSettings({ skipBadRows: event.currentTarget.checked })}
      />
      {count > 0 && (
        <details>
          <summary>Which ones</summary>
          <ul className={classes.rows}>
            {rows.slice(0, shownRows).map(({ place, problem }) => (
              <li key={place}>
                <b>{place}</b> {problem}
              </li>
            ))}
            {count > shownRows && <li>and {formatCount(count - shownRows)} more</li>}
          </ul>
        </details>
      )}
    </div>
  );
}

const counted = (count: number): string => `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;
