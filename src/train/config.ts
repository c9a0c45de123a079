// Everything a fine-tuning run is determined by, checked in one place for the page, the command line and resumes.
import { z } from "zod";

export const methods = ["lora", "full", "bitfit"] as const;
export const schedules = ["constant", "linear", "cosine"] as const;

const count = z.int().min(1);
const seed = z.int().min(0).max(0xffff_ffff);

/** The adapter's settings, in PEFT's terms. */
export const adapterSettingsSchema = z.strictObject({
  rank: count.max(4096).default(8),
  loraAlpha: z.number().positive().default(16),
  loraDropout: z.number().min(0).lt(1).default(0),
  /** Module names, matched as PEFT does: by the end of the module's path. */
  targetModules: z.array(z.string().min(1)).min(1).default(["q_proj", "v_proj"]),
  useRslora: z.boolean().default(false),
  /** true: A uniform in ±1/√in; "gaussian": A normal with deviation 1/rank. B is zero either way. */
  initLoraWeights: z.union([z.literal(true), z.literal("gaussian")]).default(true),
  rankPattern: z.record(z.string(), count).default({}),
  alphaPattern: z.record(z.string(), z.number().positive()).default({}),
});

export const trainConfigSchema = z.strictObject({
  method: z.enum(methods).default("lora"),
  adapter: adapterSettingsSchema.prefault({}),
  steps: count.max(10_000_000).default(100),
  batchSize: count.max(65_536).default(4),
  /** Micro-batches whose gradients are added up before one update. */
  gradientAccumulation: count.max(4096).default(1),
  /** Keeps only what goes into each block and computes it again for the gradients: less memory, the same bits. */
  gradientCheckpointing: z.boolean().default(false),
  /** Tokens an example is cut to; batches are as long as the longest example after that. */
  sequenceLength: z.int().min(2).max(1_048_576).default(64),
  /** Short examples share a sequence: less padding, the same loss of every token (data/pack). */
  packing: z.boolean().default(false),
  learningRate: z.number().min(0).default(5e-3),
  schedule: z.enum(schedules).default("linear"),
  warmupSteps: z.int().min(0).default(0),
  weightDecay: z.number().min(0).default(0),
  /** Largest global gradient norm; 0 turns clipping off. */
  maxGradNorm: z.number().min(0).default(1),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Of first values and dropout, and of the order of the examples unless `dataSeed` is given. */
  seed: seed.default(0),
  /** Of the order of the examples: runs that differ in `seed` alone then see the same data. */
  dataSeed: seed.nullable().default(null),
  /** A new order of the examples every epoch; otherwise file order. */
  shuffle: z.boolean().default(true),
  /** Steps between evaluations on the validation split; 0 evaluates only before and after. */
  evaluateEvery: z.int().min(0).default(25),
  /** Validation examples an evaluation uses, from the first; 0 uses all. */
  evaluateExamples: z.int().min(0).default(32),
  /** Steps between automatic checkpoints; 0 turns them off. */
  checkpointEvery: z.int().min(0).default(25),
});

export type AdapterSettings = z.infer<typeof adapterSettingsSchema>;
export type TrainConfig = z.infer<typeof trainConfigSchema>;
/** As a person or file gives it: what is left out gets its default. */
export type TrainConfigInput = z.input<typeof trainConfigSchema>;
