// What goes with an exported adapter: the model card that people read, and run.json that programs read.

import type { ModelInfo, RunHistory } from "./messages";
import type { TunedAdapter } from "./tunedAdapter";

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
const lossText = (loss: number | undefined): string => loss?.toFixed(4) ?? "not measured";

/** README.md of an exported adapter, with the front matter that the Hugging Face Hub reads. */
export function writeModelCard(tuned: TunedAdapter, model: ModelInfo, history: RunHistory): string {
  const { adapter, info, record } = tuned;
  const base = adapter.config.baseModelNameOrPath ?? model.name;
  const frontMatter = ["---", `base_model: ${JSON.stringify(base)}`, "library_name: peft"];
  frontMatter.push("pipeline_tag: text-generation", "tags:", "- lora", "- lora-studio", "---");
  const rows: [string, string | number][] = [
    ["Base model", base],
    ["Method", "LoRA"],
    ["Rank", info.rank],
    ["Alpha", info.loraAlpha],
    ["Target modules", info.targetModules.join(", ")],
    ["rsLoRA", adapter.config.useRslora ? "yes" : "no"],
    [
      "Trainable parameters",
      `${info.trainableParameters} (${percent(info.trainableParameters, model.parameterCount)} of ${model.parameterCount})`,
    ],
  ];
  if (record) rows.push(...trainingRows(tuned, history));
  return [
    ...frontMatter,
    "",
    `# ${info.name}`,
    "",
    record
      ? `A LoRA adapter for ${base}, fine-tuned in the browser with LoRA Studio.`
      : `A LoRA adapter for ${base}, imported into LoRA Studio and exported again.`,
    "",
    "| | |",
    "|---|---|",
    ...rows.map(([name, value]) => `| ${name} | ${String(value).replaceAll("|", "\\|")} |`),
    "",
    ...usage(base),
  ].join("\n");
}

function trainingRows(
  { record }: TunedAdapter,
  { steps, evaluations }: RunHistory,
): [string, string | number][] {
  const { config, dataName, step } = record!;
  const batch = `${config.batchSize} × ${config.gradientAccumulation}`;
  return [
    ["Dropout", config.adapter.loraDropout],
    ["Initial weights", config.adapter.initLoraWeights === "gaussian" ? "gaussian" : "PEFT's default"],
    ["Training data", dataName],
    ["Steps", `${step} of ${config.steps}`],
    ["Batch size × accumulation", batch],
    ["Sequence length", config.sequenceLength],
    ["Learning rate", `${config.learningRate}, ${config.schedule}, ${config.warmupSteps} warm-up steps`],
    ["Optimizer", `AdamW, β ${config.beta1} / ${config.beta2}, weight decay ${config.weightDecay}`],
    ["Largest gradient norm", config.maxGradNorm || "not clipped"],
    ["Seed", config.seed],
    ["First training loss", lossText(steps[0]?.loss)],
    ["Last training loss", lossText(steps.at(-1)?.loss)],
    ["Validation loss before", lossText(evaluations.find((evaluation) => evaluation.step === 0)?.loss)],
    ["Validation loss after", lossText(evaluations.at(-1)?.loss)],
  ];
}

function usage(base: string): string[] {
  return [
    "## Use",
    "",
    "Unpack the zip, then, with the base model's folder or Hub name:",
    "",
    "```python",
    "from peft import PeftModel",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    `base = ${JSON.stringify(base)}`,
    "tokenizer = AutoTokenizer.from_pretrained(base)",
    "model = AutoModelForCausalLM.from_pretrained(base)",
    'model = PeftModel.from_pretrained(model, "path/to/this/folder")',
    "```",
    "",
    "`run.json` holds the full configuration and the metrics of every step.",
    "",
  ];
}

/** run.json of an exported adapter. */
export function writeRunJson(tuned: TunedAdapter, model: ModelInfo, history: RunHistory): string {
  const { adapter, info, record } = tuned;
  const { steps, evaluations, deltas } = history;
  const events = <T extends { readonly type: string }>(list: readonly T[]) =>
    list.map(({ type: _, ...values }) => values);
  const run = record && {
    name: record.name,
    createdAt: new Date(record.createdAt).toISOString(),
    status: record.status,
    step: record.step,
    data: record.dataName,
    config: record.config,
    steps: events(steps),
    evaluations: events(evaluations),
    deltas: events(deltas),
  };
  const { name, parameterCount } = model;
  const content = {
    format: "lora-studio-run",
    version: 1,
    origin: info.origin,
    baseModel: { name, parameterCount },
    trainableParameters: info.trainableParameters,
    adapter: adapter.config,
    ...(run && { run }),
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}
