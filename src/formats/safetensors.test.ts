import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { FormatError } from "./formatError";
import { readSafetensors, readSafetensorsHeader, writeSafetensors } from "./safetensors";
import { type Dtype, dtypeBytes, type Tensor } from "./tensor";
import { errorOf } from "./testing/errorOf";

const tensorArbitrary: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...(Object.keys(dtypeBytes) as Dtype[])), fc.array(fc.nat(4), { maxLength: 4 }))
  .chain(([dtype, shape]) => {
    const length = shape.reduce((product, extent) => product * extent, dtypeBytes[dtype]);
    return fc
      .uint8Array({ minLength: length, maxLength: length })
      .map((bytes) => ({ dtype, shape, bytes: new Uint8Array(bytes) }));
  });
const tensorsArbitrary = fc
  .uniqueArray(fc.tuple(fc.string(), tensorArbitrary), { selector: ([name]) => name, maxLength: 8 })
  .map((pairs) => new Map(pairs.filter(([name]) => name !== "__metadata__")));
// zod leaves a key called __proto__ out of a record, which no file has a use for.
const metadataKey = fc.string().filter((key) => key !== "__proto__");
const metadataArbitrary = fc.dictionary(metadataKey, fc.string(), { noNullPrototype: true });

/** A file with this header and as many data bytes. */
function fileOf(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}
const complaint = (bytes: Uint8Array) => errorOf(() => readSafetensors(bytes, "a.safetensors"));
const f32 = (shape: number[], begin: number, end: number) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("round trip", () => {
  it("gives back names, types, shapes, bytes and metadata", () => {
    fc.assert(
      fc.property(tensorsArbitrary, metadataArbitrary, (tensors, metadata) => {
        const file = readSafetensors(writeSafetensors(tensors, metadata), "a.safetensors");
        expect(new Map([...file.tensors].sort())).toEqual(new Map([...tensors].sort()));
        expect(file.metadata).toEqual(metadata);
      }),
    );
  });

  it("does not depend on the order of insertion", () => {
    fc.assert(
      fc.property(tensorsArbitrary, (tensors) => {
        expect(writeSafetensors(new Map([...tensors].reverse()))).toEqual(writeSafetensors(tensors));
      }),
    );
  });

  it.each([
    "lora_linear.safetensors",
    "patterns-tied-f16/model.safetensors",
    "mqa-tied-bf16-r64/model.safetensors",
    "gqa-tied-f32-r8/adapter/adapter_model.safetensors",
  ])("writes %s byte for byte as the reference implementation did", async (path) => {
    const bytes = await loadGolden(path);
    const { tensors, metadata } = readSafetensors(bytes, path);
    expect(tensors.size).toBeGreaterThan(0);
    const written = writeSafetensors(tensors, metadata);
    expect(written.length).toBe(bytes.length);
    expect(written.findIndex((byte, i) => byte !== bytes[i])).toBe(-1);
  });

  it("puts wide types first and pads the header to 8 bytes, as the reference implementation does", () => {
    const tensor = (dtype: Dtype): Tensor => ({
      dtype,
      shape: [1],
      bytes: new Uint8Array(dtypeBytes[dtype]),
    });
    const dtypes = Object.keys(dtypeBytes) as Dtype[];
    const bytes = writeSafetensors(new Map(dtypes.map((dtype) => [dtype, tensor(dtype)])), {
      b: "1",
      a: "2",
    });
    const { dataStart, places } = readSafetensorsHeader(bytes, bytes.length, "a");
    expect(dataStart % 8).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8, 45))).toBe('{"__metadata__":{"a":"2","b":"1"},"U6');
    // Order that safetensors 0.8 (Python) gives these types.
    const order = "U64 I64 F64 F32 U32 I32 BF16 F16 U16 I16 F8_E4M3 F8_E5M2 I8 U8 BOOL";
    expect([...places.keys()].join(" ")).toBe(order);
  });

  it("refuses bytes that do not fit the shape", () => {
    const tensor: Tensor = { dtype: "F32", shape: [2], bytes: new Uint8Array(7) };
    expect(() => writeSafetensors(new Map([["a", tensor]]))).toThrow(
      "tensor a: expected 8 bytes for F32 [2], got 7",
    );
  });
});

describe("readSafetensorsHeader", () => {
  it("needs only the first bytes of the file", () => {
    const bytes = fileOf({ a: f32([2], 0, 8), b: f32([1], 8, 12) }, 12);
    const { places, dataStart } = readSafetensorsHeader(
      bytes.subarray(0, bytes.length - 12),
      bytes.length,
      "a",
    );
    expect(dataStart).toBe(bytes.length - 12);
    expect(places.get("b")).toEqual({ dtype: "F32", shape: [1], begin: 8, end: 12 });
  });
});

describe("files that lie", () => {
  it.each([
    ["an empty file", new Uint8Array(), "header length: expected 8 bytes, got a file of 0"],
    [
      "a huge header",
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0x7b),
      "header length: expected at most 100000000",
    ],
    ["a header past the end", Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0x7b), "header: expected 9 bytes, got 1"],
    ["no object", fileOf("[]", 0), "header: expected a JSON object"],
    ["a space before it", fileOf(" {}", 0), "header: expected a JSON object"],
    ["broken JSON", fileOf('{"a":', 0), "header: expected JSON"],
    ["no UTF-8", fileOf("{}", 0).fill(0xff, 9, 10), "header: expected UTF-8"],
    ["a key twice", fileOf('{"a":{},"\\u0061":{}}', 0), 'header: expected each key once, got key "a" twice'],
    ["no entry", fileOf({ a: 3 }, 0), "a: expected object, got 3"],
    ["an unknown type", fileOf({ a: { ...f32([1], 0, 4), dtype: "F31" } }, 4), "a.dtype: "],
    ["a negative extent", fileOf({ a: f32([-1], 0, 4) }, 4), "a.shape.0: "],
    ["a broken extent", fileOf({ a: f32([1.5], 0, 6) }, 6), "a.shape.0: expected"],
    [
      "a size past counting",
      fileOf({ a: f32([2 ** 40, 2 ** 40, 0], 0, 0) }, 0),
      "a: expected a shape whose size",
    ],
    [
      "a wrong size",
      fileOf({ a: f32([2], 0, 4) }, 4),
      "a: expected 8 bytes for F32 [2], got data_offsets [0,4]",
    ],
    [
      "offsets backwards",
      fileOf({ a: f32([1], 4, 0) }, 4),
      "a: expected 4 bytes for F32 [1], got data_offsets [4,0]",
    ],
    [
      "a hole",
      fileOf({ a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12),
      "b: expected data at offset 4, got 8 (a hole)",
    ],
    ["a hole at the start", fileOf({ a: f32([1], 4, 8) }, 8), "a: expected data at offset 0, got 4 (a hole)"],
    [
      "an overlap",
      fileOf({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, 12),
      "b: expected data at offset 8, got 4 (overlap)",
    ],
    [
      "one place twice",
      fileOf({ a: f32([1], 0, 4), b: f32([1], 0, 4) }, 4),
      "b: expected data at offset 4, got 0 (overlap)",
    ],
    [
      "truncated data",
      fileOf({ a: f32([2], 0, 8) }, 7),
      "data: expected 8 bytes, got 7. The file is truncated",
    ],
    [
      "trailing bytes",
      fileOf({ a: f32([2], 0, 8) }, 9),
      "data: expected 8 bytes, got 9. The file has trailing bytes",
    ],
    [
      "no text in metadata",
      fileOf({ __metadata__: { step: 3 } }, 0),
      "__metadata__.step: expected string, got 3",
    ],
  ])("%s", (_, bytes, message) => {
    expect(complaint(bytes)).toContain(`a.safetensors: ${message}`);
  });

  it("every truncation of a good file is refused", () => {
    const bytes = writeSafetensors(new Map([["a", { dtype: "F32", shape: [2], bytes: new Uint8Array(8) }]]), {
      format: "pt",
    });
    for (let length = 0; length < bytes.length; length++) complaint(bytes.subarray(0, length));
  });

  it("any damage ends in a FormatError or a file that still holds together", () => {
    fc.assert(
      fc.property(
        tensorsArbitrary,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (tensors, changes) => {
          const bytes = writeSafetensors(tensors, { format: "pt" });
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          try {
            const file = readSafetensors(bytes, "a.safetensors");
            for (const { dtype, shape, bytes } of file.tensors.values()) {
              expect(bytes.length).toBe(
                shape.reduce((product, extent) => product * extent, dtypeBytes[dtype]),
              );
            }
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            expect((error as Error).message).toMatch(/^a\.safetensors: .*expected/);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("any bytes at all end in a FormatError", () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (bytes) => void complaint(bytes)));
  });
});
