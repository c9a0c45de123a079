// npm run generate: text from a model, with or without an adapter, streamed to standard output as it comes.

import { Generator } from "../generate/generator";
import { checkSampling, type SamplingOptions } from "../generate/sampling";
import { uploadAdapter } from "../lora/residentAdapter";
import { uploadModel } from "../models/residentModel";
import { baseBitsFlags, quantisationOf } from "./baseBitsFlag";
import { openNodeDevice } from "./device";
import { readAdapter, readModel } from "./files";
import { type Flag, FlagError, type FlagValues, helpText, parseFlags } from "./flags";
import { locateModel } from "./hubModel";

const defaults = { maxNewTokens: 50, temperature: 1, topK: 0, topP: 1, seed: 0 } as const;

const flags: readonly Flag[] = [
  { name: "model", value: "DIR", about: "Hugging Face model folder, or a Hub id such as owner/name" },
  ...baseBitsFlags,
  { name: "adapter", value: "DIR", about: "PEFT adapter folder for that model" },
  { name: "prompt", value: "TEXT", about: "what the model goes on from; it is not repeated in the output" },
  { name: "max-new-tokens", value: "N", about: "most tokens to generate", default: defaults.maxNewTokens },
  { name: "greedy", about: "always the likeliest token; the flags below have no part in it" },
  {
    name: "temperature",
    value: "X",
    about: "logits are divided by it; 0 is greedy",
    default: defaults.temperature,
  },
  { name: "top-k", value: "N", about: "only the N likeliest tokens; 0 keeps all", default: defaults.topK },
  {
    name: "top-p",
    value: "X",
    about: "only the likeliest tokens whose probabilities reach this sum",
    default: defaults.topP,
  },
  {
    name: "seed",
    value: "N",
    about: "of the draws; the same seed gives the same text",
    default: defaults.seed,
  },
];

const command = {
  name: "generate",
  usage: "--model DIR --prompt TEXT [flags]",
  about:
    "Generates text token by token until end-of-text or --max-new-tokens, from the base model or, with --adapter, " +
    "from the tuned one. Only the text goes to standard output.",
  flags,
  examples: [
    [`--model public/models/fable-1m --prompt "Once upon a time" --greedy`, "the embedded model"],
    [
      `--model DIR --adapter DIR --prompt TEXT --max-new-tokens 100 --temperature 0.8 --top-p 0.95 --seed 7`,
      "with an adapter, sampled",
    ],
  ] as const,
};

/** Runs the command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const given = parseFlags(command, args);
  if (!given) {
    console.log(helpText(command));
    return 0;
  }
  const modelPath = given.required("model", "a model folder or a Hub id");
  const prompt = given.required("prompt", "a text to go on from");
  const maxNewTokens = given.count("max-new-tokens", 1) ?? defaults.maxNewTokens;
  const seed = given.count("seed", 0) ?? defaults.seed;
  const sampling = samplingOf(given);
  const quantisation = quantisationOf(given);
  const adapterPath = given.text("adapter");
  const adapter = adapterPath === undefined ? undefined : await readAdapter(adapterPath, "adapter");

  const gpu = await openNodeDevice();
  const { folder } = await readModel(await locateModel(modelPath), "model", gpu);
  const { tokenizer, stopTokenIds } = folder;
  const model = await uploadModel(gpu, { ...folder, quantisation });
  const resident = adapter && (await uploadAdapter(gpu, model, adapter));
  const promptIds = tokenizer.encode(prompt, { addSpecialTokens: true });
  const generator = await Generator.create({
    gpu,
    model,
    ...(resident && { injection: resident.injection }),
    contextLength: promptIds.length + maxNewTokens,
  });
  const cancel = new AbortController();
  process.once("SIGINT", () => cancel.abort());
  const stream = tokenizer.decodeStream(promptIds);
  const { stopped } = await generator.generate(
    { promptIds, maxNewTokens, sampling, seed, stopTokenIds, signal: cancel.signal },
    (id) => process.stdout.write(stream.push(id)),
  );
  await writeOut(`${stream.end()}\n`);
  generator.destroy();
  resident?.release();
  model.release();
  return stopped === "cancelled" ? 130 : 0;
}

/** @throws FlagError for values out of range, or --greedy beside what only sampling uses */
function samplingOf(given: FlagValues): SamplingOptions {
  if (given.has("greedy")) {
    for (const name of ["temperature", "top-k", "top-p"]) {
      if (given.has(name)) throw new FlagError(name, "expected none beside --greedy, got one; choose either");
    }
    return { temperature: 0, topK: 0, topP: 1 };
  }
  const sampling = {
    temperature: given.number("temperature") ?? defaults.temperature,
    topK: given.number("top-k") ?? defaults.topK,
    topP: given.number("top-p") ?? defaults.topP,
  };
  try {
    checkSampling(sampling);
  } catch (error) {
    throw new Error(`--${(error as Error).message}`); // "temperature: expected …": its names are our flags
  }
  return sampling;
}

/** Waits until a pipe has taken it all: the process ends right after. */
function writeOut(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}
