// Mistakes and bad files, as the page hears of them: a sentence, the field, and everything still usable. Without
// a GPU, where looking, loading and estimating work all the same.
import { deleteDB } from "idb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultDataSettings } from "../data/config";
import { registerTiling } from "../gpu/tiling";
import { checkModelFits } from "../models/residentModel";
import { readModel } from "./loadedModel";
import type { ModelSource, StudioProblem } from "./messages";
import { estimateRun } from "./runEstimate";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import { emptyLab, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

const database = "refusals-test";
const options = { sequenceLength: 24, seed: 0 };
let shelf: RunShelf;
let session: StudioSession;
beforeAll(async () => {
  shelf = new RunShelf(database, navigator.locks);
  session = new StudioSession(undefined, shelf, emptyLab());
  expect(problemOf(await session.start(() => {})).message).toContain("WebGPU: expected navigator.gpu");
  unwrap(await session.loadModel(tinyModel(), () => {}));
  unwrap(await session.loadData(tinyData(), options));
});
afterAll(async () => {
  await shelf.close();
  await deleteDB(database);
});

const dataFile = (content: BlobPart, name = "mine.jsonl") => ({
  kind: "file" as const,
  name,
  file: new File([content], name),
});

describe("settings", () => {
  const adapter = tinyConfig.adapter!;
  const cases: [string, object, StudioProblem][] = [
    [
      "rank 0",
      { adapter: { ...adapter, rank: 0 } },
      { field: "rank", message: "rank: expected at least 1, got 0" },
    ],
    [
      "an empty rank",
      { adapter: { ...adapter, rank: Number.NaN } },
      { field: "rank", message: "rank: expected a number, got none" },
    ],
    [
      "a rank that is no number",
      { adapter: { ...adapter, rank: "eight" } },
      { field: "rank", message: 'rank: expected a number, got "eight"' },
    ],
    [
      "half a rank",
      { adapter: { ...adapter, rank: 1.5 } },
      { field: "rank", message: "rank: expected a whole number, got 1.5" },
    ],
    [
      "a rank larger than the layer",
      { adapter: { ...adapter, rank: 33 } },
      {
        field: "rank",
        message: "rank: expected at most 32 for model.layers.0.self_attn.q_proj [32, 32], got 33",
      },
    ],
    [
      "no target modules",
      { adapter: { ...adapter, targetModules: [] } },
      { field: "targetModules", message: "target modules: expected at least one, got []" },
    ],
    [
      "target modules that match nothing",
      { adapter: { ...adapter, targetModules: ["c_attn"] } },
      { field: "targetModules", message: expect.stringContaining("got c_attn, which matches no layer") },
    ],
    [
      "a negative learning rate",
      { learningRate: -1 },
      { field: "learningRate", message: "learning rate: expected at least 0, got -1" },
    ],
    [
      "full dropout",
      { adapter: { ...adapter, loraDropout: 1 } },
      { field: "loraDropout", message: "dropout: expected less than 1, got 1" },
    ],
    [
      "more warm-up than steps",
      { warmupSteps: 25 },
      { field: "warmupSteps", message: "warm-up steps: expected at most the 24 steps of the run, got 25" },
    ],
    [
      "a sequence longer than the model's positions",
      { sequenceLength: 65 },
      {
        field: "sequenceLength",
        message: "sequence length: expected at most 64, the positions of tiny-1, got 65",
      },
    ],
    [
      "biases where there are none",
      { method: "bitfit" },
      { field: "method", message: expect.stringContaining("biases") },
    ],
    [
      "an unknown setting",
      { stepz: 3 },
      { field: "stepz", message: "stepz: expected a setting of a run, got an unknown one" },
    ],
  ];
  it.each(cases)("refuses %s", async (_, change, problem) => {
    const { problems } = await session.estimate({ ...tinyConfig, ...change });
    expect(problems).toEqual([problem]);
  });

  it("counts what a valid run would take", async () => {
    const estimate = await session.estimate(tinyConfig);
    // Two layers: q_proj 32→32 and v_proj 32→16 at rank 4.
    expect(estimate).toMatchObject({
      trainableParameters: 2 * (4 * (32 + 32) + 4 * (32 + 16)),
      adaptedModules: 4,
      problems: [],
    });
    const { trained, gradients, optimizer } = estimate.memoryBytes;
    expect(trained).toBeGreaterThanOrEqual(4 * estimate.trainableParameters);
    expect([gradients, optimizer]).toEqual([trained, 2 * trained]);
    expect(estimate.tokensPerStep % 2).toBe(0);
    const packed = await session.estimate({ ...tinyConfig, packing: true });
    expect(packed.problems).toEqual([]);
    expect(packed.sequences).toBeLessThan(estimate.sequences!);
  });
});

describe("training data", () => {
  it.each([
    ["malformed JSON", '{"prompt":"a","completion":"b"}\n{"prompt":', "mine.jsonl: line 2: expected JSON"],
    ["an empty file", "", "mine.jsonl: expected examples, got an empty file"],
    ["bytes that are not UTF-8", Uint8Array.of(0x7b, 0xff, 0x0a), "mine.jsonl: line 1: expected UTF-8 text"],
  ])("refuses %s and keeps what was loaded", async (_, content, message) => {
    const problem = problemOf(await session.loadData(dataFile(content), options));
    expect(problem).toMatchObject({ field: "trainingData", message: expect.stringContaining(message) });
    expect(unwrap(await session.retokenize(options)).name).toBe("cats.jsonl");
  });

  it("refuses examples longer than the sequence, and takes them with a longer one without reading again", async () => {
    const content = JSON.stringify({ prompt: "a ".repeat(100), completion: "b" });
    const problem = problemOf(await session.loadData(dataFile(content), options));
    expect(problem).toMatchObject({
      field: "sequenceLength",
      message: expect.stringContaining("Raise the sequence length to at least"),
    });
    const updates: unknown[] = [];
    const longer = { ...options, sequenceLength: 256 };
    const info = unwrap(await session.retokenize(longer, (update) => updates.push(update)));
    expect(info).toMatchObject({ name: "mine.jsonl", exampleCount: 1 });
    expect(updates).toEqual([]);
    unwrap(await session.loadData(tinyData(), options));
  });

  it("reads what is good in a file with bad rows once they are to be skipped", async () => {
    const content =
      '{"prompt":"the a","completion":" cat"}\n{"prompt":\n{"prompt":"the b","completion":" a cat"}';
    const other = new StudioSession(undefined, shelf, emptyLab());
    unwrap(await other.loadModel(tinyModel(), () => {}));
    const problem = problemOf(await other.loadData(dataFile(content), options));
    expect(problem.badRows).toMatchObject({ count: 1, first: [{ place: "line 2" }] });
    const settings = { ...defaultDataSettings, skipBadRows: true };
    const info = unwrap(await other.loadData(dataFile(content), { ...options, settings }));
    expect(info).toMatchObject({ rowCount: 3, badRowCount: 1, exampleCount: 1, validationCount: 1 });
  });

  it("puts what is wrong with a mapping beside its setting, and takes the mended one", async () => {
    const refuse = async (template: string) => {
      const mapping = { kind: "template", template, learn: "lastColumn" } as const;
      return session.retokenize({ ...options, settings: { ...defaultDataSettings, mapping } });
    };
    expect(problemOf(await refuse("Q: {question}"))).toMatchObject({
      field: "mapping.template",
      message: expect.stringContaining("expected one of the columns prompt, completion"),
    });
    const info = unwrap(await refuse("{prompt} =>{completion}"));
    expect(info.mapping).toMatchObject({ kind: "template" });
    expect(info.preview[0]!.map(({ text }) => text).join("")).toMatch(/the [a-t] => +cat/);
    unwrap(await session.retokenize({ ...options, settings: defaultDataSettings }));
  });

  it("draws the held-out part anew without reading again, and takes a file for it", async () => {
    const settings = { ...defaultDataSettings, validationFraction: 0.5 };
    expect(unwrap(await session.retokenize({ ...options, settings }))).toMatchObject({
      exampleCount: 10,
      validationCount: 10,
    });
    const other = new StudioSession(undefined, shelf, emptyLab());
    unwrap(await other.loadModel(tinyModel(), () => {}));
    const source = {
      ...dataFile(await tinyData().file!.text()),
      validationFile: tinyData("held.jsonl").file,
    };
    expect(unwrap(await other.loadData(source, { ...options, settings }))).toMatchObject({
      exampleCount: 20,
      validationCount: 20,
      validationName: "held.jsonl",
    });
    unwrap(await session.retokenize({ ...options, settings: defaultDataSettings }));
  });

  it("gives up a reading when another one begins, or when told to", async () => {
    const text = Array.from({ length: 3000 }, (_, n) => `{"text":"the cat at the ${n}"}`).join("\n");
    const first = session.loadData(dataFile(text, "large.jsonl"), options);
    const second = session.loadData(tinyData(), options);
    expect(problemOf(await first).message).toContain("got cancelled");
    expect(unwrap(await second).name).toBe("cats.jsonl");
    const third = session.loadData(dataFile(text, "large.jsonl"), options, () => void session.cancelData());
    expect(problemOf(await third).message).toContain("got cancelled");
    expect(unwrap(await session.retokenize(options)).name).toBe("cats.jsonl");
  });

  it("sets a tenth aside, and shows what counts", async () => {
    const info = unwrap(await session.retokenize(options));
    expect(info).toMatchObject({ exampleCount: 18, validationCount: 2, truncatedCount: 0, droppedCount: 0 });
    expect(info.samplePrompt).toMatch(/^the [a-t]$/);
    const [first] = info.preview;
    const said = (counts: boolean) =>
      first!
        .filter((token) => token.counts === counts)
        .map(({ text }) => text)
        .join("");
    expect(said(false)).toMatch(/the [a-t]$/);
    expect(said(true)).toMatch(/^ +cat ([a-t])\1/);
  });
});

describe("models", () => {
  const changed = (change: (files: Map<string, File>) => void): ModelSource => {
    const files = new Map(tinyModel().files!.map((file) => [file.name, file]));
    change(files);
    return { kind: "files", name: "changed", files: [...files.values()] };
  };
  it.each([
    [
      "a missing tokenizer",
      changed((files) => files.delete("tokenizer.json")),
      "tokenizer.json: expected this file in the model folder",
    ],
    [
      "truncated weights",
      changed((files) => {
        const weights = files.get("model.safetensors")!;
        files.set(weights.name, new File([weights.slice(0, weights.size - 10)], weights.name));
      }),
      "The file is truncated",
    ],
    [
      "no files",
      { kind: "files", name: "none", files: [] } as ModelSource,
      "expected the files of a model folder",
    ],
  ])("refuses %s and keeps the one in use", async (_, source, message) => {
    const problem = problemOf(await session.loadModel(source, () => {}));
    expect(problem).toEqual({ field: "model", message: expect.stringContaining(message) });
    expect((await session.estimate(tinyConfig)).problems).toEqual([]);
  });

  it("takes one whose embedding the adapter cannot bind at once, but for training all of it", async () => {
    const maxBindingBytes = 2 ** 21;
    const model = await readModel(tinyModel(1, { vocab_size: 40_000 }), () => {}); // its embedding: 2.4 MB
    expect(() => checkModelFits(model.folder, { maxBindingBytes })).not.toThrow();
    expect(() => checkModelFits(model.folder, { maxBindingBytes: 64 * 32 * 2 - 1 })).toThrow(
      "model.embed_tokens.weight[0:64] needs 0.0 MB, this adapter binds at most 0.0 MB",
    );
    const gpu = { name: "small", isSoftware: true, tiling: registerTiling, maxBindingBytes };
    const short = { ...tinyConfig, batchSize: 1, sequenceLength: 8 };
    const { problems, largestBuffer } = estimateRun(short, model, undefined, gpu);
    expect(problems).toEqual([]);
    expect(largestBuffer.bytes).toBeLessThanOrEqual(maxBindingBytes);
    const full = estimateRun({ ...short, method: "full" }, model, undefined, gpu);
    expect(full.problems).toEqual([
      {
        field: "method",
        message: expect.stringMatching(
          /at most 2\.0 MB, .* got 4\.9 MB for what is trained\. Train an adapter/,
        ),
      },
    ]);
  });
});

describe("adapters", () => {
  it("refuses a zip without one, and something else than an adapter", async () => {
    const zip = new File([Uint8Array.of(1, 2, 3)], "broken.zip");
    expect(problemOf(await session.importAdapter([zip]))).toEqual({
      field: "adapter",
      message: expect.stringMatching(/^broken\.zip: expected/),
    });
    expect(problemOf(await session.importAdapter([new File(["x"], "photo.png")])).message).toContain(
      "got photo.png",
    );
    expect(await session.currentAdapter()).toBeNull();
  });
});

it("does not train without a GPU, and says so", async () => {
  expect(problemOf(await session.train(tinyConfig, () => {})).message).toMatch(
    /^GPU: expected one to compute on/,
  );
});
