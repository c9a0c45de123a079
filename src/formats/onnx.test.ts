// Exports that PyTorch's two exporters made, against the model they were made from, byte for byte.
import { describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { type ByteSource, bytesSource } from "./byteSource";
import { openOnnx } from "./onnx";
import { originalNames } from "./onnxNames";
import { readSafetensors } from "./safetensors";
import { transposed } from "./tensor";

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
  const node = { opType: "MatMul", name: "", inputs: [], outputs: [], transB: false, scopes: undefined };
  const shapes = (...names: string[]) => new Map(names.map((name) => [name, [4, 4]]));

  it("knows how onnxruntime-genai's builder names things", () => {
    const names = originalNames(
      "model.onnx",
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
      transB: true,
    };
    const identity = { ...node, opType: "Identity", inputs: ["a.weight"], outputs: ["b.weight"] };
    const names = originalNames("model.onnx", [gemm, identity], shapes("onnx::Gemm_7", "a.weight"));
    expect(names).toEqual([
      { name: "a.weight", from: "a.weight", isTransposed: false },
      { name: "lm_head.weight", from: "onnx::Gemm_7", isTransposed: false },
      { name: "b.weight", from: "a.weight", isTransposed: false },
    ]);
  });

  it("refuses codes in the place of weights", () => {
    const quantised = { ...node, opType: "MatMulNBits", name: "/model/layers.0/mlp/up_proj/MatMul_Q4" };
    expect(() => originalNames("model_q4.onnx", [quantised], new Map())).toThrow(
      "model_q4.onnx: /model/layers.0/mlp/up_proj/MatMul_Q4: expected float weights, got MatMulNBits",
    );
  });
});
