// Whatever rows are written, in whatever way the format allows, come back; and what cannot be read is told by its
// place.
import fc from "fast-check";
import { parquetWriteBuffer } from "hyparquet-writer";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { FormatError } from "../../formats/formatError";
import { defaultDataSettings } from "../config";
import { openDataFile } from "../rows";
import { allRows, complaintOf, fileOf } from "../testing/files";
import { readDelimited, readDelimitedForm } from "./delimited";
import { readJsonLines, readTextLines } from "./jsonLines";
import { readJsonList } from "./jsonList";

const text = fc.string({ unit: "binary", maxLength: 12 });
const chunkBytes = fc.constantFrom(1, 2, 3, 7, 64, undefined);
const lineEnd = fc.constantFrom("\n", "\r\n");
const columns = ["first", "second", "third"];
const table = fc.array(fc.tuple(text, text, text), { minLength: 1, maxLength: 8 });
const objectsOf = (rows: readonly (readonly string[])[]) =>
  rows.map((cells) => Object.fromEntries(cells.map((cell, i) => [columns[i]!, cell])));
const values = async (stream: ReturnType<typeof readJsonLines>) =>
  (await allRows(stream)).map((row) => ("value" in row ? row.value : row.problem));
/** What a reader of tables leaves out as blank. */
const hasText = (cells: readonly string[]) => cells.some((cell) => cell.trim() !== "");

describe("JSON Lines", () => {
  it("come back with their lines, in chunks of any size, with any line ends and blank lines", async () => {
    await fc.assert(
      fc.asyncProperty(table, lineEnd, chunkBytes, fc.boolean(), async (rows, end, size, mark) => {
        const objects = objectsOf(rows);
        const content = (mark ? "\uFEFF" : "") + objects.map((row) => JSON.stringify(row)).join(end + end);
        expect(await allRows(readJsonLines(fileOf(content, "a.jsonl", size)))).toEqual(
          objects.map((value, index) => ({ place: `line ${2 * index + 1}`, value })),
        );
      }),
    );
  });

  it("hand on a bad line as one, and go on", async () => {
    const content = '{"a":1}\n{"a":\n7\n{"a":1,"a":2}\n"text"\n[1,"b"]';
    expect(await allRows(readJsonLines(fileOf(content, "a.jsonl")))).toEqual([
      { place: "line 1", value: { a: 1 } },
      { place: "line 2", problem: expect.stringMatching(/^expected JSON, got/) },
      { place: "line 3", problem: "expected an object with columns, got 7." },
      { place: "line 4", problem: 'expected each key once, got key "a" twice in one object.' },
      { place: "line 5", value: { text: "text" } },
      { place: "line 6", value: { 1: 1, 2: "b" } },
    ]);
  });
});

describe("a JSON list", () => {
  it("comes back element by element, however it is spaced and cut", async () => {
    const space = fc.constantFrom(undefined, 1, "\t");
    await fc.assert(
      fc.asyncProperty(table, space, chunkBytes, fc.boolean(), async (rows, spacing, size, isInObject) => {
        const objects = objectsOf(rows);
        const content = JSON.stringify(isInObject ? { data: objects } : objects, null, spacing);
        expect(await values(readJsonList(fileOf(content, "a.json", size)))).toEqual(objects);
      }),
    );
  });

  it("of an object with a list for each split is that of the training split, wherever it stands", async () => {
    await fc.assert(
      fc.asyncProperty(table, table, chunkBytes, fc.boolean(), async (train, held, size, isSpaced) => {
        const [own, other] = [objectsOf(train), objectsOf(held)];
        const file = { oos_val: other, val: other, train: own, test: other, oos_train: other };
        const content = JSON.stringify(file, null, isSpaced ? 2 : undefined);
        expect(await values(readJsonList(fileOf(content, "a.json", size)))).toEqual(own);
      }),
    );
    const complain = (content: string) => complaintOf(allRows(readJsonList(fileOf(content, "a.json"))));
    expect(await complain('{"val": [1], "test": [2]}')).toContain(
      'expected a list of examples to train on, got "val", "test". Name the list "train".',
    );
    expect(await complain('{"val": [1], "version": 2}')).toContain(
      "expected the end of the file after the list",
    );
  });

  it("names row and line, and refuses what would be lost", async () => {
    const rows = await allRows(readJsonList(fileOf('[\n {"a": 1},\n {"a": },\n "b"\n]\n', "a.json")));
    expect(rows.map(({ place }) => place)).toEqual(["row 1 (line 2)", "row 2 (line 3)", "row 3 (line 4)"]);
    expect(rows[1]).toMatchObject({ problem: expect.stringMatching(/^expected JSON/) });
    expect(await allRows(readJsonList(fileOf("[]", "a.json")))).toEqual([]);
    const complain = (content: string) => complaintOf(allRows(readJsonList(fileOf(content, "a.json"))));
    expect(await complain('[{"a": 1}')).toContain(
      'expected a list that ends with "]", got the end of the file',
    );
    expect(await complain('{"a": [1], "b": [2]}')).toContain("expected the end of the file after the list");
    expect(await complain('{"a": 1}')).toContain('expected a list that ends with "]"');
  });
});

describe("CSV and TSV", () => {
  const dialects = fc.record({
    delimiter: fc.constantFrom(",", ";", "|"),
    newline: lineEnd,
    quotes: fc.boolean(),
  });

  it("come back, with quotes where they are needed or everywhere, in chunks of any size", async () => {
    await fc.assert(
      fc.asyncProperty(table, dialects, chunkBytes, async (rows, { delimiter, newline, quotes }, size) => {
        const content = Papa.unparse([columns, ...rows], { delimiter, newline, quotes });
        const form = await readDelimitedForm(fileOf(content, "a.csv"), "csv", true);
        expect(form).toMatchObject({ delimiter, columns });
        expect(await values(readDelimited(fileOf(content, "a.csv", size), form))).toEqual(
          objectsOf(rows.filter(hasText)),
        );
      }),
    );
  });

  it("come back as TSV, quoted or plain", async () => {
    const plain = fc
      .string({ unit: "binary", maxLength: 12 })
      .map((cell) => cell.replaceAll(/[\t\n\r]/g, ""));
    const cells = fc.array(fc.tuple(plain, plain, plain), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cells, table, chunkBytes, async (simple, any, size) => {
        const quoted = Papa.unparse([columns, ...any], { delimiter: "\t", newline: "\n", quotes: true });
        const bare = [columns, ...simple].map((row) => row.join("\t")).join("\n");
        const read = async (content: string) => {
          const form = await readDelimitedForm(fileOf(content, "a.tsv"), "tsv", true);
          return { form, rows: await values(readDelimited(fileOf(content, "a.tsv", size), form)) };
        };
        expect((await read(quoted)).rows).toEqual(objectsOf(any.filter(hasText)));
        const { form, rows } = await read(bare);
        // A table whose quotes happen to be in order reads either way.
        if (!form.hasQuotes) expect(rows).toEqual(objectsOf(simple.filter(hasText)));
      }),
    );
  });

  it("have a header unless the first row has numbers or repeats itself", async () => {
    const form = (content: string, header: boolean | null = null) =>
      readDelimitedForm(fileOf(content, "a.csv"), "csv", header);
    expect(await form("a,b\n1,2\n")).toMatchObject({ hasHeader: true, columns: ["a", "b"] });
    expect(await form("gj04,1,,Text\ngj05,0,*,More\n")).toMatchObject({
      hasHeader: false,
      columns: ["1", "2", "3", "4"],
    });
    expect(await form("x,x\ny,z\n")).toMatchObject({ hasHeader: false });
    expect(await form("x,x,\ny,z,\n", true)).toMatchObject({ columns: ["x", "x_2", "3"] });
    const withoutHeader = await form("a,b\nc,d", false);
    expect(await values(readDelimited(fileOf("a,b\nc,d", "a.csv"), withoutHeader))).toEqual([
      { 1: "a", 2: "b" },
      { 1: "c", 2: "d" },
    ]);
  });

  it("tell a row with too few or too many cells and a broken quote by its number", async () => {
    const content = 'a,b\n1,2\n3\n4,5,6\n\n"7"x,8\n9,10\n';
    const form = await readDelimitedForm(fileOf(content, "a.csv"), "csv", null);
    expect(await allRows(readDelimited(fileOf(content, "a.csv"), form))).toMatchObject([
      { place: "row 2", value: { a: "1", b: "2" } },
      { place: "row 3", problem: expect.stringContaining("expected 2 cells as in the first row, got 1") },
      { place: "row 4", problem: expect.stringContaining("got 3") },
      { place: "row 6", problem: expect.stringContaining("quotation mark") },
    ]);
  });
});

describe("Parquet", () => {
  it("comes back, numbers and missing cells too", async () => {
    const cell = fc.option(text);
    const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    const rows = fc.array(fc.tuple(cell, number), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(rows, fc.integer({ min: 1, max: 30 }), async (cells, rowGroupSize) => {
        const content = parquetWriteBuffer({
          columnData: [
            { name: "said", data: cells.map(([said]) => said), type: "STRING", nullable: true },
            { name: "count", data: cells.map(([, count]) => count), type: "INT32" },
          ],
          rowGroupSize,
        });
        const file = await openDataFile(fileOf(content, "data"), defaultDataSettings);
        expect(file.format).toBe("parquet");
        expect(await allRows(file.rows())).toEqual(
          cells.map(([said, count], index) => ({ place: `row ${index + 1}`, value: { said, count } })),
        );
      }),
    );
  });

  it("ends in a complaint when it is damaged", async () => {
    const content = parquetWriteBuffer({
      columnData: [{ name: "a", data: ["x".repeat(500)], type: "STRING" }],
    });
    for (const size of [0, 3, 100, content.byteLength - 1]) {
      const cut = fileOf(content.slice(0, size), "a.parquet");
      const read = openDataFile(cut, defaultDataSettings).then(({ rows }) => allRows(rows()));
      expect(await complaintOf(read)).toMatch(/^a\.parquet: expected/);
    }
  });
});

describe("openDataFile", () => {
  it.each([
    ["a.jsonl", '{"a":1}', "jsonLines"],
    ["a.json", '[{"a":1}]', "jsonList"],
    ["a.json", '{"a":1}\n{"a":2}', "jsonLines"],
    ["a.json", '{\n"data": [\n{"a":1}]}', "jsonList"],
    ["a.json", '{"data": [{"a":1}]}', "jsonList"],
    ["a.json", '{"messages": [{"role":"user"}]}', "jsonLines"],
    ["a.CSV", "a,b", "csv"],
    ["a.tsv", "a\tb", "tsv"],
    ["a.txt", '{"a":1}', "text"],
    ["data", ' {"a":1}', "jsonLines"],
    ["data", ' [{"a":1}]', "jsonList"],
    ["data", "Once upon a time", "text"],
  ])("%s with %j is %s", async (name, content, format) => {
    expect((await openDataFile(fileOf(content, name), defaultDataSettings)).format).toBe(format);
  });

  it("says where a file stops being UTF-8, also at the border of two chunks", async () => {
    const bytes = (value: string) => new TextEncoder().encode(value);
    const bad = Uint8Array.from([...bytes("é\nab"), 0xff, ...bytes("\n")]);
    for (const size of [1, 2, 3, 5, 100]) {
      expect(await complaintOf(allRows(readTextLines(fileOf(bad, "a.txt", size))))).toMatch(
        /^a\.txt: line 2: expected UTF-8 text, got byte 0xff at offset 5\./,
      );
      expect(
        await complaintOf(allRows(readTextLines(fileOf(bytes("ab€").subarray(0, 4), "a.txt", size)))),
      ).toMatch(/line 1: .*got its end within a character at offset 4/);
    }
  });

  it("ends any bytes in rows or a FormatError that names the file", async () => {
    const names = fc.constantFrom("a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.txt", "a");
    const pieces = fc.constantFrom("[", "]", "{", "}", '"', "\\", ",", "\n", "\t", "PAR1", ":", "a", "é");
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.array(pieces, { maxLength: 20 }).map((parts) => new TextEncoder().encode(parts.join(""))),
    );
    await fc.assert(
      fc.asyncProperty(content, names, chunkBytes, async (bytes, name, size) => {
        try {
          const file = await openDataFile(fileOf(new Uint8Array(bytes), name, size), defaultDataSettings);
          for (const row of await allRows(file.rows())) expect(row.place).toMatch(/^(line|row) \d+/);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
          expect((error as Error).message.startsWith(`${name}: `)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
