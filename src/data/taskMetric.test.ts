import { describe, expect, it } from "vitest";
import { readDatasetDescription, scoreCompletion, type TaskMetric } from "./taskMetric";

const slots: TaskMetric = { kind: "slots", valuePattern: "\\w+: ([^;\\n]+)" };
const slotExample = { prompt: "name: The Red Fox; food: tea\nAd:", completion: " Tea at The Red Fox!" };
const format: TaskMetric = { kind: "format", pattern: "(\\w+) \\| (\\d+)" };
const formatExample = { prompt: "Two on Monday.", completion: " Monday | 2" };
const shipped = async (name: string, file: string) =>
  new Uint8Array(await (await fetch(`/datasets/${name}/${file}`)).arrayBuffer());

describe("scoreCompletion", () => {
  it("counts the prompt's values that the completion mentions", () => {
    expect(scoreCompletion(slots, slotExample, " the red fox has tea.")).toEqual({
      exact: true,
      fraction: 1,
    });
    expect(scoreCompletion(slots, slotExample, " The Red Fox has steak.")).toEqual({
      exact: false,
      fraction: 0.5,
    });
    expect(scoreCompletion(slots, slotExample, "")).toEqual({ exact: false, fraction: 0 });
  });

  it("wants the whole completion in the format, with the right values", () => {
    expect(scoreCompletion(format, formatExample, "Monday | 2 ")).toEqual({ exact: true, fraction: 1 });
    expect(scoreCompletion(format, formatExample, " Monday | 3")).toEqual({ exact: false, fraction: 0.5 });
    expect(scoreCompletion(format, formatExample, " Monday | 2 | 2")).toEqual({ exact: false, fraction: 0 });
  });

  it("refuses a pattern that the data itself does not fit", () => {
    expect(() => scoreCompletion(format, { prompt: "", completion: "x" }, "Monday | 2")).toThrow(
      /reference completion/,
    );
  });

  it("without a description asks for the reference itself", () => {
    const example = { prompt: "the b", completion: " cat bb" };
    expect(scoreCompletion({ kind: "exact" }, example, "cat bb\n")).toEqual({ exact: true, fraction: 1 });
    expect(scoreCompletion({ kind: "exact" }, example, " cat b")).toEqual({ exact: false, fraction: 0 });
  });

  it.each(["calendar", "restaurants"])(
    "gives %s's own completions full marks, and an evasion none",
    async (name) => {
      const { metric } = readDatasetDescription(await shipped(name, "dataset.json"));
      const lines = new TextDecoder()
        .decode(await shipped(name, "validation.jsonl"))
        .trim()
        .split("\n");
      const examples = lines.map((line) => JSON.parse(line) as { prompt: string; completion: string });
      expect(examples.length).toBeGreaterThanOrEqual(100);
      for (const example of examples) {
        expect(scoreCompletion(metric, example, example.completion)).toEqual({ exact: true, fraction: 1 });
        expect(scoreCompletion(metric, example, " I do not know.")).toEqual({ exact: false, fraction: 0 });
      }
    },
  );
});

describe("readDatasetDescription", () => {
  it("names the field that is wrong", async () => {
    const description = JSON.parse(new TextDecoder().decode(await shipped("calendar", "dataset.json")));
    const broken = { ...description, metric: { kind: "format", pattern: "(" } };
    const bytes = new TextEncoder().encode(JSON.stringify(broken));
    expect(() => readDatasetDescription(bytes)).toThrow(/metric.*pattern.*regular expression/s);
  });
});
