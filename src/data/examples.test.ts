import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadShared } from "../../oracle/goldens";
import { FormatError } from "../formats/formatError";
import { errorOf } from "../formats/testing/errorOf";
import { parseExamples } from "./examples";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const parse = (text: string, fileName = "a.jsonl") => parseExamples(bytesOf(text), fileName);
const complaint = (text: string | Uint8Array, fileName = "a.jsonl") =>
  errorOf(() => parseExamples(typeof text === "string" ? bytesOf(text) : text, fileName));
const pair = (prompt: string, completion: string) => JSON.stringify({ prompt, completion });

describe("parseExamples", () => {
  it("gives back every pair with its line, whatever the text, line ends and blank lines", () => {
    const wellFormed = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(wellFormed, wellFormed, fc.nat(2)), { minLength: 1 }),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        (pairs, lineEnd, mark) => {
          let line = 1;
          let text = mark ? "\uFEFF" : "";
          const expected = pairs.map(([prompt, completion, blankLines]) => {
            text += (lineEnd + (blankLines === 2 ? " \t" : "")).repeat(blankLines);
            line += blankLines;
            text += pair(prompt, completion) + lineEnd;
            return { line: line++, prompt, completion };
          });
          const parsed = parse(text);
          expect(parsed).toEqual({ fileName: "a.jsonl", kind: "promptCompletion", examples: expected });
        },
      ),
    );
  });

  it("reads text lines and plain text, by the name or by the first character", () => {
    expect(parse('{"text":"one","id":3}\n{"text":""}')).toEqual({
      fileName: "a.jsonl",
      kind: "text",
      examples: [
        { line: 1, text: "one" },
        { line: 2, text: "" },
      ],
    });
    expect(parse('{"text":"one"}', "a.txt")).toEqual({
      fileName: "a.txt",
      kind: "plainText",
      text: '{"text":"one"}',
    });
    expect(parse(' {"text":"one"}', "data").kind).toBe("text");
    expect(parse("Once upon a time\r\n", "data")).toMatchObject({
      kind: "plainText",
      text: "Once upon a time\r\n",
    });
  });

  it.each([
    ["", "a.jsonl: expected examples, got an empty file"],
    ["\uFEFF \r\n\n", "a.jsonl: expected examples, got an empty file"],
    [`${pair("a", "b")}\n\n{"prompt":"a","completion":`, "a.jsonl: line 3: expected JSON, got"],
    ["not json", "a.jsonl: line 1: expected JSON, got"],
    [`${pair("a", "b")}\n{"prompt":"a"}`, "a.jsonl: line 2.completion: expected string, got nothing"],
    ['{"prompt":"a","completion":7}', "a.jsonl: line 1.completion: expected string, got 7"],
    ['{"prompt":null,"completion":"b"}', "a.jsonl: line 1.prompt: expected string, got null"],
    ['{"text":["a"]}', 'a.jsonl: line 1.text: expected string, got ["a"]'],
    ['{"text":"\\ud83d"}', "a.jsonl: line 1.text: expected text, got half of a surrogate pair"],
    ['{"text":"a","text":"b"}', 'a.jsonl: line 1: expected each key once, got key "text" twice'],
    ['["a"]', 'a.jsonl: line 1: expected a JSON object, got ["a"]'],
    [
      '{"question":"a","answer":"b"}',
      'a.jsonl: line 1: expected known fields, got ["question","answer"]. Each line needs',
    ],
    [
      `${pair("a", "b")}\n{"text":"c"}`,
      'a.jsonl: line 2: expected "prompt" as in the lines before, got "text"',
    ],
    [
      `{"text":"c"}\n${pair("a", "b")}`,
      'a.jsonl: line 2: expected "text" as in the lines before, got "prompt"',
    ],
  ])("refuses %j", (text, message) => {
    expect(complaint(text)).toContain(message);
  });

  it("says where a file stops being UTF-8", () => {
    const bad = Uint8Array.from([...bytesOf("é\nab"), 0xff, ...bytesOf("\n")]);
    expect(complaint(bad, "a.txt")).toMatch(
      /^a\.txt: line 2: expected UTF-8 text, got byte 0xff at offset 5\./,
    );
    expect(complaint(bytesOf("ab€").subarray(0, 4), "a.txt")).toMatch(
      /line 1: .*got its end within a character at offset 4/,
    );
    const latin = Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20);
    expect(complaint(latin, "a.txt")).toMatch(/line 1: expected UTF-8 text/);
  });

  it("ends any bytes in examples or a FormatError that names the file", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom("a.jsonl", "a.txt", "a"),
        (bytes, fileName) => {
          try {
            expect(parseExamples(bytes, fileName).fileName).toBe(fileName);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            expect((error as Error).message.startsWith(`${fileName}: `)).toBe(true);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reads the MLX example's WikiSQL and names GSM8K's fields", async ({ skip }) => {
    const sql = await loadShared("datasets/wikisql_mlx/train.jsonl");
    const math = await loadShared("datasets/gsm8k/test.jsonl");
    if (!sql || !math) return skip("../shared/data/datasets is absent");
    const parsed = parseExamples(sql, "train.jsonl");
    expect(parsed.kind === "text" && parsed.examples.length).toBe(1000);
    expect(complaint(math, "test.jsonl")).toMatch(
      /line 1: expected known fields, got \["question","answer"\]/,
    );
  });
});
