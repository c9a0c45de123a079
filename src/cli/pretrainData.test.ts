import { describe, expect, it } from "vitest";
import { generateCorpus } from "../../corpus/generateCorpus";
import { tinyTokenizerFiles } from "../formats/testing/tinyTokenizer";
import { loadTokenizer } from "../formats/tokenizer";
import { corpusBlocks, modelConfigOf, recipe, trainConfigOf } from "./pretrainData";

const { tokenizerJson, tokenizerConfig } = tinyTokenizerFiles();
const tokenizer = loadTokenizer(tokenizerJson, tokenizerConfig);

describe("corpusBlocks", () => {
  it("packs every document between its start and end into blocks, and leaves the tail out", () => {
    const corpus = { seed: 5, trainDocuments: 7, validationDocuments: 3 };
    const training = { ...recipe.training, sequenceLength: 64 };
    const stream = [...generateCorpus(5, 7, "train")].flatMap((document) => [
      1,
      ...tokenizer.encode(document, { addSpecialTokens: false }),
      2,
    ]);
    const blocks = corpusBlocks({ corpus, training }, "train", tokenizer);
    expect(blocks).toHaveLength(Math.floor(stream.length / 64));
    expect(blocks.length).toBeGreaterThan(10);
    blocks.forEach(({ ids, lossMask }, i) => {
      expect([...ids]).toEqual(stream.slice(64 * i, 64 * (i + 1)));
      expect([...lossMask]).toEqual([0, ...Array(63).fill(1)]);
    });
    expect(corpusBlocks({ corpus, training }, "validation", tokenizer)[0]!.ids).not.toEqual(blocks[0]!.ids);
  });
});

describe("recipe", () => {
  it("is a configuration of the trainer, whatever the cadence of evaluations", () => {
    const config = trainConfigOf(recipe, { evaluateEvery: 3, evaluateExamples: 4, checkpointEvery: 5 });
    expect(config).toMatchObject({
      ...recipe.training,
      method: "full",
      shuffle: true,
      gradientAccumulation: 1,
    });
    expect(config).toMatchObject({ evaluateEvery: 3, evaluateExamples: 4, checkpointEvery: 5 });
  });

  it("asks for its own tokenizer", () => {
    expect(() => modelConfigOf(recipe, tokenizer)).toThrow(
      `expected ${recipe.model.vocabSize} tokens (corpus/recipe.json)`,
    );
  });
});
