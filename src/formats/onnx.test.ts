// Exports that PyTorch's two exporters made, against the model they were made from, byte for byte.
import * as ort from "onnxruntime-web/wasm";
import { describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { type ByteSource, bytesSource } from "./byteSource";
import { openOnnx } from "./onnx";
import { originalNames } from "./onnxNames";
import type { OnnxNode } from "./onnxNode";
import { onnxValues } from "./onnxValues";
import { readSafetensors } from "./safetensors";
import { heldTensor, type StoredTensor } from "./storedTensor";
import { toFloat32, transposed } from "./tensor";

const fileOf = async (folder: string, name: string) =>
  bytesSource(name, await loadGolden(`${folder}/${name}`));

describe("openOnnx", () => {
  it.each([
    ["onnx-trace-qwen3-biased-untied-f16", "qwen3-biased-untied-f16", false],
    ["onnx-dynamo-qwen3-biased-untied-f16", "qwen3-biased-untied-f16", true],
    ["onnx-trace-full-gpt2-tied-f32", "full-gpt2-tied-f32", false],
  ])("finds the weights of %s as they were", async (folder, twin, isExternal) => {
    const others = new Map<string, ByteSource>();
    if (isExternal) others.set("model.onnx.data", await fileOf(folder, "model.onnx.data"));
    const tensors = await openOnnx(await fileOf(folder, "model.onnx"), others);
    const { tensors: expected } = readSafetensors(await loadGolden(`${twin}/model.safetensors`), twin);
    for (const [name, { dtype, shape, bytes }] of expected) {
      const got = tensors.get(name);
      expect(got, name).toMatchObject({ dtype, shape });
      expect(await got!.read(), name).toEqual(new Uint8Array(bytes));
    }
    // What else there is: the head of a tied model, which is its embedding.
    const rest = [...tensors.keys()].filter((name) => !expected.has(name));
    expect(rest).toEqual(twin.includes("untied") ? [] : ["lm_head.weight"]);
  });

  it("computes from codes what onnxruntime computes from them", async () => {
    const model = await loadGolden("onnx-codes/model.onnx");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(model, { executionProviders: ["wasm"] });
    const [width, rows] = [40, 11];
    const identity = Float32Array.from({ length: width ** 2 }, (_, i) => (i % (width + 1) === 0 ? 1 : 0));
    const outputs = await session.run({
      identity: new ort.Tensor("float32", identity, [width, width]),
      rows: new ort.Tensor(
        "int64",
        BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
      ),
    });
    const tensors = await openOnnx(bytesSource("model.onnx", model), new Map());
    expect(tensors.size).toBe(Object.keys(outputs).length);
    for (const [name, output] of Object.entries(outputs)) {
      const stored = tensors.get(`${name}.weight`)!;
      expect(stored.codeBits, name).toBe(Number(/\d/.exec(name)?.[0] ?? 8));
      const isTable = /^(rows4|columns4)/.test(name);
      const held = await heldTensor(stored);
      const { shape, bytes } = isTable ? held : transposed(held);
      expect(shape, name).toEqual(output.dims);
      const got = new Float32Array(bytes.buffer);
      // A product with the identity in 8 bits is 255 · (1 / 255).
      // Of zero points that are floats onnxruntime subtracts the product with the scale.
      const tolerance = name.startsWith("integers") ? 2e-6 : name === "nbits4float" ? 2e-7 : 0;
      for (const [i, value] of (output.data as Float32Array).entries())
        expect(Math.abs(got[i]! - value), `${name} ${i}`).toBeLessThanOrEqual(tolerance);
    }
  });

  it.each(["q4", "quantized"])(
    "names the weights of a quantised export and turns them back: %s",
    async (kind) => {
      const twin = "qwen3-biased-untied-f16";
      const tensors = await openOnnx(await fileOf(`onnx-${kind}-${twin}`, "model.onnx"), new Map());
      const { tensors: expected } = readSafetensors(await loadGolden(`${twin}/model.safetensors`), twin);
      for (const [name, tensor] of expected) {
        const [wanted, got] = [toFloat32(tensor), toFloat32(await heldTensor(tensors.get(name)!))];
        const isCoded = tensor.shape.length === 2;
        expect(tensors.get(name)!.codeBits, name).toBe(isCoded ? (kind === "q4" ? 4 : 8) : undefined);
        // Half a step of the coarsest scale.
        const most = Math.max(...wanted.map(Math.abs));
        const step = isCoded ? most / (kind === "q4" ? 7 : 127) : 0;
        expect(got.length, name).toBe(wanted.length);
        for (const [i, value] of wanted.entries())
          expect(Math.abs(got[i]! - value), `${name} ${i}`).toBeLessThanOrEqual(0.501 * step);
      }
      expect([...tensors.keys()].sort()).toEqual([...expected.keys()].sort());
    },
  );

  it("computes parts of a coded matrix as it computes the whole", async () => {
    const tensors = await openOnnx(await fileOf("onnx-codes", "model.onnx"), new Map());
    for (const [name, stored] of tensors) {
      const whole = await stored.read();
      const pieces: number[] = [];
      for (let at = 0; at < whole.length; at += 100)
        pieces.push(...(await stored.read(at, Math.min(at + 100, whole.length))));
      expect(new Uint8Array(pieces), name).toEqual(whole);
    }
  });

  it("reads no more of the file than it has to", async () => {
    const source = await fileOf("onnx-trace-full-gpt2-tied-f32", "model.onnx");
    let readBytes = 0;
    const counting: ByteSource = {
      ...source,
      read: (begin, end) => {
        readBytes += end - begin;
        return source.read(begin, end);
      },
    };
    const tensors = await openOnnx(counting, new Map());
    expect(readBytes).toBeLessThanOrEqual(source.sizeBytes);
    readBytes = 0;
    const embedding = tensors.get("transformer.wte.weight")!;
    await embedding.read(0, 88);
    expect(readBytes).toBe(88);
    const head = tensors.get("lm_head.weight")!;
    const turned = transposed({ ...head, bytes: await head.read() });
    expect(turned.shape).toEqual([22, 31]);
  });

  it.each([
    ["nothing", new Uint8Array(), "expected an ONNX model, got one without a graph"],
    [
      "text",
      new TextEncoder().encode("version https://git-lfs"),
      "expected a protocol buffer, got something else",
    ],
    ["a model cut short", undefined, "expected a protocol buffer, got something else at byte"],
  ])("refuses %s", async (_, bytes, message) => {
    const whole = await loadGolden("onnx-trace-full-gpt2-tied-f32/model.onnx");
    const source = bytesSource("model.onnx", bytes ?? whole.subarray(0, 50_000));
    await expect(openOnnx(source, new Map())).rejects.toThrow(`model.onnx: ${message}`);
  });

  it("names the file that is missing beside the model", async () => {
    const source = await fileOf("onnx-dynamo-qwen3-biased-untied-f16", "model.onnx");
    await expect(openOnnx(source, new Map())).rejects.toThrow(
      /expected its bytes in model\.onnx\.data beside the model, got no other file/,
    );
  });
});

describe("originalNames", () => {
  const node = { opType: "MatMul", name: "", inputs: [], outputs: [], numbers: new Map(), scopes: undefined };
  const shapes = (...names: string[]) => new Map(names.map((name) => [name, [4, 4]]));

  it("knows how onnxruntime-genai's builder names things", () => {
    const names = originalNames(
      [],
      shapes(
        "model.layers.3.attn.q_proj.MatMul.weight",
        "model.layers.3.attn.q_proj.Add.bias",
        "model.layers.3.attn.q_norm.layernorm.weight",
        "model.layers.4.final_norm_layernorm.weight",
      ),
    );
    expect(names.map(({ name, isTransposed }) => [name, isTransposed])).toEqual([
      ["model.layers.3.self_attn.q_proj.weight", true],
      ["model.layers.3.self_attn.q_proj.bias", false],
      ["model.layers.3.self_attn.q_norm.weight", false],
      ["model.norm.weight", false],
    ]);
  });

  it("takes Gemm's matrix as it is stored, and a tensor that is passed on by its second name too", () => {
    const gemm = {
      ...node,
      opType: "Gemm",
      name: "/lm_head/Gemm",
      inputs: ["x", "onnx::Gemm_7"],
      numbers: new Map([["transB", 1]]),
    };
    const identity = { ...node, opType: "Identity", inputs: ["a.weight"], outputs: ["b.weight"] };
    const names = originalNames([gemm, identity], shapes("onnx::Gemm_7", "a.weight"));
    expect(names).toEqual([
      { name: "a.weight", from: "a.weight", isTransposed: false },
      { name: "lm_head.weight", from: "onnx::Gemm_7", isTransposed: false },
      { name: "b.weight", from: "a.weight", isTransposed: false },
    ]);
  });

  it("takes a quantiser's ending off, and keeps the order of what kept its name", () => {
    const coded = (opType: string, codes: string, name = "") => ({
      ...node,
      opType,
      name,
      inputs: ["x", codes],
    });
    const names = (...nodes: OnnxNode[]) =>
      originalNames(nodes, shapes(...nodes.map(({ inputs }) => inputs[1]!))).map(({ name, isTransposed }) => [
        name,
        isTransposed,
      ]);
    const builders = "model.layers.3.attn.q_proj.MatMul.weight";
    const kept = "transformer.h.0.attn.c_attn.weight";
    expect(
      names(
        coded("MatMulNBits", `${builders}_Q4`),
        coded("MatMulNBits", `${kept}_Q4`),
        coded("MatMulNBits", "onnx::MatMul_7_Q4", "/lm_head/MatMul_Q4"),
      ),
    ).toEqual([
      ["model.layers.3.self_attn.q_proj.weight", false],
      [kept, true],
      ["lm_head.weight", false],
    ]);
    expect(
      names(coded("MatMulInteger", `${builders}_quantized`), coded("MatMulInteger", `${kept}_quantized`)),
    ).toEqual([
      ["model.layers.3.self_attn.q_proj.weight", true],
      [kept, false],
    ]);
  });
});

describe("onnxValues", () => {
  const codes = { name: "w_Q4", dtype: "U8", bits: 8, shape: [2, 1, 8], tensor: {} as StoredTensor } as const;
  const node = (opType: string, numbers: object, inputs = ["x", "w_Q4", "w_scales"]) => ({
    ...{ opType, name: "/up_proj/MatMul_Q4", inputs, outputs: ["y"], scopes: undefined },
    numbers: new Map(Object.entries({ K: 16, N: 2, bits: 4, block_size: 16, ...numbers })),
  });
  it.each([
    [
      "MatMulBnb4",
      {},
      undefined,
      /^model_bnb4.onnx: w_Q4: expected values, or codes of .* got MatMulBnb4\. Use an export/,
    ],
    ["MatMulNBits", { bits: 3 }, undefined, /w_Q4: .* got MatMulNBits with codes of 3 bits/],
    ["MatMulNBits", {}, ["x", "w_Q4", "w_scales", "", "g_idx"], /w_Q4: .* another order \(g_idx\)/],
    ["MatMulNBits", { N: 3 }, undefined, /w_Q4: expected 24 numbers, got 16 \[2,1,8\]/],
    ["MatMulNBits", {}, undefined, /w_scales: expected scales that are floats, got none/],
    ["MatMulInteger", {}, undefined, /w_Q4: .* got MatMulInteger with no scale/],
  ])("refuses what it cannot read: %s %j", (opType, numbers, inputs, message) => {
    const values = () =>
      onnxValues("model_bnb4.onnx", [node(opType, numbers, inputs)], new Map([[codes.name, codes]]));
    expect(values).toThrow(message);
  });
});
