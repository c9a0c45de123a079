import { beforeAll, describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { asSource, readWhole } from "../formats/byteSource";
import { readSafetensors, writeSafetensors } from "../formats/safetensors";
import { rowsOf, storedTensors, storedValues } from "../formats/storedTensor";
import { fromFloat32, type Tensor, toFloat32 } from "../formats/tensor";
import { errorOf } from "../formats/testing/errorOf";
import { heldTensors } from "../formats/testing/heldTensors";
import { tinyTokenizerFiles } from "../formats/testing/tinyTokenizer";
import { changedModelFiles } from "./changedModel";
import { codeBitsOf, readModelFolder, readModelWeights, writeModelFolder } from "./modelFolder";
import { heldFolder } from "./testing/heldFolder";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const weights = "model.safetensors";
const index = "model.safetensors.index.json";
/** Biased attention, untied head, three layers, F16. */
const golden = "layers-biased-f16-r8";

/** Of many bytes, which vitest takes long to compare. */
const digest = async (bytes: Uint8Array<ArrayBuffer>) =>
  String(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));

let folder: Map<string, Uint8Array>;
let tensors: Map<string, Tensor>;
beforeAll(async () => {
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const config = JSON.parse(new TextDecoder().decode(await loadGolden(`${golden}/config.json`)));
  // The tiny tokenizer has more tokens than the golden model; rows are added to the vocabulary.
  ({ tensors } = readSafetensors(await loadGolden(`${golden}/${weights}`), weights));
  for (const name of ["model.embed_tokens.weight", "lm_head.weight"]) {
    const { dtype, shape, bytes } = tensors.get(name)!;
    const grown = new Uint8Array((bytes.length / shape[0]!) * 300);
    grown.set(bytes);
    tensors.set(name, { dtype, shape: [300, shape[1]!], bytes: grown });
  }
  folder = new Map([
    ["config.json", encode({ ...config, vocab_size: 300 })],
    [weights, writeSafetensors(tensors)],
    ["tokenizer.json", new TextEncoder().encode(tokenizerJson)],
    ["tokenizer_config.json", new TextEncoder().encode(tokenizerConfig)],
    ["generation_config.json", encode({ eos_token_id: [5, 2] })],
  ]);
});

const complaint = async (changes: Record<string, Uint8Array | undefined>): Promise<string> => {
  const changed = new Map(folder);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes) changed.set(name, bytes);
    else changed.delete(name);
  }
  return readModelFolder(changed).then(
    () => "",
    (error: Error) => error.message,
  );
};
/** Weights with some tensors replaced or, with undefined, left out. */
const weightsWith = (changes: Record<string, Tensor | undefined>) => {
  const changed = new Map(tensors);
  for (const [name, tensor] of Object.entries(changes)) {
    if (tensor) changed.set(name, tensor);
    else changed.delete(name);
  }
  return { [weights]: writeSafetensors(changed) };
};

describe("readModelFolder", () => {
  it("reads config, tensors, tokenizer and stop tokens", async () => {
    const model = await readModelFolder(folder);
    expect(model.config.numHiddenLayers).toBe(3);
    expect(new Map([...(await heldTensors(model))].sort())).toEqual(new Map([...tensors].sort()));
    expect(model.stopTokenIds).toEqual([5, 2]);
    expect(model.tokenizer.decode(model.tokenizer.encode("the cat", { addSpecialTokens: true }))).toBe(
      "the cat",
    );
  });

  it("reads shards", async () => {
    const halves = [...tensors].map(
      ([name, tensor], i) => [i % 2 ? "b.safetensors" : "a.safetensors", name, tensor] as const,
    );
    const shard = (file: string) =>
      writeSafetensors(new Map(halves.filter(([f]) => f === file).map(([, name, tensor]) => [name, tensor])));
    const weight_map = Object.fromEntries(halves.map(([file, name]) => [name, file]));
    const files = {
      [weights]: undefined,
      [index]: encode({ metadata: { total_size: 1 }, weight_map }),
      "a.safetensors": shard("a.safetensors"),
      "b.safetensors": shard("b.safetensors"),
    };
    const sharded = new Map([...folder, ...Object.entries(files)].filter(([, bytes]) => bytes)) as Map<
      string,
      Uint8Array
    >;
    expect(new Map([...(await heldTensors(await readModelFolder(sharded)))].sort())).toEqual(
      new Map([...tensors].sort()),
    );

    expect(await complaint({ ...files, "b.safetensors": undefined })).toMatch(
      /^b\.safetensors: expected this file/,
    );
    const moved = {
      ...weight_map,
      "model.norm.weight":
        weight_map["model.norm.weight"] === "a.safetensors" ? "b.safetensors" : "a.safetensors",
    };
    expect(await complaint({ ...files, [index]: encode({ weight_map: moved }) })).toMatch(
      /model\.norm\.weight: expected/,
    );
    const more = { ...weight_map, extra: "a.safetensors" };
    expect(await complaint({ ...files, [index]: encode({ weight_map: more }) })).toMatch(
      /^a\.safetensors: extra: expected this tensor/,
    );
    expect(await complaint({ ...files, [index]: encode({ weight_map: [] }) })).toMatch(
      /index\.json: weight_map: /,
    );
  });

  it("names the file that is missing", async () => {
    for (const name of ["config.json", weights, "tokenizer.json", "tokenizer_config.json"]) {
      expect(await complaint({ [name]: undefined })).toMatch(
        new RegExp(`^${name}: expected this file in the model folder`),
      );
    }
  });

  it("names the tensor, what was expected and what it got", async () => {
    const norm = tensors.get("model.norm.weight")!;
    const bias = "model.layers.2.self_attn.o_proj.bias";
    expect(await complaint(weightsWith({ [bias]: undefined }))).toMatch(
      /o_proj\.bias: expected a tensor of shape \[64\], got none/,
    );
    expect(await complaint(weightsWith({ "lm_head.weight": norm }))).toMatch(
      /^model\.safetensors: lm_head\.weight: expected shape \[300,64\] \(config\.json\), got \[64\]/,
    );
    expect(
      await complaint(
        weightsWith({ "model.norm.weight": { dtype: "I32", shape: [64], bytes: new Uint8Array(256) } }),
      ),
    ).toMatch(/model\.norm\.weight: expected F32, F16 or BF16, got I32/);
    expect(await complaint(weightsWith({ "model.layers.3.mlp.up_proj.weight": norm }))).toMatch(
      /layers\.3\.mlp\.up_proj\.weight: expected only tensors/,
    );
    expect(
      await complaint({
        "config.json": encode({
          ...JSON.parse(new TextDecoder().decode(folder.get("config.json"))),
          tie_word_embeddings: true,
        }),
      }),
    ).toMatch(/lm_head\.weight: .*differs from the embedding/);
    expect(await complaint({ "generation_config.json": encode({ eos_token_id: "2" }) })).toMatch(
      /^generation_config\.json: eos_token_id: /,
    );
  });

  it("accepts a saved copy of a tied head and old rotary constants", async () => {
    const config = {
      ...JSON.parse(new TextDecoder().decode(folder.get("config.json"))),
      tie_word_embeddings: true,
    };
    const changed = new Map(folder);
    changed.set("config.json", encode(config));
    const inverse: Tensor = { dtype: "F32", shape: [2], bytes: new Uint8Array(8) };
    const files = weightsWith({
      "lm_head.weight": tensors.get("model.embed_tokens.weight"),
      "model.layers.0.self_attn.rotary_emb.inv_freq": inverse,
    });
    changed.set(weights, files[weights]!);
    const model = await readModelFolder(changed);
    expect(model.tensors.has("lm_head.weight")).toBe(false);
    expect(model.tensors.size).toBe(tensors.size - 1);
  });

  it("refuses a tokenizer larger than the embedding", async () => {
    const config = await loadGolden(`${golden}/config.json`);
    const plain = await loadGolden(`${golden}/${weights}`);
    expect(await complaint({ "config.json": config, [weights]: plain })).toMatch(
      /^tokenizer\.json: vocab: expected at most vocab_size 128 tokens/,
    );
  });
});

describe("writeModelFolder", () => {
  it("writes a folder that reads back the same, with its companions", async () => {
    const model = await readModelFolder(folder);
    const held = { config: model.config, tensors: await heldTensors(model) };
    const companions = new Map([
      ...folder,
      [index, encode({})],
      ["model-00001-of-00002.safetensors", new Uint8Array(1)],
      ["pytorch_model.bin", new Uint8Array(1)],
    ]);
    const written = writeModelFolder(model, companions);
    expect([...written.keys()].sort()).toEqual([...folder.keys()].sort());
    const again = await readModelFolder(written);
    expect(again.config).toEqual({ ...model.config, json: again.config.json });
    expect(again.config.json).toMatchObject(model.config.json);
    expect(again.config.json.torch_dtype).toBe("float16");
    expect(await heldTensors(again)).toEqual(held.tensors);
    expect(again.stopTokenIds).toEqual(model.stopTokenIds);
  });

  it.each(["full-gpt2-tied-f32", "layers-biased-f16-r8", "phi3-bf16"])(
    "makes in parts what is written whole, in any type: %s",
    async (name) => {
      const files = new Map([
        ["config.json", await loadGolden(`${name}/config.json`)],
        [weights, await loadGolden(`${name}/${weights}`)],
      ]);
      const model = await readModelWeights(files);
      const held = await heldTensors(model);
      const changed = [...held.keys()].at(-2)!;
      const values = toFloat32(held.get(changed)!).map((value) => value + 1);
      for (const dtype of ["F32", "F16", "BF16"] as const) {
        const tensors = new Map<string, Tensor>();
        for (const [each, { shape, ...tensor }] of held) {
          const whole = each === changed ? values : toFloat32({ shape, ...tensor });
          tensors.set(each, { dtype, shape, bytes: fromFloat32(whole, dtype) });
        }
        const expected = heldFolder({ config: model.config, tensors }, new Map()).get(weights)!;
        const shapeOf = (tensor: string) => held.get(tensor)!.shape;
        const stored = storedValues(new Map([[changed, values]]), shapeOf);
        const made = changedModelFiles({ folder: model, companions: new Map() }, stored, dtype).get(weights)!;
        const source = asSource(weights, made);
        expect(source.sizeBytes).toBe(expected.length);
        const bytes = new Uint8Array(expected.length);
        // Odd parts, so that they end within values and rows.
        for (let at = 0; at < bytes.length; at += 997) bytes.set(await source.read(at, at + 997), at);
        expect(await digest(bytes)).toBe(await digest(new Uint8Array(expected)));
      }
    },
  );

  it("refuses a value that F16 has no room for", async () => {
    const model = await readModelFolder(folder);
    const name = "model.norm.weight";
    const { shape } = model.tensors.get(name)!;
    const large = storedValues(new Map([[name, new Float32Array(shape[0]!).fill(7e4)]]), () => shape);
    const made = changedModelFiles({ folder: model, companions: new Map() }, large, "F16").get(weights)!;
    await expect(readWhole(asSource(weights, made))).rejects.toThrow(
      "model.norm.weight: expected values up to 65504 for f16, got larger ones; choose f32 or bf16",
    );
  });

  it("refuses tensors that are not the config's", async () => {
    const { config } = await readModelFolder(folder);
    expect(errorOf(() => writeModelFolder({ config, tensors: new Map() }, folder))).toMatch(
      /embed_tokens\.weight: expected a tensor/,
    );
  });
});

describe("an ONNX export in the place of safetensors", () => {
  const read = async (weightsFolder: string, name: string, config: string) => {
    const files = new Map([
      ["config.json", await loadGolden(`${config}/config.json`)],
      [name, await loadGolden(`${weightsFolder}/${name}`)],
    ]);
    return heldTensors(await readModelWeights(files));
  };
  it.each(["qwen3-biased-untied-f16", "full-gpt2-tied-f32"])("gives the same model: %s", async (twin) => {
    const expected = await read(twin, weights, twin);
    const got = await read(`onnx-trace-${twin}`, "model.onnx", twin);
    expect([...got.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected) expect(got.get(name), name).toEqual(tensor);
  });

  it("cuts q, k and v out of a packed projection", async () => {
    const twin = "qwen3-biased-untied-f16";
    const expected = await read(twin, weights, twin);
    const got = await read(`onnx-packed-${twin}`, "model.onnx", twin); // in F32, which holds F16's values
    expect([...got.keys()]).toEqual([...expected.keys()]);
    for (const [name, tensor] of expected) {
      expect(got.get(name)!.shape, name).toEqual(tensor.shape);
      expect(toFloat32(got.get(name)!), name).toEqual(toFloat32(tensor));
    }
  });

  it("puts Phi-3's projections together where they were taken apart", async () => {
    const { tensors: whole } = readSafetensors(await loadGolden(`phi3-bf16/${weights}`), weights);
    const config = new Map([["config.json", await loadGolden("phi3-bf16/config.json")]]);
    const apart = storedTensors(whole);
    const { config: read } = await readModelWeights(new Map([...config, [weights, writeSafetensors(whole)]]));
    const keys = read.numKeyValueHeads * read.headDim;
    const cuts = {
      qkv_proj: ["q_proj", "k_proj", "v_proj"],
      gate_up_proj: ["gate_proj", "up_proj"],
    };
    for (const [fused, names] of Object.entries(cuts)) {
      for (const [name, tensor] of storedTensors(whole)) {
        if (!name.includes(fused)) continue;
        apart.delete(name);
        const rows = tensor.shape[0]!;
        const ends = fused === "qkv_proj" ? [rows - 2 * keys, rows - keys, rows] : [rows / 2, rows];
        names.forEach((part, i) => {
          apart.set(name.replace(fused, part), rowsOf(tensor, ends[i - 1] ?? 0, ends[i]!));
        });
      }
    }
    const { tensors: again } = await readModelWeights(config, apart);
    for (const [name, { bytes }] of whole) {
      const stored = again.get(name)!;
      expect(await stored.read(), name).toEqual(new Uint8Array(bytes));
      expect(await stored.read(2, bytes.length - 2), name).toEqual(new Uint8Array(bytes.slice(2, -2)));
    }
  });

  it("says from how many bits its values are computed, and which tensor an export does not name", async () => {
    const twin = "qwen3-biased-untied-f16";
    const files = async (kind: string, config: object = {}) => {
      const json = JSON.parse(new TextDecoder().decode(await loadGolden(`${twin}/config.json`)));
      return new Map([
        ["config.json", encode({ ...json, ...config })],
        ["model.onnx", await loadGolden(`onnx-${kind}-${twin}/model.onnx`)],
      ]);
    };
    expect(codeBitsOf(await readModelWeights(await files("q4")))).toBe("4");
    expect(codeBitsOf(await readModelWeights(await files("trace")))).toBeUndefined();
    // A tied head was rounded apart from the embedding.
    const tied = await readModelWeights(await files("q4", { tie_word_embeddings: true }));
    expect(tied.tensors.has("lm_head.weight")).toBe(false);
    await expect(
      readModelWeights(
        await files("q4", { num_hidden_layers: 3, layer_types: Array(3).fill("full_attention") }),
      ),
    ).rejects.toThrow(
      /^model\.onnx: model\.layers\.2\.input_layernorm\.weight: expected .* got none\. .*use the model's safetensors/,
    );
    await expect(readModelWeights(await files("packed", { num_attention_heads: 4 }))).rejects.toThrow(
      /model\.layers\.0\.self_attn\.qkv_proj\.weight: expected 96 \+ 24 \+ 24 rows for q_proj, k_proj, v_proj/,
    );
  });

  it("asks which one where there are several", async () => {
    const export_ = Uint8Array.of(0);
    expect(await complaint({ [weights]: undefined, "a.onnx": export_, "b.onnx": export_ })).toBe(
      "model.onnx: expected one export, got a.onnx, b.onnx. Choose one of them.",
    );
  });
});
