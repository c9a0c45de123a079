import { describe, expect, it } from "vitest";
import { textWithQuestions } from "./attributes";
import { Draw } from "./draw";
import { expand } from "./expand";
import { corpusDocument, generateCorpus } from "./generateCorpus";
import { asList, asSentences, drawRecord } from "./records";
import { schemas } from "./schemas";

const documents = [...generateCorpus(20, 4000)];

describe("generateCorpus", () => {
  it("gives a document by seed, split and index alone", () => {
    expect(corpusDocument(20, "train", 17)).toBe(documents[17]);
    expect(corpusDocument(21, "train", 17)).not.toBe(documents[17]);
    expect(corpusDocument(20, "validation", 17)).not.toBe(documents[17]);
  });

  it("hardly repeats itself, within the training split or from there to the held-out one", () => {
    const train = new Set(documents);
    expect(train.size).toBeGreaterThan(0.995 * documents.length);
    const heldOut = [...generateCorpus(20, 500, "validation")];
    expect(heldOut.filter((document) => train.has(document)).length).toBeLessThan(5);
  });

  it("uses thousands of words", () => {
    const words = new Set(documents.flatMap((document) => document.toLowerCase().match(/[a-z']+/g) ?? []));
    expect(words.size).toBeGreaterThan(2500); // the rarer ones come later: over 3,000 in ten thousand documents
  });

  it("leaves no template syntax, wrong article or doubled space", () => {
    for (const document of documents) {
      expect(document).not.toMatch(/undefined|\{\^|=\w+s\}|\S {2}\S|\w [.,!?](\s|$)/);
      expect(document).not.toMatch(/\b[aA] [aeio]\w/);
    }
  });

  it("keeps the kinds of text as different as the mixture says", () => {
    const questions = documents.filter((document) => document.includes("?\n")).length / documents.length;
    expect(questions).toBeGreaterThan(0.1);
    expect(questions).toBeLessThan(0.3);
  });
});

describe("facts", () => {
  it("tells every value of a record, as a list and in sentences", () => {
    for (const schema of schemas) {
      for (let i = 0; i < 40; i++) {
        const draw = new Draw(1, `${schema.kind}:${i}`);
        const values = drawRecord(draw, schema, 4);
        const list = asList(draw, schema, values).toLowerCase();
        const text = asSentences(draw, schema, values).toLowerCase();
        for (const { value } of values) {
          expect(list).toContain(value.toLowerCase());
          expect(text).toContain(value.toLowerCase());
        }
      }
    }
  });

  it("answers questions with what the text says", () => {
    let checked = 0;
    for (let i = 0; i < 400; i++) {
      const [text, dialogue] = textWithQuestions(new Draw(2, `questions:${i}`)).split("\n\n") as [
        string,
        string,
      ];
      for (const [, answer] of dialogue.matchAll(/\nA: (?!Yes)(.+)\.(?:\n|$)/g)) {
        const lastWord = answer!.toLowerCase().split(" ").at(-1)!;
        expect(text.toLowerCase()).toContain(lastWord);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(50);
  });
});

describe("expand", () => {
  const draw = () => new Draw(5, "expand");

  it("remembers what a named slot drew", () => {
    const facts = {};
    const text = expand(draw(), "{^a fruit=fruits} is {a fruit}.", facts);
    const [, first, second] = /^(An? \w+) is (an? \w+)\.$/.exec(text)!;
    expect(first!.toLowerCase()).toBe(second);
    expect(Object.keys(facts)).toEqual(["fruit"]);
  });

  it("chooses among nested alternatives and mends the spaces of empty ones", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) seen.add(expand(new Draw(6, `${i}`), "one [two [or|and] three|] four.", {}));
    expect([...seen].sort()).toEqual(["One four.", "One two and three four.", "One two or three four."]);
  });

  it("names the slot it does not know", () => {
    expect(() => expand(draw(), "{nothingLikeThis}", {})).toThrow(/got \{nothingLikeThis\}/);
    expect(() => expand(draw(), "[one|two", {})).toThrow(/closing/);
  });
});
