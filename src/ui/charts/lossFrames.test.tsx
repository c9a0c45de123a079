// What a new point costs when a run is long: no more than when it is short, so that what e2e/mainJob.spec.ts holds the
// page to (no task over 50 ms while training) holds at 10,000 points too. Measured in time of the processor.
import { expect, test } from "vitest";
import type { RunHistory } from "../../studio/messages";
import { useStudio } from "../../studio/stores/studioStore";
import { processorClock } from "../testing/processorTime";
import { render } from "../testing/render";
import LossPanel from "./LossPanel";

const updates = 10;

const historyOf = (length: number): RunHistory => ({
  steps: Array.from({ length }, (_, at) => ({
    type: "step",
    step: at + 1,
    loss: 1 + 3 / (1 + at / 900) + Math.sin(at * at) / 9,
    learningRate: 1e-3,
    gradNorm: 1,
    tokens: 300,
    targetTokens: 120,
    stepMs: 40,
  })),
  evaluations: Array.from({ length: Math.ceil(length / 50) }, (_, at) => ({
    type: "evaluation",
    step: 50 * at,
    loss: 1 + 3 / (1 + at / 18),
  })),
  deltas: [],
});

test("a new point costs as much at 10,000 points as at 500", async () => {
  const processorMs = await processorClock();
  const before = useStudio.getState().run;
  const show = (history: RunHistory) =>
    useStudio.setState({ run: { ...before, status: "running", history } });
  const { container } = render(
    <div style={{ width: 900 }}>
      <LossPanel />
    </div>,
  );
  const curve = () => container.querySelector('path[data-curve="train"]')?.getAttribute("d") ?? null;
  /** Shows a run; what the page computes for it. The panel reads the store a few times a second. */
  const costOf = async (history: RunHistory): Promise<number> => {
    const [drawn, startMs] = [curve(), await processorMs()];
    show(history);
    await expect.poll(curve, { interval: 20 }).not.toBe(drawn);
    await new Promise(requestAnimationFrame);
    return (await processorMs()) - startMs;
  };
  /** Median over some new points, in React's development build. */
  const updateMs = async (points: number): Promise<number> => {
    const longer = Array.from({ length: updates }, (_, at) => historyOf(points + at + 1));
    await costOf(historyOf(points));
    const times: number[] = [];
    for (const history of longer) times.push(await costOf(history));
    return times.sort((a, b) => a - b)[updates >> 1]!;
  };
  await updateMs(500); // warms up
  const [short, long] = [await updateMs(500), await updateMs(10_000)];
  useStudio.setState({ run: before });
  console.info(`loss chart: ${short.toFixed(1)} ms at 500 points, ${long.toFixed(1)} ms at 10,000`);
  expect(long).toBeLessThan(1.5 * short);
}, 120_000);
