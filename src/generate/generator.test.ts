// Decoding with the cache against whole-sequence logits, with and without an adapter, merged and unmerged.
import { describe, expect, it } from "vitest";
import { readBuffer } from "../gpu/memory";
import type { Injection } from "../lora/inject";
import { mergedWeights } from "../lora/mergedWeights";
import { mergeAdapter, uploadAdapter } from "../lora/residentAdapter";
import { cropParameter, type ResidentModel, uploadModel } from "../models/residentModel";
import { loadCase, loadCaseAdapter, loadCaseModel, testGpu } from "../train/testing/golden";
import { Generator } from "./generator";
import { sequenceLogits } from "./logits";

const names = ["biased-untied-f32-rslora", "odd-untied-f32-r3"]; // the second has heads of 14
const greedy = { temperature: 0, topK: 0, topP: 1 };
const prompt = Array.from({ length: 37 }, (_, i) => (i * 29 + 3) % 128); // longer than one block of the prompt

/** Greedy continuation without any cache: all logits anew for every token. */
async function continueWithoutCache(
  model: ResidentModel,
  injection: Injection,
  count: number,
): Promise<number[]> {
  const gpu = await testGpu();
  const ids = [...prompt];
  for (let i = 0; i < count; i++) {
    const logits = await sequenceLogits(gpu, model, injection, [Uint32Array.from(ids)]);
    const last = logits.subarray(logits.length - model.config.vocabSize);
    ids.push(last.indexOf(Math.max(...last)));
  }
  return ids.slice(prompt.length);
}

async function continueWithCache(
  model: ResidentModel,
  injection: Injection,
  count: number,
): Promise<readonly number[]> {
  const gpu = await testGpu();
  const generator = await Generator.create({ gpu, model, injection, contextLength: 64 });
  const streamed: number[] = [];
  const { ids, stopped } = await generator.generate(
    { promptIds: prompt, maxNewTokens: count, sampling: greedy, seed: 0, stopTokenIds: [] },
    (id) => streamed.push(id),
  );
  generator.destroy();
  expect(streamed).toEqual(ids);
  expect(stopped).toBe("length");
  return ids;
}

describe("Generator", () => {
  it.each(names)(
    "continues as whole-sequence logits do: base, adapter, merged, and base again: %s",
    async (name) => {
      const gpu = await testGpu();
      const weights = await loadCaseModel(name);
      const model = await uploadModel(gpu, weights);
      const caseAdapter = await loadCaseAdapter(name, "adapter");
      const adapter = await uploadAdapter(gpu, model, caseAdapter);
      const base = await continueWithoutCache(model, {}, 6);
      const adapted = await continueWithoutCache(model, adapter.injection, 6);
      expect(adapted).not.toEqual(base);

      expect(await continueWithCache(model, {}, 6)).toEqual(base);
      expect(await continueWithCache(model, adapter.injection, 6)).toEqual(adapted);
      await expect(mergeAdapter({ ...gpu, maxBindingBytes: 1000 }, model, adapter)).rejects.toThrow(
        /merged model\.layers\.0\.self_attn\.q_proj\.weight needs 0\.0 MB, .* keep the adapter beside its base/,
      );
      const merged = await mergeAdapter(gpu, model, adapter);
      expect(await continueWithCache(model, merged.injection, 6)).toEqual(adapted);
      // Tensor by tensor, and in parts of one, the same bits.
      const { tensors, release } = await mergedWeights(gpu, weights, caseAdapter);
      expect([...tensors.keys()]).toEqual([...merged.tensors.keys()]);
      for (const [name, { shape, storage }] of merged.tensors) {
        const whole = cropParameter(new Float32Array(await readBuffer(gpu.device, storage)), shape);
        const stored = tensors.get(name)!;
        const parts = [await stored.read(0, 502), await stored.read(502)].flatMap((part) => [...part]);
        expect(new Uint8Array(parts), name).toEqual(new Uint8Array(whole.buffer));
      }
      release();
      merged.release();
      expect(await continueWithCache(model, {}, 6)).toEqual(base);
      adapter.release();
      model.release();
    },
  );

  it.each<[string, number?]>([
    ["llama3-scaled-bf16"],
    ["mistral-window-f16"],
    ["qwen2-tied-bf16", 64 * 36 * 2], // its 71 tokens in two blocks of rows
    ["qwen3-f32"],
    ["gpt2-tied-f32"],
    ["phi3-bf16"],
  ])("goes on as transformers does: %s", async (name, mostBytes) => {
    const opened = await testGpu();
    const gpu = { ...opened, maxBindingBytes: mostBytes ?? opened.maxBindingBytes };
    const { examples, greedy: expected } = await loadCase(name);
    const model = await uploadModel(gpu, await loadCaseModel(name));
    const adapter = await uploadAdapter(gpu, model, await loadCaseAdapter(name, "adapter"));
    const contextLength = examples[0]!.ids.length + expected.length;
    const generator = await Generator.create({ gpu, model, injection: adapter.injection, contextLength });
    const request = { maxNewTokens: expected.length, sampling: greedy, seed: 0, stopTokenIds: [] };
    const { ids } = await generator.generate({ ...request, promptIds: [...examples[0]!.ids] });
    generator.destroy();
    adapter.release();
    model.release();
    expect(expected.length).toBe(24);
    expect(ids).toEqual(expected);
  });

  it("repeats with a seed, differs between seeds, and stops where it is told to", async () => {
    const gpu = await testGpu();
    const model = await uploadModel(gpu, await loadCaseModel(names[0]!));
    const generator = await Generator.create({ gpu, model, contextLength: 64 });
    const sampling = { temperature: 1.5, topK: 0, topP: 1 };
    const draw = (seed: number, stopTokenIds: number[] = []) =>
      generator.generate({ promptIds: prompt, maxNewTokens: 12, sampling, seed, stopTokenIds });
    const first = await draw(1);
    expect(await draw(1)).toEqual(first);
    expect((await draw(2)).ids).not.toEqual(first.ids);
    const stop = first.ids[5]!;
    const cut = await draw(1, [stop]);
    expect(cut).toEqual({ ids: first.ids.slice(0, first.ids.indexOf(stop)), stopped: "endOfText" });

    const controller = new AbortController();
    const request = { promptIds: prompt, maxNewTokens: 12, sampling, seed: 1, stopTokenIds: [] };
    const cancelled = await generator.generate({ ...request, signal: controller.signal }, () =>
      controller.abort(),
    );
    expect(cancelled).toEqual({ ids: first.ids.slice(0, 1), stopped: "cancelled" });

    const long = await generator.generate({ ...request, maxNewTokens: 1000 });
    expect(long.ids.length + prompt.length).toBeLessThanOrEqual(generator.contextLength + 1);
    await expect(generator.generate({ ...request, promptIds: [] })).rejects.toThrow("prompt");
    await expect(generator.generate({ ...request, promptIds: new Array(64).fill(1) })).rejects.toThrow(
      "prompt",
    );
    generator.destroy();
    model.release();
  });
});
