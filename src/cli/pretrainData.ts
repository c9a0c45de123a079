// The recipe of the embedded model and what it trains on: documents of the generated corpus, tokenized and packed
// into blocks, in the same order as oracle/pretrain.py takes them.
import { z } from "zod";
import { generateCorpus, type Split } from "../../corpus/generateCorpus";
import recipeJson from "../../corpus/recipe.json";
import type { TokenizedExample } from "../data/examples";
import type { ModelConfig } from "../formats/modelConfig";
import type { Tokenizer } from "../formats/tokenizer";
import { readModelConfig } from "../models/families";
import { schedules, type TrainConfig, trainConfigSchema } from "../train/config";

const count = z.int().positive();
const recipeSchema = z.object({
  corpus: z.object({ seed: z.int(), trainDocuments: count, validationDocuments: count }),
  model: z.object({
    vocabSize: count,
    hiddenSize: count,
    intermediateSize: count,
    numHiddenLayers: count,
    numAttentionHeads: count,
    numKeyValueHeads: count,
    headDim: count,
    maxPositionEmbeddings: count,
    ropeTheta: z.number(),
    rmsNormEps: z.number(),
    tieWordEmbeddings: z.boolean(),
  }),
  training: z.object({
    seed: z.int(),
    sequenceLength: count,
    batchSize: count,
    steps: count,
    learningRate: z.number(),
    warmupSteps: z.int(),
    schedule: z.enum(schedules),
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number(),
    weightDecay: z.number(),
    maxGradNorm: z.number(),
  }),
});

type Recipe = z.infer<typeof recipeSchema>;
/** corpus/recipe.json */
export const recipe: Recipe = recipeSchema.parse(recipeJson);

/** @param cadence when to evaluate and to keep checkpoints, on which the result does not depend */
export function trainConfigOf(
  { training }: Recipe,
  cadence: Pick<TrainConfig, "evaluateEvery" | "evaluateExamples" | "checkpointEvery">,
): TrainConfig {
  return trainConfigSchema.parse({ method: "full", shuffle: true, ...training, ...cadence });
}

/** @throws Error when the tokenizer is not the recipe's */
export function modelConfigOf({ model }: Recipe, tokenizer: Tokenizer): ModelConfig {
  const { bosTokenId, eosTokenIds, vocabSize } = tokenizer;
  if (vocabSize !== model.vocabSize || bosTokenId === null || eosTokenIds.length === 0) {
    throw new Error(
      `tokenizer.json: expected ${model.vocabSize} tokens (corpus/recipe.json), with a start and an end of text, ` +
        `got ${vocabSize}`,
    );
  }
  const json = {
    architectures: ["LlamaForCausalLM"],
    attention_bias: false,
    attention_dropout: 0,
    bos_token_id: bosTokenId,
    eos_token_id: eosTokenIds.length > 1 ? eosTokenIds : eosTokenIds[0],
    head_dim: model.headDim,
    hidden_act: "silu",
    hidden_size: model.hiddenSize,
    initializer_range: 0.02,
    intermediate_size: model.intermediateSize,
    max_position_embeddings: model.maxPositionEmbeddings,
    mlp_bias: false,
    model_type: "llama",
    num_attention_heads: model.numAttentionHeads,
    num_hidden_layers: model.numHiddenLayers,
    num_key_value_heads: model.numKeyValueHeads,
    rms_norm_eps: model.rmsNormEps,
    rope_parameters: { rope_theta: model.ropeTheta, rope_type: "default" },
    rope_theta: model.ropeTheta, // where transformers 4 and other tools look for it
    tie_word_embeddings: model.tieWordEmbeddings,
    use_cache: true,
    vocab_size: vocabSize,
  };
  return readModelConfig(new TextEncoder().encode(JSON.stringify(json)));
}

/**
 * <s> document </s> after <s> document </s>, cut into blocks of which every token counts; what fills no block at
 * the end is left out.
 * @param onProgress share of the documents done
 */
export function corpusBlocks(
  { corpus, training }: Pick<Recipe, "corpus" | "training">,
  split: Split,
  tokenizer: Tokenizer,
  onProgress: (fraction: number) => void = () => {},
): TokenizedExample[] {
  const { sequenceLength } = training;
  const documents = split === "train" ? corpus.trainDocuments : corpus.validationDocuments;
  const lossMask = new Uint8Array(sequenceLength).fill(1, 1); // one for all: nobody writes to it
  const blocks: TokenizedExample[] = [];
  let block = new Uint32Array(sequenceLength);
  let at = 0;
  const push = (id: number) => {
    block[at++] = id;
    if (at < sequenceLength) return;
    blocks.push({ ids: block, lossMask });
    block = new Uint32Array(sequenceLength);
    at = 0;
  };
  let done = 0;
  for (const document of generateCorpus(corpus.seed, documents, split)) {
    push(tokenizer.bosTokenId!);
    for (const id of tokenizer.encode(document, { addSpecialTokens: false })) push(id);
    push(tokenizer.eosTokenIds[0]!);
    if (++done % 5000 === 0) onProgress(done / documents);
  }
  return blocks;
}
