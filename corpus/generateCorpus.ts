// The pretraining corpus: document i of a split is a pure function of (seed, split, i).
import { attributeList, textWithQuestions } from "./attributes";
import { comparison } from "./comparisons";
import { description } from "./descriptions";
import { Draw } from "./draw";
import { dialogue, letter } from "./letters";
import { list } from "./lists";
import { rehearsal } from "./rehearsals";
import { story } from "./stories";

export type Split = "train" | "validation";

/** Parts per hundred of each kind of text. */
const mixture: readonly (readonly [number, (draw: Draw) => string])[] = [
  [30, story],
  [16, attributeList],
  [12, textWithQuestions],
  [8, description],
  [4, list],
  [4, letter],
  [4, dialogue],
  [2, comparison],
  [20, rehearsal],
];

export function corpusDocument(seed: number, split: Split, index: number): string {
  const draw = new Draw(seed, `${split}:${index}`);
  let rest = draw.below(100);
  for (const [share, make] of mixture) {
    if (rest < share) return make(draw);
    rest -= share;
  }
  throw new Error(`corpus mixture: expected shares that sum to 100, got ${100 - rest} or less`);
}

/** The first `documentCount` documents of a split, one at a time. */
export function* generateCorpus(
  seed: number,
  documentCount: number,
  split: Split = "train",
): Generator<string> {
  for (let index = 0; index < documentCount; index++) yield corpusDocument(seed, split, index);
}
