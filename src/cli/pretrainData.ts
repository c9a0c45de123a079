// The recipe of the embedded model and what it trains on: documents of the generated corpus, tokenized and packed
// into blocks, in the same order as oracle/pretrain.py takes them.
import { z } from "zod";
import { generateCorpus, type Split } from "../../corpus/generateCorpus";
import recipeJson from "../../corpus/recipe.json";
import type { TokenizedExample } from "../data/batches";
import type { LlamaConfig } from "../formats/modelConfig";
import type { Tokenizer } from "../formats/tokenizer";
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
export function modelConfigOf({ model }: Recipe, tokenizer: Tokenizer): LlamaConfig {
  const { bosTokenId, eosTokenIds, vocabSize } = tokenizer;
  if (vocabSize !== model.vocabSize || bosTokenId === null || eosTokenIds.length === 0) {
    throw new Error(
      `tokenizer.json: expected ${model.vocabSize} tokens (corpus/recipe.json), with a start and an end of text, ` +
        `got ${vocabSize}`,
    );
  }
  return { ...model, attentionBias: false, mlpBias: false, bosTokenId, eosTokenIds };
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
