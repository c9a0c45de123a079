// The session as the page uses it, on a real device and a real IndexedDB, with a tiny random model.
import { deleteDB } from "idb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Result, RunUpdate, TrainConfigInput } from "./messages";
import { RunShelf } from "./runShelf";
import { StudioSession } from "./session";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

const config: TrainConfigInput = {
  ...tinyConfig,
  adapter: { ...tinyConfig.adapter, targetModules: [...tinyConfig.adapter.targetModules] },
};
const options = { sequenceLength: 24, seed: 3 };

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

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.problem.message);
  return result.value;
}
function problemOf<T>(result: Result<T>) {
  expect(result.ok).toBe(false);
  return (result as Extract<Result<T>, { ok: false }>).problem;
}

/** A session with model and data loaded. */
async function openSession(gpu: GPU = navigator.gpu): Promise<StudioSession> {
  const session = new StudioSession(gpu, shelf);
  unwrap(await session.start(() => {}));
  unwrap(await session.loadModel(tinyModel(), () => {}));
  unwrap(await session.loadData(tinyData(), options));
  return session;
}

/** Collects a run's updates; `ended` resolves with the last one. */
function collect(onUpdate: (update: RunUpdate) => void = () => {}) {
  const updates: RunUpdate[] = [];
  let finish: (end: RunUpdate) => void = () => {};
  const ended = new Promise<RunUpdate>((resolve) => {
    finish = resolve;
  });
  const onUpdates = (batch: readonly RunUpdate[]) => {
    for (const update of batch) {
      updates.push(update);
      onUpdate(update);
      if (update.type === "end" || update.type === "interrupted") finish(update);
    }
  };
  return { updates, ended, onUpdates };
}

async function trainToEnd(session: StudioSession, input: TrainConfigInput = config) {
  const { updates, ended, onUpdates } = collect();
  const record = unwrap(await session.train(input, onUpdates));
  return { record, end: await ended, updates };
}

describe("a run", () => {
  it("reports its steps, is kept with its chart, and leaves an adapter", async () => {
    const session = await openSession();
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
    const session = await openSession();
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
      /^adapter: expected one/,
    );
    const { ended, onUpdates } = collect();
    unwrap(await session.train({ ...config, learningRate: 3e-2, steps: 40 }, onUpdates));
    expect((await ask("base")).text).toBe(before.text);
    await ended;
    expect((await ask("base")).text).toBe(before.text);
    expect((await ask("adapter")).text).not.toBe(before.text);
  });
});

describe("refusals", () => {
  it("keeps what was loaded before when the next is bad", async () => {
    const session = await openSession();
    const bad = new File(['{"prompt":"a"}'], "bad.jsonl");
    expect(
      problemOf(await session.loadData({ kind: "file", name: "bad.jsonl", file: bad }, options)),
    ).toEqual({
      field: "trainingData",
      message: "bad.jsonl: line 1.completion: expected string, got nothing.",
    });
    expect((await session.estimate(config)).problems).toEqual([]);
  });
});
