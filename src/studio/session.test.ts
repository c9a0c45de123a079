// The session as the page uses it, on a real device and a real IndexedDB, with a tiny random model.
import { unzipSync } from "fflate";
import { deleteDB } from "idb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import {
  collect,
  emptyLab,
  exportedWeights,
  exportedZip,
  openSession,
  problemOf,
  trainToEnd,
  unwrap,
} from "./testing/sessionCalls";
import { tinyConfig as config, tinyModel } from "./testing/tinyModel";

let database = "";
let shelf: RunShelf;
beforeEach(() => {
  database = `session-test-${crypto.randomUUID()}`;
  shelf = new RunShelf(database, navigator.locks);
});
afterEach(async () => {
  await shelf.close();
  await deleteDB(database);
});

describe("a run", () => {
  it("reports its steps, is kept with its chart, and leaves an adapter", async () => {
    const session = await openSession(shelf);
    const { record, end, updates } = await trainToEnd(session);
    expect(end).toMatchObject({ type: "end", outcome: "done", step: 24 });
    const steps = updates.filter((update) => update.type === "step");
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    expect(steps.at(-1)!.loss).toBeLessThan(steps[0]!.loss - 0.1);

    const [kept] = await shelf.list();
    expect(kept).toMatchObject({ id: record.id, status: "done", step: 24, hasCheckpoint: true });
    const history = await shelf.history(record.id);
    expect(history.steps).toEqual(steps);
    expect(history.evaluations.map(({ step }) => step)).toEqual([0, 6, 12, 18, 24]);
    expect(await session.currentAdapter()).toMatchObject({
      origin: "run",
      rank: 4,
      trainableParameters: record.trainableParameters,
    });
  });
});

describe("Compare", () => {
  const request = { prompt: "the c", maxNewTokens: 12, temperature: 0, topK: 0, topP: 1, seed: 0 };

  it("answers from both, also while a run goes on, and the base is untouched by training", async () => {
    const session = await openSession(shelf);
    const ask = async (use: "base" | "adapter") => {
      let streamed = "";
      const answer = unwrap(
        await session.generate({ ...request, use }, (piece) => {
          streamed += piece;
        }),
      );
      expect(streamed).toBe(answer.text);
      return answer;
    };
    const before = await ask("base");
    expect(before.tokenCount).toBeGreaterThan(0);
    expect(problemOf(await session.generate({ ...request, use: "adapter" }, () => {})).message).toMatch(
      /^adapter: expected a trained one/,
    );
    const { ended, onUpdates } = collect();
    unwrap(await session.train({ ...config, learningRate: 3e-2, steps: 40 }, onUpdates));
    expect((await ask("base")).text).toBe(before.text);
    await ended;
    expect((await ask("base")).text).toBe(before.text);
    expect((await ask("adapter")).text).not.toBe(before.text);
  });
});

describe("the adapter's way out and in", () => {
  it("exports what imports again to the same bytes, and refuses it on another model", async () => {
    const session = await openSession(shelf);
    const { record } = await trainToEnd(session, { ...config, steps: 6 });
    const { bytes, fileName } = await exportedZip(session);
    expect(fileName).toBe("cats-jsonl-rank-4.zip");
    const files = unzipSync(bytes);
    expect(Object.keys(files).sort()).toEqual([
      "README.md",
      "adapter_config.json",
      "adapter_model.safetensors",
      "run.json",
    ]);
    const run = JSON.parse(new TextDecoder().decode(files["run.json"]));
    expect(run.run.steps).toHaveLength(6);
    expect(run.run.config).toEqual(record.config);
    const card = new TextDecoder().decode(files["README.md"]);
    expect(card).toContain("| Training data | cats.jsonl |");
    expect(card).toContain("PeftModel.from_pretrained");

    const other = await openSession(shelf);
    const zip = new File([bytes], "mine.zip");
    expect(unwrap(await other.importAdapter([zip]))).toMatchObject({
      name: "mine",
      origin: "import",
      rank: 4,
    });
    expect(await exportedWeights(other)).toEqual(files["adapter_model.safetensors"]);
    const pair = ["adapter_config.json", "adapter_model.safetensors"].map(
      (name) => new File([new Uint8Array(files[name]!)], name),
    );
    unwrap(await other.importAdapter(pair));
    expect(await exportedWeights(other)).toEqual(files["adapter_model.safetensors"]);

    unwrap(await other.loadModel(tinyModel(2, { hidden_size: 64, head_dim: 16 }), () => {}));
    expect(await other.currentAdapter()).toBeNull();
    expect(problemOf(await other.importAdapter([zip]))).toEqual({
      field: "adapter",
      message: expect.stringContaining(
        "expected weight [64, 64] as in the loaded model, got weight [32, 32]",
      ),
    });
    expect(problemOf(await other.importAdapter(pair.slice(1))).message).toContain(
      "adapter_config.json: expected",
    );
  });
});

describe("full fine-tuning", () => {
  it("answers with what it trained, and exports the whole model", async () => {
    const session = await openSession(shelf);
    const ask = async (use: "base" | "adapter") => {
      const request = { prompt: "the c", maxNewTokens: 8, temperature: 0, topK: 0, topP: 1, seed: 0, use };
      return unwrap(await session.generate(request, () => {})).text;
    };
    const { record } = await trainToEnd(session, { ...config, method: "full", steps: 8 });
    expect(await session.currentAdapter()).toMatchObject({ method: "full", rank: 0 });
    expect(await ask("adapter")).not.toBe(await ask("base"));
    const { bytes } = await exportedZip(session);
    const files = Object.entries(unzipSync(bytes)).map(([name, content]) => new File([content], name));
    expect(files.map(({ name }) => name)).toContain("README.md");
    const tuned = new StudioSession(navigator.gpu, shelf, emptyLab());
    unwrap(await tuned.start(() => {}));
    const info = unwrap(await tuned.loadModel({ kind: "files", name: "tuned", files }, () => {}));
    expect(info).toMatchObject({ parameterCount: record.trainableParameters, dtype: "F32" });
    const request = { prompt: "the c", maxNewTokens: 8, temperature: 0, topK: 0, topP: 1, seed: 0 };
    expect(unwrap(await tuned.generate({ ...request, use: "base" }, () => {})).text).toBe(
      await ask("adapter"),
    );
  });
});
