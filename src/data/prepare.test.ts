import { describe, expect, it } from "vitest";
import { loadShared } from "../../oracle/goldens";
import { loadTokenizer } from "../formats/tokenizer";
import { type ByteSource, blobSource } from "./byteSource";
import { defaultDataSettings } from "./config";
import { datasetOf } from "./dataset";
import { isEmptyExample, rowMapper } from "./mapping";
import { BadRowsError, prepareData, sketchData } from "./prepare";
import { isBadRow } from "./row";
import { openDataFile } from "./rows";
import { allRows, complaintOf, fileOf, prepare, tinyTokenizer } from "./testing/files";

const lines = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join("\n");
const good = { prompt: "the", completion: " cat" };

describe("prepareData", () => {
  it("refuses a file with bad rows, with their places, unless they are to be skipped", async () => {
    const content = `${lines(good, { prompt: "a" })}\n{"prompt":\n${lines({ prompt: "b", completion: [1] }, good)}`;
    const error = await prepare(content).then(
      () => expect.fail("expected an error"),
      (thrown: unknown) => thrown as BadRowsError,
    );
    expect(error).toBeInstanceOf(BadRowsError);
    expect(error.message).toBe(
      "a.jsonl: line 2: completion: expected text, got nothing. 2 more rows cannot be used.",
    );
    expect(error.badRows.map(({ place }) => place)).toEqual(["line 2", "line 3", "line 4"]);
    const skipped = await prepare(content, "a.jsonl", { skipBadRows: true });
    expect(skipped).toMatchObject({ rowCount: 5, badRowCount: 3, badRows: error.badRows });
    expect(skipped.examples).toHaveLength(2);
    expect(await complaintOf(prepare('{"prompt":', "a.jsonl", { skipBadRows: true }))).toContain(
      "line 1: expected JSON",
    );
  });

  it("leaves out rows with nothing to learn and counts those that say the same again", async () => {
    const rows = [
      good,
      { prompt: "a", completion: "  " },
      good,
      { prompt: "the", completion: " cat cat" },
      good,
    ];
    expect(await prepare(lines(...rows))).toMatchObject({ rowCount: 5, emptyCount: 1, duplicateCount: 2 });
    expect(await complaintOf(prepare(lines({ text: " " }, { text: "" })))).toBe(
      "a.jsonl: expected examples with something to learn, got 2 empty rows.",
    );
  });

  it.each([
    ["", "a.jsonl", "a.jsonl: expected examples, got an empty file"],
    ["\uFEFF \r\n\n", "a.csv", "a.csv: expected examples, got an empty file"],
    ['{"a":null}', "a.jsonl", "a.jsonl: expected a column with text, got a."],
    ["[]", "a.json", "a.json: expected rows, got none"],
    ['{"text":"\\ud83d"}', "a.jsonl", "line 1: text: expected text, got half of a surrogate pair"],
    ["a,b\n", "a.csv", "a.csv: expected rows, got none"],
  ])("refuses %j as %s", async (content, name, message) => {
    expect(await complaintOf(prepare(content, name))).toContain(message);
  });

  it("names the setting of a mapping that does not fit, and the columns there are", async () => {
    const refuse = (mapping: (typeof defaultDataSettings)["mapping"]) =>
      complaintOf(prepare(lines({ question: "a", answer: "b" }), "a.jsonl", { mapping }));
    expect(await refuse({ kind: "text", text: "story" })).toBe(
      "a.jsonl: text: expected one of the columns question, answer, got story.",
    );
    const template = (text: string) => refuse({ kind: "template", template: text, learn: "all" });
    expect(await template("Q: {query}")).toContain(
      "template: expected one of the columns question, answer, got query",
    );
    expect(await template("Q: {question")).toContain('template: expected {column}, got a lone "{"');
    expect(await template("Q:")).toContain("template: expected a column in braces");
  });

  it("leaves the thread to others and can be given up", async () => {
    const rows = Array.from({ length: 20_000 }, (_, n) => ({ prompt: `the ${n}`, completion: ` cat ${n}` }));
    const source = fileOf(lines(...rows), "a.jsonl", 4096);
    const abort = new AbortController();
    const seen: number[] = [];
    let turns = 0;
    const ticks = setInterval(() => turns++);
    const onProgress = (fraction: number) => {
      seen.push(fraction);
      if (fraction > 0.3) abort.abort(new Error("given up"));
    };
    const reading = prepareData(source, tinyTokenizer(), {
      settings: defaultDataSettings,
      onProgress,
      signal: abort.signal,
    });
    await expect(reading).rejects.toThrow("given up");
    clearInterval(ticks);
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBeLessThan(0.9);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(turns).toBeGreaterThan(2);
  });

  it("never holds a large file: it is read once, a chunk at a time", async () => {
    const line = `${JSON.stringify({ text: `${"the cat ".repeat(40)}` })}\n`;
    const blob = new Blob(Array.from({ length: 500 }, () => line));
    const chunkBytes = 8192;
    let largest = 0;
    let total = 0;
    const inner = blobSource("a.jsonl", blob);
    const source: ByteSource = {
      ...inner,
      chunkBytes,
      read: (begin, end) => {
        largest = Math.max(largest, end - begin);
        total += end - begin;
        return inner.read(begin, end);
      },
    };
    const { rowCount } = await prepareData(source, tinyTokenizer(), { settings: defaultDataSettings });
    expect(rowCount).toBe(500);
    expect(blob.size).toBeGreaterThan(20 * chunkBytes);
    expect(largest).toBeLessThanOrEqual(chunkBytes);
    expect(total).toBeLessThan(blob.size + 8 * chunkBytes); // and the first chunks for a look at it
  });
});

describe("sketchData", () => {
  it("guesses and maps the first rows", async () => {
    const file = fileOf("question,answer\nWho?,Me\nWhere?,Here\n", "a.csv");
    expect(await sketchData(file, defaultDataSettings)).toEqual({
      format: "csv",
      hasHeader: true,
      columns: ["question", "answer"],
      mapping: { kind: "template", template: "question: {question}\nanswer: {answer}", learn: "lastColumn" },
      samples: [
        { kind: "promptCompletion", prompt: "question: Who?\nanswer:", completion: " Me" },
        { kind: "promptCompletion", prompt: "question: Where?\nanswer:", completion: " Here" },
      ],
    });
  });
});

describe("the guess", () => {
  it.each([
    [[{ prompt: "a", completion: "b", id: 1 }], { kind: "promptCompletion" }],
    [
      [{ Instruction: "a", Response: "b" }],
      { kind: "instruction", instruction: "Instruction", input: "", output: "Response" },
    ],
    [[{ id: 7, turns: [{ from: "human", value: "a" }] }], { kind: "messages", messages: "turns" }],
    [[{ id: 1, title: "a", text: "b" }], { kind: "text", text: "text" }],
    [[{ text: "a", label: 1 }], { kind: "template", template: "text: {text}\nlabel: {label}" }],
    [[{ label: "x", id: "a", body: "b" }], { template: "body: {body}\nlabel: {label}" }],
    [[{ q: "a", answers: { text: ["b"] } }], { template: "q: {q}\nanswers.text.0: {answers.text.0}" }],
    [[{ story: "a" }], { kind: "text", text: "story" }],
    // A column that one odd row has is none of the file's.
    [
      [
        { q: "a", r: "b" },
        { q: "a", r: "b" },
        { q: "a", r: ["b"] },
      ],
      { template: "q: {q}\nr: {r}" },
    ],
  ])("of %j is %j", async (rows, mapping) => {
    const { mapping: guessed } = await sketchData(fileOf(lines(...rows), "a.jsonl"), defaultDataSettings);
    expect(guessed).toMatchObject(mapping);
  });
});

describe("the sets in ../shared/data/datasets", () => {
  const sets: [path: string, rows: number, mapping: object | null, badRows?: number][] = [
    ["e2e_nlg/devset.csv", 4672, { kind: "template", template: "mr: {mr}\nref: {ref}" }],
    ["e2e_nlg/testset_w_refs.csv", 4693, { kind: "template", template: "mr: {mr}\nref: {ref}" }],
    ["e2e_nlg/lora_paper_valid.txt", 1, null],
    ["gsm8k/train.jsonl", 7473, { kind: "template", template: "question: {question}\nanswer: {answer}" }],
    ["gsm8k/test.jsonl", 1319, { kind: "template", template: "question: {question}\nanswer: {answer}" }],
    ["wikisql_mlx/train.jsonl", 1000, { kind: "text", text: "text" }],
    ["wikisql_mlx/valid.jsonl", 100, { kind: "text", text: "text" }],
    ["wikisql_mlx/test.jsonl", 100, { kind: "text", text: "text" }],
    ["instruct/alpaca_en_demo.json", 999, { kind: "instruction", input: "input", output: "output" }],
    [
      "clinc150/data_full.json",
      15_000,
      { kind: "template", template: "1: {1}\n2: {2}", learn: "lastColumn" },
    ],
    ["instruct/identity.json", 91, { kind: "instruction", instruction: "instruction" }],
    ["instruct/self_instruct_seed_tasks.jsonl", 175, { kind: "instruction", output: "instances.0.output" }],
    ["instruct/v1_sft_demo.jsonl", 500, { kind: "messages", messages: "messages" }],
    ["instruct/glaive_toolcall_en_demo.json", 300, { kind: "messages", messages: "conversations" }],
    ["tinystories/tinystories_1000.json", 1000, { kind: "text", text: "text" }],
    ["tinyshakespeare/input.txt", 1, null],
    ["glue/SST-2/train.tsv", 67349, { kind: "template", template: "sentence: {sentence}\nlabel: {label}" }],
    ["glue/SST-2/test.tsv", 1821, { kind: "text", text: "sentence" }],
    [
      "glue/RTE/train.tsv",
      2490,
      { template: "sentence1: {sentence1}\nsentence2: {sentence2}\nlabel: {label}" },
    ],
    ["glue/MRPC/train.tsv", 3667, { template: expect.stringMatching(/\nQuality: \{Quality\}$/) }],
    ["glue/CoLA/train.tsv", 8551, { kind: "template" }],
    ["glue/STS-B/train.tsv", 5749, { template: expect.stringMatching(/\nscore: \{score\}$/) }],
    ["glue/SST-2/dev.tsv", 872, { kind: "template", template: "sentence: {sentence}\nlabel: {label}" }],
    ["glue/RTE/dev.tsv", 277, { template: "sentence1: {sentence1}\nsentence2: {sentence2}\nlabel: {label}" }],
    ["glue/MRPC/dev.tsv", 408, { template: expect.stringMatching(/\nQuality: \{Quality\}$/) }],
    ["glue/CoLA/dev.tsv", 1043, { kind: "template" }],
    ["glue/STS-B/dev.tsv", 1500, { template: expect.stringMatching(/\nscore: \{score\}$/) }],
  ];

  it.for(sets)(
    "%s loads, with its columns understood",
    async ([path, rows, mapping, badRows = 0], { skip }) => {
      const bytes = await loadShared(`datasets/${path}`);
      const files = ["tokenizer.json", "tokenizer_config.json"].map((name) =>
        loadShared(`tokenizers/smollm/${name}`),
      );
      const [json, config] = await Promise.all(files);
      if (!bytes || !json || !config) return skip("../shared/data is absent");
      const name = path.split("/").at(-1)!;
      const source = blobSource(name, new Blob([bytes]));
      const sketch = await sketchData(source, defaultDataSettings);
      expect(sketch.mapping).toEqual(mapping === null ? null : expect.objectContaining(mapping));
      if (sketch.mapping) {
        const { rows: open } = await openDataFile(source, defaultDataSettings);
        const map = rowMapper(sketch.mapping);
        const all = await allRows(open());
        const bad = all.filter(isBadRow);
        expect([all.length, bad.length]).toEqual([rows, badRows]);
        for (const row of all) if (!isBadRow(row)) expect(isEmptyExample(map(row.value))).toBe(false);
      }
      // Tokens only of a first part: tokenizing is what takes the time.
      const text = new TextDecoder().decode(bytes);
      const rowsOf = (json: unknown[] | { train: unknown[] }) => (Array.isArray(json) ? json : json.train);
      const isList = sketch.format === "jsonList";
      const part = isList ? JSON.stringify(rowsOf(JSON.parse(text)).slice(0, 20)) : text.slice(0, 20_000);
      const tokenizer = loadTokenizer(new TextDecoder().decode(json), new TextDecoder().decode(config));
      const settings = { ...defaultDataSettings, skipBadRows: true };
      const train = await prepareData(fileOf(part, name), tokenizer, { settings });
      const { examples, evalExamples } = datasetOf({ train }, { sequenceLength: 256, seed: 0 }, settings);
      expect(examples.length).toBeGreaterThan(3);
      expect(evalExamples.length).toBeGreaterThan(0);
    },
  );
});
