// The README.md that goes with trained weights: what a person needs to judge and to load them. Written the same
// for the studio's zip and for the command line's folder.
import type { LoraAdapterConfig } from "../formats/peftConfig";
import type { TrainConfig } from "./config";

/** What is known about a run when its card is written. */
export interface CardRun {
  readonly config: TrainConfig;
  readonly dataName: string;
  /** Updates done. */
  readonly step: number;
  /** Losses in nats; absent when not measured. */
  readonly firstLoss?: number | undefined;
  readonly lastLoss?: number | undefined;
  readonly validationBefore?: number | undefined;
  readonly validationAfter?: number | undefined;
}

export interface CardSubject {
  readonly title: string;
  /** Folder or Hub name of the base model. */
  readonly base: string;
  /** The sentence below the title. */
  readonly summary: string;
  /** Null where the whole model is given. */
  readonly adapter: LoraAdapterConfig | null;
  readonly trainableParameters: number;
  readonly totalParameters: number;
  /** Absent for weights that came from elsewhere. */
  readonly run?: CardRun | undefined;
  /** Names what else lies in the folder. */
  readonly closing: string;
}

const methodNames = { lora: "LoRA", full: "full fine-tuning", bitfit: "biases only (BitFit)" } as const;
const lossText = (loss: number | undefined): string => loss?.toFixed(4) ?? "not measured";

/** README.md with the front matter that the Hugging Face Hub reads. */
export function writeModelCard(subject: CardSubject): string {
  const { title, base, summary, adapter, run } = subject;
  const tag = run ? run.config.method : "lora";
  return [
    "---",
    `base_model: ${JSON.stringify(base)}`,
    `library_name: ${adapter ? "peft" : "transformers"}`,
    "pipeline_tag: text-generation",
    "tags:",
    `- ${tag}`,
    "- lora-studio",
    "---",
    "",
    `# ${title}`,
    "",
    summary,
    "",
    "| | |",
    "|---|---|",
    ...rows(subject).map(([name, value]) => `| ${name} | ${String(value).replaceAll("|", "\\|")} |`),
    "",
    ...usage(base, adapter !== null),
    subject.closing,
    "",
  ].join("\n");
}

function rows({
  base,
  adapter,
  trainableParameters,
  totalParameters,
  run,
}: CardSubject): [string, unknown][] {
  const percent = ((100 * trainableParameters) / totalParameters).toFixed(2);
  const list: [string, unknown][] = [
    ["Base model", base],
    ["Method", methodNames[run?.config.method ?? "lora"]],
  ];
  if (adapter) list.push(...adapterRows(adapter));
  list.push(["Trainable parameters", `${trainableParameters} (${percent} % of ${totalParameters})`]);
  if (run) list.push(...runRows(run));
  return list;
}

function adapterRows(adapter: LoraAdapterConfig): [string, unknown][] {
  const { targetModules, rankPattern, alphaPattern } = adapter;
  const list: [string, unknown][] = [
    ["Rank", adapter.r],
    ["Alpha", adapter.loraAlpha],
    ["Dropout", adapter.loraDropout],
    ["Target modules", typeof targetModules === "string" ? targetModules : targetModules.join(", ")],
    ["rsLoRA", adapter.useRslora ? "yes" : "no"],
    ["Initial weights", adapter.initLoraWeights === "gaussian" ? "gaussian" : "PEFT's default"],
  ];
  if (Object.keys(rankPattern).length > 0) list.push(["Rank pattern", JSON.stringify(rankPattern)]);
  if (Object.keys(alphaPattern).length > 0) list.push(["Alpha pattern", JSON.stringify(alphaPattern)]);
  return list;
}

function runRows(run: CardRun): [string, unknown][] {
  const { config, dataName, step } = run;
  const ownSeed = typeof config.dataSeed === "number" ? `, with seed ${config.dataSeed}` : "";
  return [
    ["Training data", dataName],
    ["Steps", `${step} of ${config.steps}`],
    ["Batch size × accumulation", `${config.batchSize} × ${config.gradientAccumulation}`],
    ["Sequence length", config.sequenceLength],
    ["Learning rate", `${config.learningRate}, ${config.schedule}, ${config.warmupSteps} warm-up steps`],
    ["Optimizer", `AdamW, β ${config.beta1} / ${config.beta2}, weight decay ${config.weightDecay}`],
    ["Largest gradient norm", config.maxGradNorm || "not clipped"],
    ["Order of examples", config.shuffle ? `shuffled every epoch${ownSeed}` : "as in the file"],
    ["Seed", config.seed],
    ["First training loss", lossText(run.firstLoss)],
    ["Last training loss", lossText(run.lastLoss)],
    ["Validation loss before", lossText(run.validationBefore)],
    ["Validation loss after", lossText(run.validationAfter)],
  ];
}

function usage(base: string, isAdapter: boolean): string[] {
  const load = isAdapter
    ? [
        `base = ${JSON.stringify(base)}`,
        "tokenizer = AutoTokenizer.from_pretrained(base)",
        "model = AutoModelForCausalLM.from_pretrained(base)",
        'model = PeftModel.from_pretrained(model, "path/to/this/folder")',
      ]
    : [
        'folder = "path/to/this/folder"',
        "tokenizer = AutoTokenizer.from_pretrained(folder)",
        "model = AutoModelForCausalLM.from_pretrained(folder)",
      ];
  return [
    "## Use",
    "",
    "```python",
    ...(isAdapter ? ["from peft import PeftModel"] : []),
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    ...load,
    "```",
    "",
  ];
}
