// Folders for tests of the commands: a random Llama model of a few thousand parameters with the tiny tokenizer,
// and training files for it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { architectureOf } from "../../models/architecture";
import { readModelConfig } from "../../models/families";
import { initialiseModel } from "../../models/initialise";
import { heldFolder } from "../../models/testing/heldFolder";
import { writeFolder } from "../files";

const configJson = {
  model_type: "llama",
  architectures: ["LlamaForCausalLM"],
  vocab_size: 300,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 8,
  rope_theta: 10_000,
  rms_norm_eps: 1e-5,
  max_position_embeddings: 64,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
};

/** A folder of this test file's own, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lora-studio-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param changes to fields of config.json, e.g. biases */
export function writeTinyModel(path: string, changes: Record<string, unknown> = {}): string {
  const config = readModelConfig(new TextEncoder().encode(JSON.stringify({ ...configJson, ...changes })));
  const values = initialiseModel(config, 3);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of architectureOf(config).tensors) {
    // Ten times the usual deviation: a model so small would otherwise say the same about every prompt.
    const louder = shape.length === 2 ? values.get(name)!.map((value) => 10 * value) : values.get(name)!;
    tensors.set(name, { dtype: "F16", shape, bytes: fromFloat32(louder, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const companions = new Map([
    ["tokenizer.json", new TextEncoder().encode(tokenizerJson)],
    ["tokenizer_config.json", new TextEncoder().encode(tokenizerConfig)],
  ]);
  writeFolder(path, heldFolder({ config, tensors }, companions));
  return path;
}

const pairs = [
  ["the cat", " sat"],
  ["a cat", " at the mat"],
  ["the", " hat"],
  ["a mat", " at a cat"],
  ["a", " bat"],
] as const;

/** Five examples of different lengths. */
export function writeTinyData(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "train.jsonl");
  writeFileSync(
    path,
    pairs.map(([prompt, completion]) => `${JSON.stringify({ prompt, completion })}\n`).join(""),
  );
  return path;
}

/** What `command` prints while it runs, and its exit code. @param onWrite is told each text as it is written */
export async function captured(
  command: () => Promise<number>,
  onWrite: (text: string) => void = () => {},
): Promise<{ code: number; out: string; error: string }> {
  const texts = { out: "", error: "" };
  const add = (to: keyof typeof texts) => (text: unknown) => {
    texts[to] += `${text}\n`;
  };
  const spies = [
    vi.spyOn(console, "log").mockImplementation(add("out")),
    vi.spyOn(console, "error").mockImplementation(add("error")),
    vi.spyOn(process.stdout, "write").mockImplementation(((text: string, done?: () => void) => {
      texts.out += text;
      onWrite(text);
      done?.();
      return true;
    }) as typeof process.stdout.write),
  ];
  try {
    return { code: await command(), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

export function readJsonLines<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
}
