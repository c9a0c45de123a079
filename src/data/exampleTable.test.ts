// A table says of its examples what an array of them would, in far less memory, wherever pages end.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cdp } from "vitest/browser";
import { splitValidation } from "./batches";
import type { ByteSource } from "./byteSource";
import { defaultDataSettings } from "./config";
import { sizesOf, sumOf } from "./examples";
import { ExampleTableBuilder } from "./exampleTable";
import { prepareData } from "./prepare";
import { tinyTokenizer } from "./testing/files";
import { cutExamples } from "./tokenize";
import { TokenPages } from "./tokenPages";

describe("ExampleTable", () => {
  const encoded = fc.array(fc.nat(70_000), { minLength: 1, maxLength: 12 }).chain((ids) =>
    fc.record({
      ids: fc.constant(ids),
      learned: fc
        .array(fc.nat(ids.length), { maxLength: 4 })
        .map((borders) => borders.sort((a, b) => a - b))
        .map((borders) =>
          Array.from({ length: Math.floor(borders.length / 2) }, (_, i): [number, number] => [
            borders[2 * i]!,
            borders[2 * i + 1]!,
          ]),
        ),
    }),
  );

  it("gives back, cut, chosen and sliced, what was put in", () => {
    const cases = fc.array(encoded, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 12 }), fc.nat(), (given, most, seed) => {
        const built = new ExampleTableBuilder(70_001);
        for (const each of given) built.add(each);
        const expected = given.map(({ ids, learned }) => {
          const lossMask = new Uint8Array(ids.length);
          for (const [from, to] of learned) lossMask.fill(1, Math.max(1, from), to);
          return { ids: Uint32Array.from(ids), lossMask };
        });
        const table = built.table();
        expect([...table]).toEqual(expected);
        const firsts = expected.map(({ lossMask }) => lossMask.indexOf(1) + 1);
        expect([...table.leastLengths()]).toEqual(firsts);

        const cut = expected.map(({ ids, lossMask }) => ({
          ids: ids.slice(0, most),
          lossMask: lossMask.slice(0, most),
        }));
        expect(table.cutTo(most).sizes).toEqual(sizesOf(cut));
        const { train } = splitValidation(given.length, 0.3, seed);
        const chosen = [...train].map((index) => cut[index]!);
        expect([...table.cutTo(most).select(train)]).toEqual(chosen);
        expect([...table.cutTo(most).select(train).slice(1, 3)]).toEqual(chosen.slice(1, 3));
        expect(table.at(given.length)).toBeUndefined();

        const flat = Uint32Array.from(given.flatMap(({ ids }) => ids));
        const blocks = table.inBlocks(most);
        expect([...blocks].flatMap(({ ids }) => [...ids])).toEqual([...flat]);
        expect(blocks.sizes).toEqual(sizesOf([...blocks]));
      }),
    );
  });

  it("counts what says the same as an earlier one", () => {
    const built = new ExampleTableBuilder(100);
    for (const id of [7, 8, 7, 9, 7, 8]) built.add({ ids: [1, id], learned: [[0, 2]] });
    expect(built.countDuplicates()).toBe(3);
  });
});

it("pages of tokens read the same across their borders, in 16 bits where the vocabulary allows it", () => {
  for (const vocabSize of [2 ** 16, 2 ** 16 + 1]) {
    const ids = Array.from({ length: 262_400 }, (_, i) => (i * 7919) % vocabSize);
    ids[0] = vocabSize - 1;
    const pages = new TokenPages(vocabSize);
    for (let at = 0; at < ids.length; at += 5000) pages.push(ids.slice(at, at + 5000));
    const Expected = vocabSize === 2 ** 16 ? Uint16Array : Uint32Array;
    for (const [begin, end] of [
      [0, 5],
      [262_140, 262_150],
      [262_144, 262_150],
      [262_000, 262_400],
      [9, 9],
    ]) {
      expect(pages.read(begin!, end!)).toEqual(Expected.from(ids.slice(begin, end)));
    }
  }
});

it("keeps of a file little more than its tokens, and never has it as a whole", async () => {
  const row = new TextEncoder().encode(`${JSON.stringify({ text: "the cat at the cat" })}\n`);
  const rowCount = 50_000;
  const sizeBytes = rowCount * row.length;
  // Each read makes its own bytes.
  const source: ByteSource = {
    ...{ name: "large.jsonl", sizeBytes },
    read: async (begin, end) => {
      const length = Math.min(end, sizeBytes) - begin;
      return Uint8Array.from({ length }, (_, i) => row[(begin + i) % row.length]!);
    },
  };
  const tokenizer = tinyTokenizer();
  const before = await usedBytes();
  const data = await prepareData(source, tokenizer, { settings: defaultDataSettings });
  const { examples } = cutExamples(data, 64);
  const tokenCount = sumOf(examples.sizes.lengths);
  const heldBytes = (await usedBytes()) - before;
  expect(data).toMatchObject({ rowCount, duplicateCount: rowCount - 1 });
  console.log(`${rowCount} rows of ${tokenCount} tokens: ${(heldBytes / rowCount).toFixed(0)} bytes a row`);
  // Ids in 16 bits; of a row where it begins, what is learned, and its sizes; up to twice that in columns that grow.
  expect(heldBytes).toBeLessThan(2 * tokenCount + 60 * rowCount);
});

interface Devtools {
  send(method: "HeapProfiler.collectGarbage"): Promise<void>;
  send(method: "Runtime.getHeapUsage"): Promise<{ usedSize: number; backingStorageSize: number }>;
}

/** JavaScript heap and array buffers of the page, without garbage. */
async function usedBytes(): Promise<number> {
  const devtools = cdp() as unknown as Devtools;
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize, backingStorageSize } = await devtools.send("Runtime.getHeapUsage");
  return usedSize + backingStorageSize;
}
