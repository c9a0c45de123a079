// The store against a real session on a real device: what the page shows after what a person does.
import { deleteDB } from "idb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RunShelf } from "../runShelf";
import { StudioSession } from "../session";
import { emptyLab } from "../testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "../testing/tinyModel";
import { filesOfHandles } from "./modelHandles";
import { createStudioStore } from "./studioStore";

const database = "store-test";
let shelf: RunShelf;
let store: ReturnType<typeof createStudioStore>;
beforeEach(async () => {
  await deleteDB(database);
  shelf = new RunShelf(database, navigator.locks);
  const session = new StudioSession(navigator.gpu, shelf, emptyLab());
  store = createStudioStore(() => session);
});
afterEach(() => shelf.close());

const state = () => store.getState();
const until = (what: () => boolean) => expect.poll(what, { timeout: 60_000 }).toBe(true);

/** The tiny model and data in place of the embedded ones, and a short run in the form. */
async function setUp(): Promise<void> {
  await state().start();
  await state().loadModel(tinyModel());
  await state().loadData(tinyData());
  const { setSetting } = state();
  setSetting("sequenceLength", 24);
  setSetting("steps", "12"); // as typed
  setSetting("batchSize", 2);
  setSetting("checkpointEvery", 4);
  setSetting("rank", tinyConfig.adapter!.rank!);
  await until(() => state().data.status === "ready" && state().estimate?.problems.length === 0);
}

it("starts with the embedded model and the first sample, ready to train", async () => {
  await Promise.all([state().start(), state().start()]);
  expect(state()).toMatchObject({
    gpu: { status: "ready" },
    model: { status: "ready", source: { kind: "embedded" }, progress: 1 },
    data: { status: "ready", source: { kind: "sample" } },
    run: { status: "idle" },
    runs: [],
  });
  expect(state().samples.length).toBeGreaterThanOrEqual(2);
  expect(state().estimate?.problems).toEqual([]);
  expect(state().compare.prompt).toBe(state().data.info?.samplePrompt);
});

it("trains, keeps, opens, answers, renames and deletes", async () => {
  await setUp();
  await state().train();
  expect(state().run.status).toBe("running");
  await until(() => state().run.status === "done");
  await until(() => state().adapter !== undefined);
  const { run, runs, adapter } = state();
  expect(run.history.steps.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(run).toMatchObject({
    savedStep: 12,
    etaMs: 0,
    record: { status: "done", step: 12, hasCheckpoint: true },
  });
  expect(runs).toMatchObject([{ id: run.record?.id, status: "done" }]);
  expect(adapter).toMatchObject({ origin: "run", rank: 4 });

  state().setPrompt("the a");
  state().setCompareSetting("maxNewTokens", "6");
  await state().generate();
  const { base, adapter: answer } = state().compare;
  for (const column of [base, answer]) {
    expect(column.busy).toBe(false);
    expect(column.text).toBe(column.result?.text);
  }
  state().setCompareSetting("topP", "2");
  await state().generate();
  expect(state().compare.base.problem?.message).toContain("top-p: expected");

  const { id } = run.record!;
  await state().renameRun(id, "first");
  expect(state().runs[0]?.name).toBe("first");
  expect(state().run.record?.name).toBe("first");
  const loaded = state().run.history;
  await state().train();
  await until(() => state().run.status === "done" && state().run.record?.id !== id);
  await until(() => state().runs.length === 2);
  await state().openRun(id);
  expect(state().run).toMatchObject({ status: "done", record: { name: "first" } });
  expect(state().run.history).toEqual(loaded);
  await state().useRun(id);
  expect(state().adapter?.name).toBe("first");
  await state().deleteRun(id);
  expect(state().runs).toHaveLength(1);
  expect(state().run.status).toBe("idle");
});

it("shows a mistake beside its field, asks only for the last word, and starts nothing", async () => {
  await setUp();
  for (const rank of ["1", "16", "160", ""]) state().setSetting("rank", rank);
  await until(() => state().estimate?.problems[0]?.field === "rank");
  expect(state().estimate?.problems).toEqual([
    { field: "rank", message: "rank: expected a number, got none" },
  ]);
  await state().train();
  expect(state().run).toMatchObject({ status: "idle", problem: { field: "rank" } });
  expect(state().runs).toEqual([]);

  const file = new File(['{"prompt":'], "bad.jsonl");
  await state().loadData({ kind: "file", name: "bad.jsonl", file });
  expect(state().data).toMatchObject({
    status: "failed",
    problem: { field: "trainingData", message: expect.stringMatching(/^bad\.jsonl: line 1: /) },
    source: { name: "cats.jsonl" },
    info: { name: "cats.jsonl" },
  });

  const long = new File([JSON.stringify({ prompt: "the ".repeat(60), completion: " cat" })], "long.jsonl");
  await state().loadData({ kind: "file", name: "long.jsonl", file: long });
  expect(state().data).toMatchObject({ status: "failed", attempted: { name: "long.jsonl" } });
  state().setSetting("sequenceLength", 128);
  await until(() => state().data.status === "ready");
  expect(state().data).toMatchObject({ source: { name: "long.jsonl" }, info: { exampleCount: 1 } });
  await state().loadModel({ kind: "files", name: "nothing", files: [] });
  expect(state().model).toMatchObject({ status: "failed", info: { name: "tiny-1" } });
});

it("finds the model's files again when a run goes on, and tells when they are others", async () => {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("model-on-disk", { create: true });
  const write = async (name: string, content: Blob) => {
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.write(content);
    await writable.close();
  };
  const chosen = tinyModel();
  for (const file of chosen.files) await write(file.name, file);
  await setUp();
  const files = await filesOfHandles([folder]);
  await state().loadModel({ kind: "files", name: "model-on-disk", files, handles: [folder] });
  state().setSetting("steps", "24");
  await until(() => state().estimate?.problems.length === 0);
  await state().train();
  await until(() => (state().run.savedStep ?? 0) >= 4);
  await state().stop();
  await until(() => state().run.status === "stopped");
  const { id, step } = state().run.record!;

  // The page is opened anew, with the model that it comes with.
  const session = new StudioSession(navigator.gpu, shelf, emptyLab());
  const store = createStudioStore(() => session);
  const again = () => store.getState();
  await again().start();
  expect(again().model.source?.kind).toBe("embedded");

  const config = chosen.files.find(({ name }) => name === "config.json")!;
  await write("config.json", new Blob([config, "\n"]));
  await again().resumeRun(id);
  expect(again().run.problem?.message).toMatch(
    /^model-on-disk has changed since .*config\.json \(expected \d+ bytes of .*, got \d+ bytes of .* put the files back/,
  );
  expect(again().model.source?.kind).toBe("embedded"); // nothing was loaded

  await write("config.json", new Blob([(await config.text()).replace("0.00001", "0.00002")]));
  await again().resumeRun(id);
  expect(again().run.problem?.message).toMatch(
    /model-on-disk has changed since .*: config\.json was written to\./,
  );

  await write("config.json", config); // later, but the same
  await again().resumeRun(id);
  await until(() => again().run.status === "done");
  expect(again().run.history.steps.map((each) => each.step)).toEqual(
    Array.from({ length: 24 }, (_, i) => i + 1),
  );
  expect(step).toBeLessThan(24);
  expect(again().model.source).toMatchObject({ kind: "files", name: "model-on-disk" });
  await root.removeEntry("model-on-disk", { recursive: true });
});
