// What has to be known of a setting's figures beside their mean: which states they are of, and what is missing.
import { isSeedless, type SettingResult } from "../../../studio/stores/labView";
import classes from "./Results.module.css";

export function SettingNotes({ setting }: { readonly setting: SettingResult }) {
  const { summary, keptSteps, cellIds, cellCount, missing } = setting;
  const isPart = cellIds.length < cellCount && (summary !== null || missing.length > 0);
  return (
    <>
      {isSeedless(setting) && summary && <span className={classes.extra}>one run: no seed enters it</span>}
      {keptSteps.length > 0 && <span className={classes.extra}>best at step {keptSteps.join(", ")}</span>}
      {isPart && (
        <span className={classes.extra}>
          {cellIds.length} of {cellCount} seeds{missing.length > 0 && `, ${missing.length} lost`}
        </span>
      )}
    </>
  );
}
