// How long a frame of the race takes with 15 cells of 2,000 points: the promise is 60 a second. Measured in time of the
// processor, which other work on the machine does not lengthen.
import { expect, test } from "vitest";
import type { CellSeries, ExperimentCell } from "../../../studio/labMessages";
import { processorClock } from "../../testing/processorTime";
import { render } from "../../testing/render";
import { RacePanel } from "./RacePanel";
import { raceCurves, raceSettings } from "./raceCurves";
import { firstLook } from "./raceLook";
import { raceScene } from "./raceScene";

const frameMs = 1000 / 60;
const points = 2000;
const ranks = [1, 2, 4, 8, 64];
const rows = ["q", "q, v", "q, k, v, o"];

const cells = rows.flatMap((row) =>
  ranks.map(
    (rank) =>
      ({
        id: `${row}-${rank}`,
        label: `rank ${rank} · ${row} · seed 0`,
        settingId: `${row}-${rank}`,
        settingLabel: `rank ${rank} · ${row}`,
        row,
        rank,
      }) as ExperimentCell,
  ),
);

function seriesOf(length: number): Record<string, CellSeries> {
  const empty = { step: new Uint32Array(), loss: new Float32Array(), timeMs: new Float64Array() };
  const validation = { ...empty, tokens: new Float64Array() };
  return Object.fromEntries(
    cells.map(({ id }, cell) => [
      id,
      {
        step: Uint32Array.from({ length }, (_, at) => at + 1),
        loss: Float32Array.from(
          { length },
          (_, at) => 1 + 3 / (1 + at / 90 + cell / 9) + Math.sin(at * cell) / 9,
        ),
        timeMs: Float64Array.from({ length }, (_, at) => 40 * at),
        tokens: Float64Array.from({ length }, (_, at) => 300 * at),
        validation,
      },
    ]),
  );
}

const nextFrame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));

function quantiles(times: readonly number[]): { p95: number; text: string } {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!;
  const text = `median ${at(0.5).toFixed(2)} ms, 95 % ${at(0.95).toFixed(2)} ms, longest ${at(1).toFixed(2)} ms`;
  return { p95: at(0.95), text };
}

test("no curve costs more points than the chart has pixels across", () => {
  const curves = raceCurves(raceSettings(cells, "light"), seriesOf(points), [], firstLook);
  const look = {
    width: 900,
    height: 340,
    scheme: "light",
    axis: "step",
    isLog: false,
    yName: "loss",
  } as const;
  const { marks } = raceScene(curves, { ...look, range: [0, points] });
  const drawn = marks.flatMap((mark) =>
    mark.kind === "line" && mark.width > 1 ? [mark.points.length / 2] : [],
  );
  expect(drawn).toHaveLength(cells.length);
  for (const count of drawn) {
    expect(count).toBeGreaterThan(400);
    expect(count).toBeLessThanOrEqual(900);
  }
});

test("15 cells × 2,000 points: growing, and read with the pointer", async () => {
  const ignore = () => {};
  const noCells: readonly string[] = [];
  const panel = (length: number) => (
    <div style={{ width: 960 }}>
      <RacePanel
        cells={cells}
        series={seriesOf(length)}
        plannedSteps={points}
        lost={noCells}
        look={firstLook}
        onLook={ignore}
      />
    </div>
  );
  const frames = 40;
  const grown = Array.from({ length: 2 * frames }, (_, frame) => panel(points - 2 * frames + 1 + frame));
  const { container, rerender } = render(panel(points - 2 * frames));
  const chart = container.querySelector('[role="slider"][aria-valuetext]')!;
  const { left, top, width } = chart.getBoundingClientRect();
  const processorMs = await processorClock();
  await nextFrame();
  const growing: number[] = [];
  const reading: number[] = [];
  for (const [frame, next] of grown.entries()) {
    const isRead = frame >= frames;
    const before = await processorMs();
    rerender(next); // A new point on every curve.
    const clientX = left + 60 + ((width - 80) * frame) / grown.length;
    const move = new PointerEvent("pointermove", { clientX, clientY: top + 50, bubbles: true });
    if (isRead) chart.dispatchEvent(move);
    await nextFrame();
    (isRead ? reading : growing).push((await processorMs()) - before);
  }
  const growth = quantiles(growing);
  console.info(
    `rank race, ${cells.length} × ${points} points, ${frames} frames of ${Math.round(width)} px, React's development ` +
      `build: processor time with new points ${growth.text}; with a reading as well ${quantiles(reading).text}`,
  );
  expect(container.querySelectorAll("circle")).toHaveLength(cells.length);
  expect(growth.p95).toBeLessThan(frameMs);
}, 180_000);
