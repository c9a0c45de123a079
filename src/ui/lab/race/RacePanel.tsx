// The rank race: the chart, which changes with every step, and what steers it, which must not.
import { useComputedColorScheme } from "@mantine/core";
import { memo, useCallback, useMemo } from "react";
import type { CellSeries, ExperimentCell } from "../../../studio/labMessages";
import { Explain } from "../../Explain";
import { labExplanations } from "../explanations";
import classes from "./Race.module.css";
import { RaceChart } from "./RaceChart";
import { quantityNames, RaceControls } from "./RaceControls";
import { RaceLegend } from "./RaceLegend";
import { RaceZoom } from "./RaceZoom";
import { raceCurves, raceEnd, raceSettings } from "./raceCurves";
import type { RaceLook } from "./raceLook";

interface RacePanelProps {
  readonly cells: readonly ExperimentCell[];
  readonly series: Readonly<Record<string, CellSeries>>;
  /** Cells that failed or were skipped. Stays the same while they do. */
  readonly lost: readonly string[];
  readonly plannedSteps: number;
  readonly look: RaceLook;
  /** Stays the same between renders. */
  readonly onLook: (change: Partial<RaceLook>) => void;
}

export function RacePanel({ cells, series, lost, plannedSteps, look, onLook }: RacePanelProps) {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const settings = useMemo(() => raceSettings(cells, scheme), [cells, scheme]);
  const { quantity, axis, smoothing, isAveraged, isolated, isLog, zoom } = look;
  const curves = useMemo(
    () => raceCurves(settings, series, lost, { quantity, axis, smoothing, isAveraged, isolated }),
    [settings, series, lost, quantity, axis, smoothing, isAveraged, isolated],
  );
  const end = raceEnd(curves, axis, plannedSteps);
  const range = useMemo(() => [(zoom?.[0] ?? 0) * end, (zoom?.[1] ?? 1) * end] as const, [zoom, end]);
  const onZoom = useCallback(
    ([from, to]: readonly [number, number]) => onLook({ zoom: [from / end, to / end] }),
    [onLook, end],
  );
  const onIsolate = useCallback((ids: readonly string[]) => onLook({ isolated: ids }), [onLook]);
  return (
    <figure className={classes.figure} aria-label="Rank race">
      <div className={classes.head}>
        <Title />
        <RaceControls
          look={look}
          hasSeeds={settings.some((setting) => setting.cells.length > 1)}
          onLook={onLook}
        />
      </div>
      <RaceChart
        curves={curves}
        axis={axis}
        isLog={isLog}
        range={range}
        yName={`${quantityNames[quantity].toLowerCase()} (nats per token)`}
        emptyText="One curve for each cell is drawn here, step by step, once the experiment has begun."
        onZoom={onZoom}
      />
      <RaceZoom look={look} end={end} isEmpty={curves.every(({ x }) => x.length === 0)} onLook={onLook} />
      <RaceLegend settings={settings} isolated={isolated} onIsolate={onIsolate} />
    </figure>
  );
}

const Title = memo(function Title() {
  return (
    <div className={classes.titleRow}>
      <h2 className={classes.title} id="race-heading">
        Rank race
      </h2>
      <Explain text={labExplanations.race} of="race-heading" />
    </div>
  );
});
