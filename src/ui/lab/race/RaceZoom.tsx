// The part of the axis on show, as a slider with two ends, for keyboard and touch; and the way back to all.
import { Button, RangeSlider } from "@mantine/core";
import { memo } from "react";
import classes from "./Race.module.css";
import type { RaceLook } from "./raceLook";
import { axisNames, formatPlace } from "./raceScene";

interface RaceZoomProps {
  readonly look: RaceLook;
  /** Right end of the axis. */
  readonly end: number;
  readonly isEmpty: boolean;
  readonly onLook: (change: Partial<RaceLook>) => void;
}

export const RaceZoom = memo(
  function RaceZoom({ look, end, isEmpty, onLook }: RaceZoomProps) {
    const { axis, zoom, isolated } = look;
    return (
      <div className={classes.zoom}>
        <RangeSlider
          className={classes.range}
          size="xs"
          min={0}
          max={1}
          step={0.01}
          minRange={0.02}
          disabled={isEmpty}
          value={[zoom?.[0] ?? 0, zoom?.[1] ?? 1]}
          onChange={(shares) => onLook({ zoom: shares[0] === 0 && shares[1] === 1 ? undefined : shares })}
          label={(share) => formatPlace(axis, share * end)}
          thumbFromLabel={`Zoom from ${axisNames[axis]}`}
          thumbToLabel={`Zoom to ${axisNames[axis]}`}
        />
        <Button
          size="compact-xs"
          variant="default"
          disabled={!zoom && isolated.length === 0}
          onClick={() => onLook({ zoom: undefined, isolated: [] })}
        >
          Show all
        </Button>
      </div>
    );
  },
  // The end moves with every step; the label that shows it is read seldom and may be a redraw of the slider late.
  (before, now) => before.look === now.look && before.isEmpty === now.isEmpty && before.onLook === now.onLook,
);
