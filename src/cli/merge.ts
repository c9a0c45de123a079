// npm run merge: base model + adapter → one Hugging Face folder that needs no PEFT.
import { basename, resolve } from "node:path";
import { mergedWeights } from "../lora/mergedWeights";
import { changedModelFiles } from "../models/changedModel";
import { openNodeDevice } from "./device";
import { parseDtype } from "./dtypeFlag";
import { checkApart, checkOutput, readAdapter, readModel, writeContents } from "./files";
import { helpText, parseFlags } from "./flags";
import { locateModel, modelName } from "./hubModel";

const command = {
  name: "merge",
  usage: "--model DIR --adapter DIR --out DIR [flags]",
  about:
    "Adds an adapter into the model's weights, W + scaling · B · A, and writes the result as a Hugging Face model " +
    "folder with the model's tokenizer.",
  flags: [
    { name: "model", value: "DIR", about: "Hugging Face model folder, or a Hub id such as owner/name" },
    { name: "adapter", value: "DIR", about: "PEFT adapter folder for that model" },
    { name: "out", value: "DIR", about: "folder to write; new or empty unless --overwrite" },
    { name: "overwrite", about: "replace files in --out" },
    {
      name: "dtype",
      value: "NAME",
      about: "type of the written weights: f32, f16, bf16; 16 bits round small updates away",
      default: "f32",
    },
  ],
  examples: [
    ["--model public/models/fable-1m --adapter adapter --out merged", "weights in 32 bits"],
    ["--model DIR --adapter DIR --out DIR --dtype bf16", "half the size"],
  ] as const,
};

/** Runs the command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const given = parseFlags(command, args);
  if (!given) {
    console.log(helpText(command));
    return 0;
  }
  const dtype = parseDtype(given);
  const modelPath = given.required("model", "a model folder or a Hub id");
  const adapterPath = given.required("adapter", "an adapter folder");
  const out = given.required("out", "a folder to write");
  checkApart(out, { model: modelPath, adapter: adapterPath });
  await checkOutput(out, given.has("overwrite"));
  const adapter = await readAdapter(adapterPath, "adapter");

  const gpu = await openNodeDevice();
  const model = await readModel(await locateModel(modelPath), "model", gpu);
  const merged = await mergedWeights(gpu, model.folder, adapter);
  const card = [
    "---",
    `base_model: ${JSON.stringify(modelName(modelPath))}`,
    "library_name: transformers",
    "pipeline_tag: text-generation",
    "---",
    "",
    `# ${basename(resolve(out))}`,
    "",
    `${modelPath} with the LoRA adapter ${basename(resolve(adapterPath))} merged into its weights by LoRA Studio.`,
    "",
  ];
  await writeContents(out, [
    ...changedModelFiles(model, merged.tensors, dtype),
    ["README.md", card.join("\n")],
  ]);
  merged.release();
  console.log(`${merged.tensors.size} weights merged, written to ${out} in ${dtype}`);
  return 0;
}
