// adapter_config.json of PEFT: what we support of it, checked, typed and written back as PEFT 0.21 writes it.
// Semantics from peft: tuners/lora/config.py, tuners/tuners_utils.py (check_target_module_exists) and
// utils/other.py (get_pattern_key).
import { z } from "zod";
import { FormatError, shown } from "./formatError";
import { checkSchema, decodeUtf8, parseJson } from "./jsonFile";

/** The part of PEFT's LoraConfig that has a meaning here. */
export interface LoraAdapterConfig {
  readonly r: number;
  readonly loraAlpha: number;
  /** Probability in [0, 1). */
  readonly loraDropout: number;
  /** Names matched as suffixes of module paths, or one regular expression for the whole path, or "all-linear". */
  readonly targetModules: readonly string[] | string;
  readonly excludeModules: readonly string[] | string | null;
  /** Layers to adapt, null for all. */
  readonly layersToTransform: readonly number[] | null;
  /** Name of the list that layer numbers count, e.g. "layers"; null or empty for any. */
  readonly layersPattern: readonly string[] | null;
  readonly useRslora: boolean;
  readonly initLoraWeights: boolean | "gaussian";
  /** Regular expression on the end of a module path → its rank. */
  readonly rankPattern: Readonly<Record<string, number>>;
  /** Regular expression on the end of a module path → its alpha. */
  readonly alphaPattern: Readonly<Record<string, number>>;
  readonly bias: "none";
  /** Says that the adapted weights are stored [in, out] (GPT-2's Conv1D); the factors keep their shapes. */
  readonly fanInFanOut: boolean;
  readonly taskType: "CAUSAL_LM";
  readonly baseModelNameOrPath: string | null;
  readonly revision: string | null;
}

/** PEFT's defaults, for callers that set only some fields. */
export const defaultLoraAdapterConfig = {
  r: 8,
  loraAlpha: 8,
  loraDropout: 0,
  targetModules: ["q_proj", "v_proj"],
  excludeModules: null,
  layersToTransform: null,
  layersPattern: null,
  useRslora: false,
  initLoraWeights: true,
  rankPattern: {},
  alphaPattern: {},
  bias: "none",
  fanInFanOut: false,
  taskType: "CAUSAL_LM",
  baseModelNameOrPath: null,
  revision: null,
} as const satisfies LoraAdapterConfig;

const names = z.union([z.array(z.string().min(1)).min(1), z.string().min(1)]);
const isPattern = (pattern: string) => {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
};
const pattern = z.string().refine(isPattern, {
  error: ({ input }) => `expected a regular expression, got ${shown(input)}, which does not compile.`,
});
const patternMap = (value: z.ZodType<number>) =>
  z
    .record(z.string(), value)
    .nullish()
    .superRefine((map, context) => {
      for (const key of Object.keys(map ?? {})) {
        if (isPattern(key)) continue;
        const message = `expected a regular expression, got ${shown(key)}, which does not compile.`;
        context.addIssue({ code: "custom", path: [key], message });
      }
    });

/** A field that may be there only with a value that switches the feature off. */
const off = (feature: string) =>
  z
    .unknown()
    .refine(isOff, {
      error: ({ input }) =>
        `expected it switched off, got ${shown(input)}: ${feature} is not supported here.`,
    })
    .optional();

function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

const only = (expected: string, remedy: string) =>
  z.string().refine((value) => value === expected, {
    error: ({ input }) => `expected "${expected}", got ${shown(input)}. ${remedy}`,
  });

// Initialisations that only choose the first factors; every other one also changes the base weights, so that
// the factors alone would give a different model.
const factorOnlyInits = ["gaussian", "orthogonal", "eva"];

const schema = z.object({
  peft_type: only("LORA", "Only LoRA adapters can be read."),
  // PEFT leaves it null when the model was wrapped without a task; the factors are the same.
  task_type: only("CAUSAL_LM", "Only adapters for text generation can be read.").nullish(),
  r: z.int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: names,
  exclude_modules: z.union([z.array(z.string()), z.string()]).nullish(),
  layers_to_transform: z.union([z.array(z.int().nonnegative()), z.int().nonnegative()]).nullish(),
  layers_pattern: z.union([z.array(pattern), pattern]).nullish(),
  use_rslora: z.boolean().default(false),
  init_lora_weights: z
    .union([z.boolean(), z.string()])
    .default(true)
    .refine((init) => typeof init === "boolean" || factorOnlyInits.includes(init), {
      error: ({ input }) =>
        `expected true, false or "gaussian", got ${shown(input)}, which also changes the base weights. ` +
        "Convert the adapter with PEFT's path_initial_model_for_weight_conversion first.",
    }),
  rank_pattern: patternMap(z.int().positive()),
  alpha_pattern: patternMap(z.number().positive()),
  bias: only("none", "Trained biases beside an adapter are not supported here.").optional(),
  fan_in_fan_out: z.boolean().default(false),
  modules_to_save: off("a fully trained module beside the adapter"),
  use_dora: off("DoRA"),
  lora_bias: off("a bias on lora_B"),
  use_qalora: off("QALoRA"),
  use_bdlora: off("block-diagonal LoRA"),
  layer_replication: off("layer replication"),
  target_parameters: off("LoRA on bare parameters"),
  trainable_token_indices: off("trained token embeddings"),
  alora_invocation_tokens: off("activated LoRA"),
  arrow_config: off("Arrow routing"),
  monteclora_config: off("MonteCLoRA"),
  velora_config: off("VeLoRA"),
  kasa_config: off("KaSA"),
  base_model_name_or_path: z.string().nullish(),
  revision: z.string().nullish(),
});

/**
 * Reads adapter_config.json. Fields PEFT does not know are ignored, as PEFT does.
 * @throws FormatError naming the field that is wrong or that asks for something unsupported
 */
export function readAdapterConfig(bytes: Uint8Array, fileName = "adapter_config.json"): LoraAdapterConfig {
  const raw = checkSchema(schema, parseJson(decodeUtf8(bytes, fileName), fileName), fileName);
  if (typeof raw.target_modules === "string" && !isPattern(raw.target_modules)) {
    throw new FormatError(
      fileName,
      "target_modules",
      `expected a regular expression, got ${shown(raw.target_modules)}.`,
    );
  }
  const list = <T>(value: T | T[] | null | undefined): T[] | null =>
    value === null || value === undefined ? null : Array.isArray(value) ? value : [value];
  const init = raw.init_lora_weights;
  return {
    r: raw.r,
    loraAlpha: raw.lora_alpha,
    loraDropout: raw.lora_dropout,
    targetModules: raw.target_modules,
    excludeModules: raw.exclude_modules ?? null,
    layersToTransform: list(raw.layers_to_transform),
    layersPattern: list(raw.layers_pattern),
    useRslora: raw.use_rslora,
    // "orthogonal" and "eva" are spent once the factors exist; PEFT's default stands for them.
    initLoraWeights: init === "gaussian" ? init : init !== false,
    rankPattern: raw.rank_pattern ?? {},
    alphaPattern: raw.alpha_pattern ?? {},
    bias: "none",
    fanInFanOut: raw.fan_in_fan_out,
    taskType: "CAUSAL_LM",
    baseModelNameOrPath: raw.base_model_name_or_path ?? null,
    revision: raw.revision ?? null,
  };
}

/** adapter_config.json byte for byte as PEFT 0.21 writes it: sorted keys, indent 2, ASCII, no end of line. */
export function writeAdapterConfig(config: LoraAdapterConfig): Uint8Array<ArrayBuffer> {
  const json = {
    alora_invocation_tokens: null,
    alpha_pattern: sortedByKey(config.alphaPattern),
    arrow_config: null,
    auto_mapping: null,
    base_model_name_or_path: config.baseModelNameOrPath,
    bias: config.bias,
    corda_config: null,
    ensure_weight_tying: false,
    eva_config: null,
    exclude_modules: config.excludeModules,
    fan_in_fan_out: config.fanInFanOut,
    inference_mode: true,
    init_lora_weights: config.initLoraWeights,
    kasa_config: null,
    layer_replication: null,
    layers_pattern: config.layersPattern,
    layers_to_transform: config.layersToTransform,
    loftq_config: {},
    lora_alpha: config.loraAlpha,
    lora_bias: false,
    lora_dropout: config.loraDropout,
    lora_ga_config: null,
    megatron_config: null,
    megatron_core: "megatron.core",
    modules_to_save: null,
    monteclora_config: null,
    peft_type: "LORA",
    peft_version: "0.21.2",
    qalora_group_size: 16,
    r: config.r,
    rank_pattern: sortedByKey(config.rankPattern),
    revision: config.revision,
    target_modules: config.targetModules,
    target_parameters: null,
    task_type: config.taskType,
    trainable_token_indices: null,
    use_bdlora: null,
    use_dora: false,
    use_qalora: false,
    use_rslora: config.useRslora,
    velora_config: null,
  };
  const text = JSON.stringify(json, null, 2)
    // Python writes the float 0 as 0.0, and everything outside printable ASCII escaped.
    .replace(/^( {2}"lora_dropout": )0,$/m, "$10.0,")
    .replace(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return new TextEncoder().encode(text);
}

function sortedByKey(map: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Whether PEFT would adapt the linear module at `modulePath` (`model.layers.0.self_attn.q_proj`). */
export function isTargetModule(config: LoraAdapterConfig, modulePath: string): boolean {
  const { targetModules, excludeModules } = config;
  if (excludeModules !== null && matchesNames(excludeModules, modulePath)) return false;
  if (typeof targetModules === "string" && targetModules.toLowerCase() === "all-linear") {
    return modulePath !== "lm_head";
  }
  if (!matchesNames(targetModules, modulePath)) return false;
  // PEFT looks at the layer number only where target_modules is a list.
  if (typeof targetModules === "string" || !config.layersToTransform?.length) return true;
  const layer = layerOf(modulePath, config.layersPattern);
  return layer !== null && config.layersToTransform.includes(layer);
}

/** A list matches the path or its dotted end; a string is a regular expression for the whole path. */
function matchesNames(names: readonly string[] | string, modulePath: string): boolean {
  if (typeof names === "string") return new RegExp(`^(?:${names})$`).test(modulePath);
  return names.some((name) => modulePath === name || modulePath.endsWith(`.${name}`));
}

function layerOf(modulePath: string, layersPattern: readonly string[] | null): number | null {
  const patterns = layersPattern?.length
    ? layersPattern.map((name) => `(?:^|.*?\\.)${name}`)
    : [".*?\\.[^.]*"];
  for (const pattern of patterns) {
    const match = new RegExp(`^${pattern}\\.(?<index>\\d+)\\.`).exec(modulePath);
    if (match) return Number(match.groups!.index);
  }
  return null;
}

/** Rank of the module: the first rank_pattern that matches the end of its path, else `r`. */
export function rankOf(config: LoraAdapterConfig, modulePath: string): number {
  return patternValue(config.rankPattern, modulePath) ?? config.r;
}

/** Factor on B·A for the module: alpha / rank, with rsLoRA alpha / √rank. */
export function scalingOf(config: LoraAdapterConfig, modulePath: string): number {
  const alpha = patternValue(config.alphaPattern, modulePath) ?? config.loraAlpha;
  const rank = rankOf(config, modulePath);
  return alpha / (config.useRslora ? Math.sqrt(rank) : rank);
}

function patternValue(patterns: Readonly<Record<string, number>>, modulePath: string): number | undefined {
  const key = Object.keys(patterns).find((key) => new RegExp(`^(?:.*\\.)?(?:${key})$`).test(modulePath));
  return key === undefined ? undefined : patterns[key];
}
