// The experiment's files: what is written is read back, is re-run to the same numbers, and says what is wrong with it.
import { describe, expect, it } from "vitest";
import { dataFingerprint } from "../train/checkpoint";
import { cellsOf, experimentSchema } from "./experiment";
import { type ExperimentContent, readExperimentFile, writeExperimentFile } from "./experimentFile";
import { emptySeries, withTrainPoint, withValidationPoint } from "./series";
import { resultsCsv, resultsMarkdown } from "./tables";
import { type Recorder, runToEnd, tinyExperiment, tinyInputs } from "./testing/tinyLab";

const encode = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readExperimentFile(encode(text), "experiment.json");

/** The curves as a page gathers them. */
function seriesOf({ events }: Recorder): ExperimentContent["series"] {
  const series: Record<string, typeof emptySeries> = {};
  for (const event of events) {
    if (event.type !== "steps" && event.type !== "validation") continue;
    event.ids.forEach((id, i) => {
      const point = { ...event, loss: event.losses[i]! };
      const before = series[id] ?? emptySeries;
      series[id] =
        event.type === "steps" ? withTrainPoint(before, point) : withValidationPoint(before, point);
    });
  }
  return series;
}

const grid = { ranks: [2], seeds: [0, 1], targetSets: [{ modules: ["q_proj"] }] };

async function ran(): Promise<{ content: ExperimentContent; recorder: Recorder }> {
  const inputs = await tinyInputs();
  const experiment = tinyExperiment({ name: 'a "name" [ 1, 2 ]', metricExamples: 2 }, grid);
  const recorder = await runToEnd(inputs, experiment);
  const content = {
    createdAt: 1_700_000_000_000,
    experiment,
    model: { name: "tiny", parameterCount: 123 },
    data: {
      name: "cats",
      fingerprint: dataFingerprint(inputs.examples),
      evaluationFingerprint: dataFingerprint(inputs.evaluationExamples),
    },
    base: recorder.progress.at(-1)!.base,
    results: recorder.results,
    series: seriesOf(recorder),
  };
  return { content, recorder };
}

describe("experiment file", () => {
  it("is read back as it was, and running what it says gives the same numbers", async () => {
    const { content } = await ran();
    const text = writeExperimentFile(content);
    const opened = read(text);
    expect(opened).toEqual(content);
    const again = await runToEnd(await tinyInputs(), opened.experiment);
    const numbers = (results: ExperimentContent["results"]) => results.map(({ timeMs: _, ...rest }) => rest);
    expect(numbers(again.results)).toEqual(numbers(opened.results));
    const losses = (series: ExperimentContent["series"]) =>
      Object.entries(series).map(([id, { loss, validation }]) => [id, loss, validation.loss]);
    expect(losses(seriesOf(again))).toEqual(losses(opened.series));
    expect(Object.values(opened.series)[0]!.loss).toHaveLength(6);
  });

  it("keeps a loss that was no number, and refuses what is not an experiment", async () => {
    const curve = withTrainPoint(emptySeries, { step: 1, loss: Number.NaN, timeMs: 5, tokens: 7 });
    const content: ExperimentContent = {
      createdAt: 0,
      experiment: experimentSchema.parse({}),
      model: { name: "m", parameterCount: 1 },
      data: { name: "d", fingerprint: "1-a", evaluationFingerprint: "1-b" },
      base: null,
      results: [],
      series: { "r1_q+v_s0": curve },
    };
    const text = writeExperimentFile(content);
    expect(read(text)).toEqual(content);
    expect(() => read("{}")).toThrow(/experiment.json: format: expected "lora-studio-experiment"/);
    expect(() => read(text.replace('"ranks": [', '"ranks": [0, '))).toThrow(/experiment.grid.ranks/);
    expect(() => read(text.replace('"version": 1', '"version": 2'))).toThrow(/version/);
  });
});

describe("tables", () => {
  it("gives a line of CSV per cell and the paper's table in Markdown", async () => {
    const { content, recorder } = await ran();
    const cells = cellsOf(content.experiment);
    const [head, first, second, end] = resultsCsv(cells, recorder.results.slice(0, 1)).split("\r\n");
    expect(head).toMatch(/^cell,method,target_modules,rank,alpha,.*,validation_loss,/);
    expect(first).toMatch(/^r2_q_s0,lora,q_proj,2,16,0\.005,all,0,done,,6,6,/);
    expect(second).toBe("r2_q_s1,lora,q_proj,2,16,0.005,all,1,,,,,,,,,,,,,,");
    expect(end).toBe("");

    const markdown = resultsMarkdown("Cats | dogs", cells, recorder.results, content.base);
    expect(markdown).toMatch(
      /## Validation loss\n\n\| Weights \| r = 2 \|\n\|---\|---\|\n\| base model \| \d/,
    );
    expect(markdown).toMatch(/\n\| q \| \d\.\d{4} ± \d\.\d{4} \|\n/);
    expect(markdown).toContain("There is one setting only: nothing to compare it with.");
    expect(markdown).not.toContain("**");

    const early = recorder.results.map((result) => ({ ...result, outcome: "stopped", keptStep: 3 }) as const);
    expect(resultsCsv(cells, early).split("\r\n")[1]).toMatch(/,stopped,,6,3,/);
    expect(resultsMarkdown("Cats", cells, early, null)).toMatch(/\| rank 2 · q \| .* \| 3, 3 \| {2}\|/);
  });
});
