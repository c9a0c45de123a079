// Trained models of other people, from ../shared/data: they must do here what their authors say they do.
import { describe, expect, it } from "vitest";
import { loadShared } from "../../oracle/goldens";
import { bytesSource } from "../formats/byteSource";
import { isLlama2c, llama2cFolder } from "../formats/llama2c";
import { storedTensors } from "../formats/storedTensor";
import type { Tensor } from "../formats/tensor";
import { heldTensors } from "../formats/testing/heldTensors";
import { architectureOf } from "../models/architecture";
import { readModelConfig } from "../models/families";
import { attendWithinBatch, modelHidden, modelLogits } from "../models/forward";
import { type ModelFolder, readModelFolder } from "../models/modelFolder";
import { type ModelWeights, uploadModel } from "../models/residentModel";
import { segmentsOf } from "../ops/segments";
import { array } from "../ops/testing/arrays";
import { Harness } from "../ops/testing/harness";
import { relativeError, testGpu } from "../train/testing/golden";
import { Generator } from "./generator";
import { sequenceLogits } from "./logits";

const greedy = { temperature: 0, topK: 0, topP: 1 };

describe("stories260K, a llama2.c checkpoint", () => {
  const load = async (name: string): Promise<ModelFolder | undefined> => {
    const checkpoint = await loadShared(`models/stories260K/${name}`);
    const tokenizer = await loadShared("models/stories260K/tok512.bin");
    if (!checkpoint || !tokenizer) return undefined;
    const files = new Map([
      [name, bytesSource(name, checkpoint)],
      ["tok512.bin", bytesSource("tok512.bin", tokenizer)],
    ]);
    expect(isLlama2c(files)).toBe(true);
    return readModelFolder(await llama2cFolder(files));
  };

  it("tells its authors' story byte for byte", async ({ skip }) => {
    const model = await load("stories260K.bin");
    const expected = await loadShared("models/stories260K/expected_greedy_200.txt");
    if (!model || !expected) return skip("../shared/data/models is absent");
    const gpu = await testGpu();
    const resident = await uploadModel(gpu, model);
    const generator = await Generator.create({ gpu, model: resident, contextLength: 204 });
    // Its authors take 200 steps from the start-of-text token.
    const request = { promptIds: [1], maxNewTokens: 200, sampling: greedy, seed: 0, stopTokenIds: [1] };
    const { ids } = await generator.generate(request);
    generator.destroy();
    resident.release();
    expect(model.tokenizer.decode(ids)).toBe(new TextDecoder().decode(expected));
  });

  it("is the same model in the later format, and its tokenizer takes its text apart and together", async ({
    skip,
  }) => {
    const model = await load("stories260K.bin");
    const later = await load("stories260K_export_v1.bin");
    if (!model || !later) return skip("../shared/data/models is absent");
    expect(later.config).toEqual(model.config);
    expect(await heldTensors(later)).toEqual(await heldTensors(model));
    const text = "Once upon a time, there was a little girl — Zoë — with 3 cats.";
    const ids = model.tokenizer.encode(text, { addSpecialTokens: true });
    expect(ids.slice(0, 5)).toEqual([1, 403, 407, 261, 378]); // llama2.c's own: "Once upon a time"
    expect(model.tokenizer.decode(ids)).toBe(text);
  });
});

describe("gpt-nano-sort, a GPT-2 of minGPT", () => {
  interface Stored {
    readonly shape: readonly number[];
    readonly data: string;
  }
  type StoredFile = Record<string, Stored> & { config: Record<string, number> };
  const load = async (name: string): Promise<StoredFile | undefined> => {
    const bytes = await loadShared(`models/gpt-nano-sort/gpt-nano-sort-${name}.json`);
    return bytes && JSON.parse(new TextDecoder().decode(bytes));
  };
  const bytesOf = ({ data }: Stored) => Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const valuesOf = (stored: Stored) => new Float32Array(bytesOf(stored).buffer);

  async function loadModel(): Promise<ModelWeights | undefined> {
    const file = await load("model");
    if (!file) return undefined;
    const { n_layer, n_head, n_embd, vocab_size, block_size } = file.config;
    const json = { model_type: "gpt2", n_layer, n_head, n_embd, vocab_size, n_positions: block_size };
    const text = JSON.stringify({ ...json, tie_word_embeddings: false });
    const config = readModelConfig(new TextEncoder().encode(text));
    const tensors = new Map<string, Tensor>();
    // minGPT stores linear weights as [out, in], which is how the engine takes them.
    for (const [name, shape] of architectureOf(config).tensors) {
      expect(file[name]!.shape).toEqual(shape);
      tensors.set(name, { dtype: "F32", shape, bytes: bytesOf(file[name]!) });
    }
    return { config, tensors: storedTensors(tensors) };
  }

  it("has its recorded activations layer by layer", async ({ skip }) => {
    const weights = await loadModel();
    const recorded = await load("t0-partials");
    if (!weights || !recorded) return skip("../shared/data/models is absent");
    const { config } = weights;
    const [B, T] = recorded.idx!.shape as [number, number];
    const gpu = await testGpu();
    const model = await uploadModel(gpu, weights);
    const harness = await Harness.open(gpu.device, { training: false });
    const { trace } = harness;
    const tokens = await harness.upload("tokens", array([B * T], valuesOf(recorded.idx!), "u32"));
    const segments = await harness.upload(
      "segments",
      array([2 * B * T], segmentsOf(new Array(B).fill([T]), T), "u32"),
    );
    const parameters = { weight: (name: string) => model.tensors.get(name)!, lowRank: () => undefined };
    const inputs = { batchSize: B, sequenceLength: T, tokens, angles: tokens };
    const hidden = modelHidden(trace, config, parameters, inputs, attendWithinBatch(trace, segments));
    const logits = modelLogits(trace, config, parameters, hidden);

    const at = (label: string) => {
      const made = trace.calls.flatMap(({ bindings }) => Object.values(bindings));
      const tensor = made.find((each) => each.label === label);
      if (!tensor) throw new Error(`trace: expected ${label}, got none`);
      return tensor;
    };
    // Names of the recording, in order, and of the tensors that hold the same here. What is kept at the end of a
    // trace is as it was, but for what an op changes in place.
    const block = "transformer.h.0";
    const kept = [
      ["ln1", at(`${block}.ln_1`)],
      ["qkv", at(`${block}.attn.c_attn`)],
      ["y", at(`${block}.attn`)],
      ["attnResid", at(`${block}.attn.c_proj`)],
      ["ln2", at(`${block}.ln_2`)],
      ["fc", at(`${block}.mlp.c_fc`)],
      ["gelu", at(`${block}.mlp.act`)],
      ["block0", at(`${block}.mlp.c_proj`)],
      ["block1", at("transformer.h.1.mlp.c_proj")],
      ["block2", hidden],
      ["ln_f", at("transformer.ln_f")],
      ["lm_head", logits],
    ] as const;
    for (const [name, tensor] of kept) await harness.keep(name, tensor);
    const results = await harness.run();
    model.release();
    const errors = kept.map(([name]) => ({
      name,
      error: relativeError(results.get(name)!.values, valuesOf(recorded[name]!)),
    }));
    console.info(
      `gpt-nano-sort: ${errors.map(({ name, error }) => `${name} ${error.toExponential(1)}`).join(", ")}`,
    );
    expect(errors.filter(({ error }) => !(error < 1e-5))).toEqual([]);
  });

  it("sorts", async ({ skip }) => {
    const weights = await loadModel();
    if (!weights) return skip("../shared/data/models is absent");
    const gpu = await testGpu();
    const model = await uploadModel(gpu, weights);
    // Six of its three letters; the answers follow, letter by letter.
    const inputs = Array.from({ length: 81 }, (_, i) =>
      [1, 3, 9, 27, 81, 2].map((n) => Math.floor((9 * i + (i % 9)) / n) % 3),
    );
    const sorted = inputs.map((letters) => letters.toSorted());
    const sequences = inputs.map((letters, i) => Uint32Array.from([...letters, ...sorted[i]!.slice(0, 5)]));
    const logits = await sequenceLogits(gpu, model, {}, sequences);
    model.release();
    const likeliest = (row: number) => {
      const values = logits.subarray(row * 3, row * 3 + 3);
      return values.indexOf(Math.max(...values));
    };
    const answers = inputs.map((_, i) => Array.from({ length: 6 }, (_, t) => likeliest(i * 11 + 5 + t)));
    expect(answers).toEqual(sorted);
  });
});
