// Parity with PEFT on the model and data that the studio ships, through our own tokenizer and batches: what the
// command line's --no-shuffle does.
import { describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { blobSource } from "../data/byteSource";
import { defaultDataSettings } from "../data/config";
import { prepareData } from "../data/prepare";
import { cutExamples } from "../data/tokenize";
import { sequenceLogits } from "../generate/logits";
import { uploadAdapter } from "../lora/residentAdapter";
import { readModelFolder } from "../models/modelFolder";
import { uploadModel } from "../models/residentModel";
import { trainConfigSchema } from "./config";
import { stepShapeOf, TrainSession } from "./session";
import { fetchEmbeddedModel, fetchPublic } from "./testing/embedded";
import { curveConfig, loadCase, loadCaseAdapter, relativeError, testGpu } from "./testing/golden";
import { traineeOf } from "./trainee";
import { Trainer } from "./trainer";

const datasets = ["calendar", "restaurants"];

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function load(dataset: string) {
  const files = await fetchEmbeddedModel();
  const data = await fetchPublic(`datasets/${dataset}/train.jsonl`);
  const golden = `fable-1m-${dataset}`;
  const source = JSON.parse(new TextDecoder().decode(await loadGolden(`${golden}/source.json`)));
  const actual = {
    model_sha256: await sha256(files.get("model.safetensors")!),
    tokenizer_sha256: await sha256(files.get("tokenizer.json")!),
    data_sha256: await sha256(data),
  };
  expect(source, "the golden is of another model or data: run oracle/makeGoldens.py embedded").toMatchObject(
    actual,
  );
  const folder = await readModelFolder(files);
  const file = blobSource("train.jsonl", new Blob([data]));
  const prepared = await prepareData(file, folder.tokenizer, { settings: defaultDataSettings });
  const examples = [...cutExamples(prepared, 64).examples];
  return { golden, folder, examples };
}

describe.each(datasets)("fable-1m on %s", (dataset) => {
  it("has PEFT's tokens, logits, loss and gradients", async () => {
    const gpu = await testGpu();
    const { golden, folder, examples } = await load(dataset);
    const expected = await loadCase(golden);
    examples.slice(0, 8).forEach(({ ids, lossMask }, i) => {
      expect([...ids]).toEqual([...expected.examples[i]!.ids]);
      expect([...lossMask]).toEqual([...expected.examples[i]!.lossMask]);
    });

    const model = await uploadModel(gpu, folder);
    const peft = await loadCaseAdapter(golden, "adapter");
    const adapter = await uploadAdapter(gpu, model, peft);
    const sequences = [examples[0]!.ids];
    const base = relativeError(await sequenceLogits(gpu, model, {}, sequences), expected.baseLogits);
    const adapted = relativeError(
      await sequenceLogits(gpu, model, adapter.injection, sequences),
      expected.logits,
    );
    adapter.release();

    const config = trainConfigSchema.parse({ batchSize: 8, learningRate: 0, maxGradNorm: 0, shuffle: false });
    const trainee = traineeOf(config, folder, null, peft);
    const shape = stepShapeOf(config, folder.config.vocabSize, examples, []);
    const session = await TrainSession.open(gpu, model, [{ config, trainee }], shape);
    const [reading] = await session.submitStep(0, session.batchesOf(0, examples), false);
    const { loss } = reading!;
    const gradients = await session.readGradients(0);
    session.close();
    model.release();
    const gradientErrors = [...expected.gradients].map(([name, values]) =>
      relativeError(gradients.get(name)!, values),
    );
    const worst = Math.max(...gradientErrors);
    console.info(
      `parity ${golden}: logits base ${base.toExponential(1)} adapter ${adapted.toExponential(1)}, ` +
        `loss ${Math.abs(loss - expected.loss).toExponential(1)}, gradients ${worst.toExponential(1)}`,
    );
    expect(base).toBeLessThan(1e-4);
    expect(adapted).toBeLessThan(1e-4);
    expect(Math.abs(loss - expected.loss)).toBeLessThan(1e-5);
    expect(gradientErrors).toHaveLength(gradients.size);
    expect(worst).toBeLessThan(1e-3);
  });
});

/** All 50 steps take minutes on a software adapter: the first ones in every test run, all with `npm run test:parity`. */
const steps = import.meta.env.WHOLE_RUNS ? 50 : 5;

it(`fable-1m on calendar: ${steps} steps follow PEFT's losses, and 50 end at its adapter`, {
  timeout: 400_000,
}, async () => {
  const gpu = await testGpu();
  const { golden, folder, examples } = await load("calendar");
  const curve = JSON.parse(new TextDecoder().decode(await loadGolden(`${golden}/curve.json`)));
  const config = curveConfig(curve);
  const model = await uploadModel(gpu, folder);
  const trainer = await Trainer.create({
    gpu,
    weights: folder,
    model,
    baseModelName: null,
    config,
    examples,
    evaluationExamples: [],
    initialAdapter: await loadCaseAdapter(golden, "adapter_initial"),
  });
  const losses: number[] = [];
  await trainer.run((event) => {
    if (event.type !== "step") return;
    losses.push(event.loss);
    if (event.step === steps) trainer.stop();
  });
  const { factors } = await trainer.readAdapter();
  trainer.destroy();
  model.release();
  const curveError = Math.max(...losses.map((loss, i) => Math.abs(loss - curve.losses[i])));
  console.info(`parity ${golden}: ${losses.length} steps, loss ${curveError.toExponential(1)}`);
  expect(losses.length).toBeGreaterThanOrEqual(steps); // and those that were under way
  expect(curveError).toBeLessThan(2e-3);
  if (losses.length < 50) return;
  const final = await loadCaseAdapter(golden, "adapter_final");
  const errors = [...final.factors].flatMap(([path, { loraA, loraB }]) => [
    relativeError(factors.get(path)!.loraA, loraA),
    relativeError(factors.get(path)!.loraB, loraB),
  ]);
  console.info(`parity ${golden}: A and B after 50 steps ${Math.max(...errors).toExponential(1)}`);
  expect(Math.max(...errors)).toBeLessThan(1e-2);
});
