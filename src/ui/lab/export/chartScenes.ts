// The lab's charts as pictures that stand alone: on white, with a title above and the names of the curves below.
import type { ShownExperiment } from "../../../studio/stores/labState";
import { type Measure, measureLabels, settingResults } from "../../../studio/stores/labView";
import { surroundings } from "../plot/palette";
import type { Mark, Scene } from "../plot/scene";
import { quantityNames } from "../race/RaceControls";
import { raceCurves, raceEnd, raceSettings } from "../race/raceCurves";
import type { RaceLook } from "../race/raceLook";
import { raceScene } from "../race/raceScene";
import { metricLines, metricScene } from "../results/metricScene";
import { lostCells } from "../useShownCells";

export interface ChartScene extends Scene {
  /** Fit for a file. */
  readonly name: string;
}

/** Paper and documents are white, whatever the colours of the page. */
const scheme = "light";
const width = 960;
const plotHeight = 480;
const titleHeight = 34;
const rowHeight = 18;

/** Every chart of the experiment that has something to show; the race as it is looked at now. */
export function chartScenes(shown: ShownExperiment, look: RaceLook, measure: Measure): ChartScene[] {
  const settings = settingResults(shown.cells, shown.results, measure);
  const size = { width, height: plotHeight, top: titleHeight };
  const metrics = (["rank", "parameters"] as const).flatMap((axis) => {
    const lines = metricLines(settings, axis, measure, scheme);
    const names = { rank: "metric-by-rank", parameters: "metric-by-parameters" };
    const title = `${measureLabels[measure]} by ${axis === "rank" ? "rank" : "trainable parameters"}`;
    const { marks } = metricScene(lines, { ...size, axis, measure, scheme, yName: measureLabels[measure] });
    return lines.length === 0 ? [] : [standing(names[axis], `${title} · ${shown.record.name}`, marks, lines)];
  });
  return [...raceChart(shown, look), ...metrics];
}

function raceChart(shown: ShownExperiment, look: RaceLook): ChartScene[] {
  const { axis, isLog, quantity, zoom } = look;
  const settings = raceSettings(shown.cells, scheme);
  const curves = raceCurves(settings, shown.series, lostCells(shown), look);
  const end = raceEnd(curves, axis, shown.record.experiment.run.steps);
  const scene = raceScene(curves, {
    ...{ width, height: plotHeight, top: titleHeight, scheme, axis, isLog },
    range: [(zoom?.[0] ?? 0) * end, (zoom?.[1] ?? 1) * end],
    yName: `${quantityNames[quantity].toLowerCase()} (nats per token)`,
  });
  if (scene.isEmpty) return [];
  const { isolated } = look;
  const named = settings
    .filter(({ settingId }) => isolated.length === 0 || isolated.includes(settingId))
    .map(({ settingLabel, colour, dash }) => ({ name: settingLabel, colour, dash }));
  return [standing("rank-race", `Rank race · ${shown.record.name}`, scene.marks, named)];
}

interface NamedCurve {
  readonly name: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

/** The marks with a title above and one entry for each curve below. */
function standing(
  name: string,
  title: string,
  marks: readonly Mark[],
  curves: readonly NamedCurve[],
): ChartScene {
  const { ground, text } = surroundings[scheme];
  const longest = Math.max(...curves.map((curve) => curve.name.length));
  const columnWidth = 40 + 6.5 * longest;
  const columns = Math.max(1, Math.floor((width - 72) / columnWidth));
  const legend = curves.flatMap(({ name: label, colour, dash }, index): Mark[] => {
    const x = 56 + (index % columns) * columnWidth;
    const y = plotHeight + 14 + Math.floor(index / columns) * rowHeight;
    return [
      { kind: "line", points: Float64Array.of(x, y, x + 24, y), colour, width: 2.25, dash, opacity: 1 },
      { kind: "text", x: x + 30, y, text: label, anchor: "start", colour: text, size: 11 },
    ];
  });
  return {
    name,
    title,
    ground,
    width,
    height: plotHeight + Math.ceil(curves.length / columns) * rowHeight + 20,
    marks: [
      { kind: "text", x: 16, y: 20, text: title, anchor: "start", colour: text, size: 15, isBold: true },
      ...marks,
      ...legend,
    ],
  };
}
