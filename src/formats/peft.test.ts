import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadGolden, loadShared } from "../../oracle/goldens";
import { FormatError } from "./formatError";
import {
  checkAdapterFits,
  type LinearShape,
  type PeftAdapterFiles,
  readPeftAdapter,
  writePeftAdapter,
} from "./peft";
import { defaultLoraAdapterConfig, rankOf } from "./peftConfig";
import { readSafetensors, writeSafetensors } from "./safetensors";
import { type Tensor, toFloat32 } from "./tensor";
import { errorOf } from "./testing/errorOf";

const weights = "adapter_model.safetensors";
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const filesOf = (config: Uint8Array, tensors: Uint8Array): PeftAdapterFiles => ({
  "adapter_config.json": config,
  [weights]: tensors,
});
const golden = async (folder: string) =>
  filesOf(await loadGolden(`${folder}/adapter_config.json`), await loadGolden(`${folder}/${weights}`));
/** Linear layers of a golden's base, from its file: matrices but for the embedding and the head. */
async function shapesOf(name: string): Promise<Map<string, LinearShape>> {
  const { tensors } = readSafetensors(await loadGolden(`${name}/model.safetensors`), "model.safetensors");
  const shapes = new Map<string, LinearShape>();
  for (const [key, { shape }] of tensors) {
    const [outFeatures, inFeatures] = shape as [number, number];
    if (key.endsWith("_proj.weight")) shapes.set(key.replace(/\.weight$/, ""), { inFeatures, outFeatures });
  }
  return shapes;
}
const goldens = [
  "gqa-tied-f32-r8",
  "gqa-untied-bf16-r1",
  "mha-untied-f16-r3",
  "mqa-tied-bf16-r64",
  "biased-untied-f32-rslora",
  "layers-biased-f16-r8",
  "patterns-tied-f16",
  "regex-tied-bf16-r3",
];

describe.each(goldens)("the adapter PEFT saved for %s", (name) => {
  it("is read, fits its model and is written back byte for byte", async () => {
    const files = await golden(`${name}/adapter`);
    const adapter = readPeftAdapter(files);
    checkAdapterFits(adapter, await shapesOf(name));
    for (const [path, { loraA, loraB, rank, inFeatures, outFeatures }] of adapter.factors) {
      expect(rank).toBe(rankOf(adapter.config, path));
      expect(loraA.length).toBe(rank * inFeatures);
      expect(loraB.length).toBe(rank * outFeatures);
    }
    const written = writePeftAdapter(adapter);
    // The goldens end with a line feed, which PEFT itself does not write.
    expect(`${text(written["adapter_config.json"])}\n`).toBe(text(files["adapter_config.json"]));
    expect(written[weights].length).toBe(files[weights].length);
    expect(written[weights].findIndex((byte, i) => byte !== files[weights][i])).toBe(-1);
  });
});

describe("writePeftAdapter", () => {
  it("round-trips any factors bit for bit", () => {
    const dimension = fc.integer({ min: 1, max: 5 });
    const module = fc.tuple(dimension, dimension).chain(([inFeatures, outFeatures]) => {
      const rank = 3;
      const values = (length: number) => fc.float32Array({ minLength: length, maxLength: length });
      return fc.record({
        loraA: values(rank * inFeatures),
        loraB: values(rank * outFeatures),
        rank: fc.constant(rank),
        inFeatures: fc.constant(inFeatures),
        outFeatures: fc.constant(outFeatures),
      });
    });
    fc.assert(
      fc.property(fc.array(module, { minLength: 1, maxLength: 9 }), (modules) => {
        const factors = new Map(modules.map((factor, i) => [`model.layers.${i}.self_attn.q_proj`, factor]));
        const config = { ...defaultLoraAdapterConfig, r: 3 };
        expect(readPeftAdapter(writePeftAdapter({ config, factors }))).toEqual({ config, factors });
      }),
    );
  });
});

describe("readPeftAdapter", () => {
  const a = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
  const b = a.replace("lora_A", "lora_B");
  const tensor = (shape: number[], dtype: Tensor["dtype"] = "F32"): Tensor => ({
    dtype,
    shape,
    bytes: new Uint8Array(shape.reduce((product, extent) => product * extent, 4)),
  });
  const config = new TextEncoder().encode(
    JSON.stringify({
      peft_type: "LORA",
      task_type: "CAUSAL_LM",
      r: 2,
      lora_alpha: 4,
      target_modules: ["q_proj"],
    }),
  );
  const complaint = (tensors: Record<string, Tensor>) =>
    errorOf(() => readPeftAdapter(filesOf(config, writeSafetensors(new Map(Object.entries(tensors))))));
  const good = { [a]: tensor([2, 5]), [b]: tensor([3, 2]) };

  it.each<[Record<string, Tensor>, string]>([
    [{}, `${weights}: expected LoRA factors, got a file without tensors`],
    [{ [a]: tensor([2, 5]) }, `${b}: expected this tensor, got only its partner`],
    [{ [b]: tensor([3, 2]) }, `${a}: expected this tensor, got only its partner`],
    [{ ...good, [a]: tensor([4, 5]) }, `${a}: expected rank 2 (r, rank_pattern), got shape [4,5]`],
    [{ ...good, [b]: tensor([3, 4]) }, `${b}: expected rank 2 (r, rank_pattern), got shape [3,4]`],
    [{ ...good, [a]: tensor([10]) }, `${a}: expected a matrix, got shape [10]`],
    [{ ...good, [a]: tensor([2, 0]) }, `${a}: expected a matrix, got shape [2,0]`],
    [{ ...good, [a]: tensor([2, 5], "I32") }, `${a}: expected F32, F16 or BF16, got I32`],
    [{ ...good, "base_model.model.score.weight": tensor([2]) }, "score.weight: expected a LoRA factor"],
    [
      { ...good, [a.replace("lora_A.weight", "lora_magnitude_vector")]: tensor([2]) },
      "a DoRA magnitude (use_dora)",
    ],
    [{ ...good, [b.replace("weight", "bias")]: tensor([3]) }, "a bias of lora_B (lora_bias)"],
    [{ ...good, [a.replace("lora_A.weight", "base_layer.bias")]: tensor([3]) }, "a trained bias (bias)"],
    [
      { ...good, "base_model.model.model.embed_tokens.lora_embedding_A": tensor([2, 3]) },
      "a factor of an embedding",
    ],
    [
      { [a.replace("q_proj", "k_proj")]: tensor([2, 5]), [b.replace("q_proj", "k_proj")]: tensor([3, 2]) },
      'expected a module of target_modules ["q_proj"], got model.layers.0.self_attn.k_proj',
    ],
  ])("refuses %#", (tensors, message) => {
    const got = complaint(tensors);
    expect(got).toContain(message);
    expect(got.startsWith(weights)).toBe(true);
  });

  it("ends in a FormatError whatever bytes change", async () => {
    const files = await golden("gqa-tied-f32-r8/adapter");
    const damaged = fc.constantFrom("adapter_config.json", weights);
    fc.assert(
      fc.property(damaged, fc.nat(1200), fc.nat(255), (file, at, byte) => {
        const bytes = new Uint8Array(files[file as keyof PeftAdapterFiles]);
        bytes[at % bytes.length] = byte;
        try {
          readPeftAdapter({ ...files, [file]: bytes });
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("checkAdapterFits", () => {
  it("names the first module that differs and both shapes", async () => {
    const adapter = readPeftAdapter(await golden("gqa-tied-f32-r8/adapter"));
    const other = await shapesOf("mha-untied-f16-r3");
    expect(errorOf(() => checkAdapterFits(adapter, other))).toMatch(
      /^adapter_model\.safetensors: model\.layers\.0\.self_attn\.[qv]_proj: expected weight \[\d+, \d+\] as in the loaded model, got weight \[\d+, 64\] in the adapter\. .*another model \(gqa-tied-f32-r8\)/,
    );
  });

  it("notices modules that only one side has", async () => {
    const adapter = readPeftAdapter(await golden("gqa-tied-f32-r8/adapter"));
    const shapes = await shapesOf("gqa-tied-f32-r8");
    const query = { inFeatures: 64, outFeatures: 64 };
    const deeper = new Map([...shapes, ["model.layers.2.self_attn.q_proj", query]]);
    expect(errorOf(() => checkAdapterFits(adapter, deeper))).toMatch(
      /layers\.2\.self_attn\.q_proj: expected factors for weight \[64, 64\]/,
    );
    shapes.delete("model.layers.1.self_attn.q_proj");
    expect(errorOf(() => checkAdapterFits(adapter, shapes))).toMatch(
      /layers\.1\.self_attn\.q_proj: expected a linear module of the loaded model, got weight \[64, 64\]/,
    );
  });
});

describe("adapters found in the wild", () => {
  const load = async (folder: string) => {
    const config = await loadShared(`adapters/${folder}/adapter_config.json`);
    const tensors = await loadShared(`adapters/${folder}/${weights}`);
    return config && tensors && filesOf(config, tensors);
  };

  it("a BF16 adapter of OPT is read, and refused for a Llama model", async ({ skip }) => {
    const files = await load("opt125m-bf16-r16");
    if (!files) return skip("../shared/data/adapters is absent");
    const adapter = readPeftAdapter(files);
    expect(adapter.factors.size).toBe(24);
    const name = "base_model.model.model.decoder.layers.3.self_attn.v_proj.lora_B.weight";
    const { shape, ...tensor } = readSafetensors(files[weights], weights).tensors.get(name)!;
    const factors = adapter.factors.get("model.decoder.layers.3.self_attn.v_proj")!;
    expect(shape).toEqual([768, 16]);
    expect(factors.loraB).toEqual(toFloat32({ ...tensor, shape }));
    expect(factors.loraB.some((value) => value !== 0)).toBe(true);
    const shapes = await shapesOf("gqa-tied-f32-r8");
    expect(errorOf(() => checkAdapterFits(adapter, shapes))).toMatch(
      /model\.decoder\.layers\.0\.self_attn\.q_proj: .*facebook\/opt-125m/,
    );
  });

  it.for<[string, RegExp]>([
    ["gpt2-seqcls-r8", /task_type: expected "CAUSAL_LM", got "SEQ_CLS"/],
    ["distilbert-seqcls2-r8", /task_type: .*"SEQ_CLS"/],
    ["distilbert-seqcls6-r8-peft020", /task_type: .*"SEQ_CLS"/],
    ["bert-base-seqcls2-r8", /task_type: .*"SEQ_CLS"/],
  ])("%s is refused for its reason", async ([folder, reason], { skip }) => {
    const files = await load(folder);
    if (!files) return skip("../shared/data/adapters is absent");
    expect(errorOf(() => readPeftAdapter(files))).toMatch(reason);
  });
});
