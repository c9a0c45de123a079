// The two figures of the result side by side: against the rank, and against the number of trained values.
import { useComputedColorScheme } from "@mantine/core";
import { type PointerEvent, useMemo, useState } from "react";
import { useLab } from "../../../studio/stores/labStore";
import { measureLabels, settingResults } from "../../../studio/stores/labView";
import { Explain } from "../../Explain";
import { labExplanations } from "../explanations";
import { Picture } from "../plot/Picture";
import { useSize } from "../plot/useSize";
import { LineSample } from "../race/RaceLegend";
import { type MetricAxis, type MetricLine, metricLines, metricScene } from "./metricScene";
import classes from "./Results.module.css";

export function MetricFigures() {
  return (
    <div className={classes.figures}>
      <MetricFigure
        axis="rank"
        title="Metric by rank"
        explanation={labExplanations.metricByRank}
        emptyText="Each target set becomes a line here, as its cells end."
      />
      <MetricFigure
        axis="parameters"
        title="Metric by trainable parameters"
        explanation={labExplanations.metricByParameters}
        emptyText="The same measurements against what they cost."
      />
    </div>
  );
}

interface MetricFigureProps {
  readonly axis: MetricAxis;
  readonly title: string;
  readonly explanation: string;
  readonly emptyText: string;
}

function MetricFigure({ axis, title, explanation, emptyText }: MetricFigureProps) {
  const cells = useLab(({ shown }) => shown?.cells);
  const results = useLab(({ shown }) => shown?.results);
  const measure = useLab((lab) => lab.measure);
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  const { ref, size } = useSize<HTMLDivElement>();
  const { width, height } = size;
  const lines = useMemo(
    () => metricLines(settingResults(cells ?? [], results ?? [], measure), axis, measure, scheme),
    [cells, results, axis, measure, scheme],
  );
  const scene = useMemo(
    () => metricScene(lines, { width, height, axis, measure, yName: measureLabels[measure], scheme }),
    [lines, width, height, axis, measure, scheme],
  );
  const [pointed, setPointed] = useState<{ readonly x: number; readonly y: number }>();
  const spot = pointed && nearestSpot(scene.spots, pointed);
  const id = `metric-${axis}`;
  return (
    <figure className={classes.figure} aria-labelledby={id}>
      <figcaption className={classes.caption}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        <Explain text={explanation} of={id} />
      </figcaption>
      <div
        ref={ref}
        className={classes.plot}
        role="img"
        aria-label={altText(lines)}
        onPointerMove={(event) => setPointed(placeOf(event))}
        onPointerLeave={() => setPointed(undefined)}
      >
        <Picture width={width} height={height} marks={scene.marks} />
        {spot && (
          <p
            className={classes.spot}
            style={{
              top: spot.y + 10,
              ...(spot.x > width / 2 ? { right: width - spot.x } : { left: spot.x }),
            }}
          >
            {spot.text}
          </p>
        )}
        {lines.length === 0 && <p className={classes.empty}>{emptyText}</p>}
      </div>
      <ul className={classes.key}>
        {lines.map(({ name, colour, dash }) => (
          <li key={name}>
            <LineSample colour={colour} dash={dash} /> {name}
          </li>
        ))}
      </ul>
    </figure>
  );
}

function altText(lines: readonly MetricLine[]): string {
  const read = lines.flatMap(({ points }) => points.map(({ label }) => label));
  return read.length > 0 ? read.join("; ") : "nothing measured yet";
}

function placeOf({ clientX, clientY, currentTarget }: PointerEvent) {
  const { left, top } = currentTarget.getBoundingClientRect();
  return { x: clientX - left, y: clientY - top };
}

/** The spot within 24 pixels of the pointer, the nearest of them. */
function nearestSpot<Spot extends { readonly x: number; readonly y: number }>(
  spots: readonly Spot[],
  { x, y }: { readonly x: number; readonly y: number },
): Spot | undefined {
  let nearest: Spot | undefined;
  let least = 24;
  for (const spot of spots) {
    const distance = Math.hypot(spot.x - x, spot.y - y);
    if (distance < least) {
      least = distance;
      nearest = spot;
    }
  }
  return nearest;
}
