// The paper's own experiments, one click away; what each asks is told on hover and to those who hear the page.
import { Button, Tooltip } from "@mantine/core";
import { useLab } from "../../../studio/stores/labStore";
import type { experimentPresets } from "../../../studio/stores/labView";
import { useStudio } from "../../../studio/stores/studioStore";
import classes from "./Experiment.module.css";

export function Presets({ presets }: { readonly presets: typeof experimentPresets }) {
  const hasModel = useStudio(({ model }) => model.info !== undefined);
  const { usePreset: fillFrom } = useLab.getState();
  return (
    <fieldset className={classes.presets} aria-label="The paper’s experiments">
      {presets.map(({ id, title, about }) => (
        <Tooltip key={id} label={about} multiline w={260} fz="xs" withArrow events={tooltipEvents}>
          <Button size="compact-xs" variant="default" disabled={!hasModel} onClick={() => fillFrom(id)}>
            {title}
          </Button>
        </Tooltip>
      ))}
    </fieldset>
  );
}

const tooltipEvents = { hover: true, focus: true, touch: false };
