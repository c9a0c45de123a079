// The base in fewer bits, as the page asks for it: smaller, trained beside, and not mixed up with the file's own.
import { deleteDB } from "idb";
import { expect, it } from "vitest";
import { defaultDataSettings } from "../data/config";
import { RunShelf } from "./runShelf";
import { collect, openSession, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

it("trains beside a base in 4 bits, which later models are kept in too", async () => {
  const database = `base-weights-test-${crypto.randomUUID()}`;
  const shelf = new RunShelf(database, navigator.locks);
  const session = await openSession(shelf);
  const before = await session.estimate(tinyConfig);
  const fractions: number[] = [];
  unwrap(await session.setBaseWeights("nf4", (fraction) => fractions.push(fraction)));
  expect(fractions.at(-1)).toBe(1);
  const after = await session.estimate(tinyConfig);
  expect(after.memoryBytes.weights).toBeLessThan(0.75 * before.memoryBytes.weights);
  expect(after.memoryBytes.activations).toBe(before.memoryBytes.activations);
  unwrap(await session.loadModel(tinyModel(), () => {}));
  expect((await session.estimate(tinyConfig)).memoryBytes).toEqual(after.memoryBytes);
  const { problems } = await session.estimate({ ...tinyConfig, method: "full" });
  expect(problems).toEqual([
    { field: "method", message: expect.stringContaining("expected lora or bitfit on a base in fewer bits") },
  ]);

  const stopped = collect();
  const record = unwrap(await session.train(tinyConfig, stopped.onUpdates));
  await stopped.next((update) => update.type === "saved");
  await session.stop();
  await stopped.ended;
  expect(record.quantisation).toBe("nf4");
  unwrap(await session.setBaseWeights(null, () => {}));
  expect(problemOf(await session.resumeRun(record.id, () => {})).message).toContain(
    "expected tiny-1 with base weights in 4 bits (NF4), got tiny-1. Load the model",
  );
  await shelf.close();
  await deleteDB(database);
});

it("says what to do for memory that a long run takes", async () => {
  const database = `base-weights-test-${crypto.randomUUID()}`;
  const shelf = new RunShelf(database, navigator.locks);
  const session = await openSession(shelf);
  const small = await session.estimate(tinyConfig);
  expect(small.remedies).toEqual([]);
  const large = { ...tinyConfig, batchSize: 32_768 };
  const { remedies, memoryBytes, largestBuffer } = await session.estimate(large);
  expect(remedies.map(({ kind }) => kind)).toEqual(["gradientCheckpointing"]); // 24 tokens are few already
  expect(largestBuffer.mostBytes).toBeGreaterThan(0);
  const then = await session.estimate({ ...large, gradientCheckpointing: true });
  const savedBytes = memoryBytes.activations - then.memoryBytes.activations;
  expect(remedies[0]!.savedBytes).toBe(savedBytes);
  expect(then.remedies).toEqual([]);

  const short = await tinyData().file!.text();
  const long = JSON.stringify({ prompt: "the a", completion: " cat".repeat(40) });
  const file = new File([`${short}\n${long}\n${long}`], "long.jsonl");
  const options = {
    sequenceLength: 64,
    seed: 0,
    settings: { ...defaultDataSettings, validationFraction: 0 },
  };
  unwrap(await session.loadData({ kind: "file", name: file.name, file }, options));
  const shorter = (await session.estimate({ ...large, sequenceLength: 64 })).remedies.at(-1);
  expect(shorter).toMatchObject({ kind: "sequenceLength", cuts: { count: 2, of: 22 } });
  await shelf.close();
  await deleteDB(database);
});
