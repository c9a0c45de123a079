// Folders for tests of the commands: a random Llama model of a few thousand parameters with the tiny tokenizer,
// and training files for it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { llamaTensorShapes } from "../../formats/llamaTensors";
import type { LlamaConfig } from "../../formats/modelConfig";
import { writeModelFolder } from "../../formats/modelFolder";
import { fromFloat32, type Tensor } from "../../formats/tensor";
import { tinyTokenizerFiles } from "../../formats/testing/tinyTokenizer";
import { initialiseLlama } from "../../models/initialise";
import { writeFolder } from "../files";

const config: LlamaConfig = {
  vocabSize: 300,
  hiddenSize: 16,
  intermediateSize: 24,
  numHiddenLayers: 2,
  numAttentionHeads: 2,
  numKeyValueHeads: 1,
  headDim: 8,
  ropeTheta: 10_000,
  rmsNormEps: 1e-5,
  maxPositionEmbeddings: 64,
  tieWordEmbeddings: true,
  attentionBias: false,
  mlpBias: false,
  bosTokenId: 1,
  eosTokenIds: [2],
};

/** A folder of this test file's own, removed at its end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lora-studio-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @param changes to the configuration, e.g. biases */
export function writeTinyModel(path: string, changes: Partial<LlamaConfig> = {}): string {
  const changed = { ...config, ...changes };
  const values = initialiseLlama(changed, 3);
  const tensors = new Map<string, Tensor>();
  for (const [name, shape] of llamaTensorShapes(changed)) {
    // Ten times the usual deviation: a model so small would otherwise say the same about every prompt.
    const louder = shape.length === 2 ? values.get(name)!.map((value) => 10 * value) : values.get(name)!;
    tensors.set(name, { dtype: "F16", shape, bytes: fromFloat32(louder, "F16") });
  }
  const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
  const companions = new Map([
    ["tokenizer.json", new TextEncoder().encode(tokenizerJson)],
    ["tokenizer_config.json", new TextEncoder().encode(tokenizerConfig)],
  ]);
  writeFolder(path, writeModelFolder({ config: changed, tensors }, companions));
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
