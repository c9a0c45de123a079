// A race on the model that a visitor gets, against each of its cells alone: the same bytes, and what it costs in time.
// A few steps in every test run; fifty with VITE_RACE_STEPS=50 in the environment.
import { expect, it } from "vitest";
import { blobSource } from "../data/byteSource";
import { defaultDataSettings } from "../data/config";
import { prepareData } from "../data/prepare";
import { cutExamples } from "../data/tokenize";
import { writePeftAdapter } from "../formats/peft";
import { readModelFolder } from "../models/modelFolder";
import { uploadModel } from "../models/residentModel";
import { trainConfigSchema } from "./config";
import { Race } from "./race";
import { fetchEmbeddedModel, fetchPublic } from "./testing/embedded";
import { testGpu } from "./testing/golden";
import { Trainer } from "./trainer";

const steps = Number(import.meta.env.VITE_RACE_STEPS ?? 4);

const cells = [
  { seed: 0, learningRate: 5e-3, rank: 1, targetModules: ["q_proj"] },
  { seed: 1, learningRate: 2e-3, rank: 8, targetModules: ["q_proj", "v_proj"] },
  { seed: 2, learningRate: 1e-3, rank: 64, targetModules: ["q_proj", "o_proj", "down_proj"] },
].map(({ rank, targetModules, ...rest }) =>
  trainConfigSchema.parse({
    ...{ ...rest, dataSeed: 0, steps, batchSize: 1, evaluateEvery: 0, checkpointEvery: 0 },
    adapter: { rank, targetModules, loraDropout: 0.1 },
  }),
);

it(`fable-1m: after ${steps} steps every cell of a race has the bytes that it has alone`, {
  timeout: 600_000,
}, async () => {
  const gpu = await testGpu();
  const folder = await readModelFolder(await fetchEmbeddedModel());
  const data = await fetchPublic("datasets/calendar/train.jsonl");
  const file = blobSource("train.jsonl", new Blob([data]));
  const prepared = await prepareData(file, folder.tokenizer, { settings: defaultDataSettings });
  const { examples } = cutExamples(prepared, 40);
  const model = await uploadModel(gpu, folder);
  const options = { gpu, weights: folder, model, baseModelName: null, examples, evaluationExamples: [] };
  const race = await Race.create({ ...options, cells: cells.map((config) => ({ config })) });
  let startMs = performance.now();
  await race.run(() => {});
  const togetherMs = performance.now() - startMs;
  let aloneMs = 0;
  for (const [cell, config] of cells.entries()) {
    const trainer = await Trainer.create({ ...options, config });
    startMs = performance.now();
    await trainer.run(() => {});
    aloneMs += performance.now() - startMs;
    const [alone, raced] = [await trainer.readAdapter(), await race.readAdapter(cell)].map(
      (adapter) => writePeftAdapter(adapter)["adapter_model.safetensors"],
    );
    expect(raced, `cell ${cell}`).toEqual(alone);
    trainer.destroy();
  }
  race.destroy();
  model.release();
  console.info(
    `race of ${cells.length} cells, ${steps} steps of fable-1m: ${(togetherMs / 1000).toFixed(1)} s, ` +
      `one after the other ${(aloneMs / 1000).toFixed(1)} s: ${(aloneMs / togetherMs).toFixed(2)} ×; same bytes`,
  );
});
