import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { checkSchema, decodeUtf8, findDuplicateKey, parseJson } from "./jsonFile";
import { errorOf } from "./testing/errorOf";

describe("findDuplicateKey", () => {
  it("finds none in what JSON.stringify wrote", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(findDuplicateKey(JSON.stringify(value, null, indent))).toBeUndefined();
      }),
    );
  });

  it("finds a key repeated at any depth, whatever stands around it", () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), fc.nat(3), (key, first, second, depth) => {
        const name = JSON.stringify(key);
        const pair = `{${name}:${JSON.stringify(first)} , "${key.length}other":[{}], ${name}:${JSON.stringify(second)}}`;
        const json = `[1,"${"}"}",${`{"outer":[`.repeat(depth)}${pair}${"]}".repeat(depth)}]`;
        expect(findDuplicateKey(json)).toBe(key);
      }),
    );
  });

  it("sees through escapes, and keeps objects apart", () => {
    expect(findDuplicateKey(String.raw`{"a":1,"\u0061":2}`)).toBe("a");
    expect(findDuplicateKey(String.raw`{"a\"":1,"a":"a","b":{"a":1}}`)).toBeUndefined();
    expect(findDuplicateKey('[{"a":1},{"a":1}]')).toBeUndefined();
  });
});

describe("reading", () => {
  it("names file and field", () => {
    const schema = z.object({ r: z.int(), list: z.array(z.object({ name: z.string() })) });
    const read = (text: string) => checkSchema(schema, parseJson(text, "a.json"), "a.json");
    expect(read('{"r":1,"list":[]}')).toEqual({ r: 1, list: [] });
    expect(errorOf(() => read('{"r":"8","list":[]}'))).toMatch(/^a\.json: r: expected .*, got "8"\.$/);
    expect(errorOf(() => read('{"r":1,"list":[{"name":3}]}'))).toMatch(
      /^a\.json: list\.0\.name: expected string, got 3/,
    );
    expect(errorOf(() => read('{"r":1'))).toMatch(/^a\.json: expected JSON, got/);
    expect(errorOf(() => read('{"r":1,"r":2,"list":[]}'))).toMatch(/key "r" twice/);
    expect(errorOf(() => decodeUtf8(Uint8Array.of(0x61, 0xff), "a.json"))).toMatch(
      /^a\.json: expected UTF-8/,
    );
  });
});
