// What an experiment promises: racing changes no cell, an interruption changes no number, one cell's failure is its own.
import { describe, expect, it } from "vitest";
import { readCheckpoint } from "../train/checkpoint";
import { cellsOf } from "./experiment";
import { ExperimentRun } from "./runExperiment";
import { Recorder, runToEnd, tinyExperiment, tinyInputs } from "./testing/tinyLab";

/** A result without what a clock or a neighbour decides. */
const figures = ({ results }: Recorder) =>
  results.map(({ timeMs: _, memoryBytes: __, racedWith: ___, ...rest }) => rest);

describe("an experiment", () => {
  it("gives the bytes of training each cell alone, raced or not, and learns", async () => {
    const inputs = await tinyInputs();
    const race = await runToEnd(inputs, tinyExperiment());
    const alone = await runToEnd(inputs, tinyExperiment({ mode: "sequential" }));
    const cells = cellsOf(tinyExperiment());
    expect(race.results.map(({ id }) => id)).toEqual(cells.map(({ id }) => id));
    expect(race.results.every(({ racedWith }) => racedWith === 4)).toBe(true);
    expect(alone.results.every(({ racedWith }) => racedWith === 1)).toBe(true);
    expect(figures(alone)).toEqual(figures(race));
    for (const { id } of cells) expect(alone.trained.get(id)).toEqual(race.trained.get(id));
    for (const { outcome, step, validationLoss, trainLoss } of race.results) {
      expect([outcome, step]).toEqual(["done", 6]);
      expect(trainLoss).toBeGreaterThan(0);
      expect(validationLoss).toBeGreaterThan(0);
    }
    // A seed changes the start; the base, and so the first loss, is the same for all.
    const first = race.events.find((event) => event.type === "steps");
    expect(new Set(first?.type === "steps" ? first.losses : []).size).toBe(1);
    expect(new Set(race.results.map(({ validationLoss }) => validationLoss)).size).toBe(4);
  });

  it("goes on after an interruption to the same numbers, in smaller races if it has to", async () => {
    const inputs = await tinyInputs();
    const experiment = tinyExperiment();
    const whole = await runToEnd(inputs, experiment);
    const middle = whole.progress.find(({ race }) =>
      race?.checkpoint.every(({ bytes }) => {
        return bytes !== null && readCheckpoint(bytes).step === 3;
      }),
    );
    expect(middle?.results).toEqual([]);
    const rest = await runToEnd(inputs, experiment, structuredClone(middle));
    expect(figures(rest)).toEqual(figures(whole));
    for (const [id, bytes] of whole.trained) expect(rest.trained.get(id)).toEqual(bytes);
    const points = rest.events.flatMap((event) => (event.type === "steps" ? [event] : []));
    const before = whole.events.flatMap((event) => (event.type === "steps" && event.step > 3 ? [event] : []));
    expect(points.map(({ step, losses, tokens }) => [step, losses, tokens])).toEqual(
      before.map(({ step, losses, tokens }) => [step, losses, tokens]),
    );
  });

  it("marks a cell that diverges and lets the others finish", async () => {
    const grid = {
      ranks: [4],
      seeds: [0],
      learningRates: [5e-3, 3e38],
      targetSets: [{ modules: ["q_proj", "v_proj", "down_proj"] }],
    };
    const experiment = tinyExperiment({ run: { steps: 12, schedule: "constant" } }, grid);
    const { results, trained } = await runToEnd(await tinyInputs(), experiment);
    const [good, bad] = [5e-3, 3e38].map((rate) => results.find(({ id }) => id.includes(`lr${rate}`))!);
    expect(good).toMatchObject({ outcome: "done", step: 12, reason: null });
    expect(bad).toMatchObject({ outcome: "failed", reason: expect.stringMatching(/expected (a )?finite/) });
    expect([...trained.keys()]).toEqual([good!.id]);
  });

  it("scores completions of every cell and of the base", async () => {
    const grid = { ranks: [8], seeds: [0], targetSets: [{ modules: ["q_proj", "v_proj", "down_proj"] }] };
    const run = { steps: 30, learningRate: 2e-2, adapter: { loraDropout: 0 } };
    const recorder = await runToEnd(await tinyInputs(), tinyExperiment({ metricExamples: 3, run }, grid));
    const [result] = recorder.results;
    expect(result!.task?.count).toBe(3);
    const base = recorder.progress.at(-1)!.base!;
    expect(base.task).toMatchObject({ count: 3, exact: 0, fraction: 0 });
    expect(base.validationLoss).toBeGreaterThan(result!.validationLoss!);
    expect(recorder.events.some((event) => event.type === "cell" && event.status === "scoring")).toBe(true);
  });

  it("stops early by validation loss, skips what waits, and stops when asked", async () => {
    const inputs = await tinyInputs();
    const grid = { ranks: [1, 2, 4], seeds: [0], targetSets: [{ modules: ["q_proj"] }] };
    const run = { steps: 40, evaluateEvery: 1, learningRate: 0 };
    const early = await runToEnd(inputs, tinyExperiment({ patience: 2, run }, grid));
    // With a learning rate of 0 no evaluation is ever lower than the first.
    for (const result of early.results) {
      expect(result).toMatchObject({
        outcome: "stopped",
        reason: expect.stringContaining("validation loss"),
        keptStep: 0,
        validationLoss: result.lowestValidationLoss,
      });
      expect(readCheckpoint(early.trained.get(result.id)!).step).toBe(0);
      expect(result.step).toBeLessThan(6);
    }

    const recorder = new Recorder();
    const experiment = tinyExperiment({ mode: "sequential", run: { steps: 4 } }, grid);
    const [first, second, third] = cellsOf(experiment).map(({ id }) => id);
    const going = new ExperimentRun(inputs, experiment, recorder);
    recorder.onEvent = (event) => {
      recorder.events.push(event);
      if (event.type === "steps" && event.ids[0] === first) going.skip(second!);
      if (event.type === "steps" && event.ids[0] === third && event.step === 1) going.stop();
    };
    expect(await going.run()).toBe("stopped");
    expect(recorder.results.map(({ id, outcome }) => [id, outcome])).toEqual([
      [second, "skipped"],
      [first, "done"],
      [third, "stopped"],
    ]);
  });
});
