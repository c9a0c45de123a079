// One button for each setting: pressed, only the pressed ones are drawn. Rows are target sets, as in the table.
import { UnstyledButton } from "@mantine/core";
import { memo } from "react";
import classes from "./Race.module.css";
import type { RaceSetting } from "./raceCurves";

interface RaceLegendProps {
  readonly settings: readonly RaceSetting[];
  /** Ids of the settings on show; none shows all. */
  readonly isolated: readonly string[];
  readonly onIsolate: (settingIds: readonly string[]) => void;
}

export const RaceLegend = memo(function RaceLegend({ settings, isolated, onIsolate }: RaceLegendProps) {
  const rows = [...new Set(settings.map(({ row }) => row))];
  const toggle = (id: string) =>
    onIsolate(isolated.includes(id) ? isolated.filter((other) => other !== id) : [...isolated, id]);
  return (
    <fieldset className={classes.legend} aria-label="Curves: press to see only these">
      {rows.map((row) => (
        <div key={row} className={classes.legendRow}>
          <span className={classes.legendName}>{row}</span>
          {settings
            .filter((setting) => setting.row === row)
            .map(({ settingId, settingLabel, rank, colour, dash }) => (
              <UnstyledButton
                key={settingId}
                type="button"
                className={classes.entry}
                aria-pressed={isolated.includes(settingId)}
                aria-label={settingLabel}
                data-faded={(isolated.length > 0 && !isolated.includes(settingId)) || undefined}
                onClick={() => toggle(settingId)}
              >
                <LineSample colour={colour} dash={dash} />
                {rank ?? "full"}
              </UnstyledButton>
            ))}
        </div>
      ))}
    </fieldset>
  );
});

/** A short piece of a curve as it is drawn. */
export function LineSample({ colour, dash }: { readonly colour: string; readonly dash: readonly number[] }) {
  return (
    <svg width="20" height="8" aria-hidden="true">
      <line
        x1="0"
        x2="20"
        y1="4"
        y2="4"
        stroke={colour}
        strokeWidth="2.25"
        strokeDasharray={dash.join(" ")}
      />
    </svg>
  );
}
