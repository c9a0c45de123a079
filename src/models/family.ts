// What a model family is: its config, its names, and its blocks as ops. A family knows nothing of adapters: what a
// linear layer's low-rank part is, its caller says; and nothing of shapes twice: its tensors are those that its ops
// ask for (see modelTensors).
// B batch, T sequence, N = B·T rows, C hidden, H heads, KV key/value heads, D head size, V vocabulary.
import type { ModelConfig } from "../formats/modelConfig";
import type { Tensor } from "../gpu/tensor";
import type { AttentionAttributes } from "../ops/attention";
import type { LowRank } from "../ops/lowRank";
import type { Trace } from "../ops/trace";

/** Where a model finds its parameters. */
export interface ModelParameters {
  /** Tensor by Hugging Face name, linear weights as [out, in]. @throws when there is none */
  weight(name: string, shape: readonly number[]): Tensor;
  /** The adapter of a linear layer by module path, if it has one. */
  lowRank(modulePath: string): LowRank | undefined;
}

export interface TokenInputs {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** [B·T] */
  readonly tokens: Tensor;
  /** Positions sorted by token [B·T] and each token's start [V + 1]: only to train the embedding. */
  readonly tokenOrder?: Tensor | undefined;
  readonly tokenStart?: Tensor | undefined;
  /** Of the rows [B·T, 2], see ops/segments.ts; without them the rows follow the step's position (decoding). */
  readonly segments?: Tensor | undefined;
  /** (cos, sin) of every position and frequency, from rotaryTable. */
  readonly angles: Tensor;
}

/** How a layer attends: over the batch itself, or over a cache of earlier tokens. */
export type Attend = (
  layer: number,
  operands: { q: Tensor; k: Tensor; v: Tensor },
  attributes: AttentionAttributes,
) => Tensor;

/** What the ops of a model work on. */
export interface Scope {
  readonly trace: Trace;
  readonly config: ModelConfig;
  readonly parameters: ModelParameters;
}

/** A scope with the tokens that pass through it. */
export interface Pass extends Scope {
  readonly inputs: TokenInputs;
  readonly attend: Attend;
}

export interface Family {
  /** `model_type` in config.json. */
  readonly modelType: string;
  /** The class with a language-modelling head, in `architectures`. */
  readonly architecture: string;
  /** PEFT's default target modules for this `model_type`. */
  readonly defaultTargetModules: readonly string[];
  /** Start of all names but the head's; base models are saved without it. */
  readonly prefix: string;
  /** The token embedding's tensor, which is also the head's where they are tied. */
  readonly embedding: string;
  /** Linear weights that files hold as [in, out] (Conv1D). */
  readonly transposed?: RegExp;
  /** Constants that old files hold beside the parameters. */
  readonly ignored: RegExp;
  /** @throws FormatError naming the field */
  readConfig(json: Readonly<Record<string, unknown>>, fileName: string): ModelConfig;
  /** What goes into the first block [N, C]. */
  embed(pass: Pass): Tensor;
  /** One block, [N, C] to [N, C]; it must not change x in place. */
  block(pass: Pass, layer: number, x: Tensor): Tensor;
  /** The last norm, on any rows [R, C]. */
  finalNorm(scope: Scope, x: Tensor): Tensor;
}
