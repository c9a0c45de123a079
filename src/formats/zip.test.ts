import fc from "fast-check";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { type ByteSource, bytesSource } from "./byteSource";
import { FormatError } from "./formatError";
import { errorOf } from "./testing/errorOf";
import { packZip, unpackAdapterZip } from "./zip";
import { type ZippedFiles, zipParts } from "./zipStream";

const config = new TextEncoder().encode("{}");
const weights = Uint8Array.from({ length: 50_000 }, (_, i) => (i * i) >> 3);
const files = { "adapter_config.json": config, "adapter_model.safetensors": weights };
const limits = { totalBytes: 1_000_000, fileCount: 10 };
const complaint = (zip: Uint8Array) => errorOf(() => unpackAdapterZip(zip, "a.zip", limits));

describe("packZip", () => {
  it("gives equal bytes for equal files, in any order, and fflate reads them", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.uint8Array()), (contents) => {
        const entries = Object.entries(contents).map(
          ([name, bytes]) => [name, new Uint8Array(bytes)] as const,
        );
        const zip = packZip(new Map(entries));
        expect(packZip(new Map([...entries].reverse()))).toEqual(zip);
        expect(unzipSync(zip)).toEqual(Object.fromEntries(entries));
      }),
    );
  });
});

describe("zipParts", () => {
  const collect = async (files: ZippedFiles) => {
    const parts: Uint8Array[] = [];
    for await (const part of zipParts("a.zip", files)) parts.push(part);
    return parts;
  };
  const joined = async (files: ZippedFiles) =>
    new Uint8Array(await new Blob((await collect(files)) as BlobPart[]).arrayBuffer());

  it("is packZip's where all files are held", async () => {
    const held = new Map(Object.entries(files));
    expect(await joined(held)).toEqual(new Uint8Array(packZip(held)));
  });

  it("stores what is made as it is read, in parts, and fflate reads it", async () => {
    const made = bytesSource("weights", weights);
    const mixed = new Map<string, Uint8Array | ByteSource>([
      ["b/model.safetensors", made],
      ["a.json", config],
      ["empty.bin", bytesSource("empty", new Uint8Array())],
    ]);
    const zip = await joined(mixed);
    expect(unzipSync(zip)).toEqual({
      "a.json": config,
      "b/model.safetensors": weights,
      "empty.bin": new Uint8Array(),
    });
    expect(await joined(new Map([...mixed].reverse()))).toEqual(zip);
    expect(zip.length).toBeGreaterThan(weights.length); // 2 % of it are lists
    expect(zip.length).toBeLessThan(weights.length * 1.02);
    let reads = 0;
    const read = async () => {
      reads++;
      return new Uint8Array(2 ** 21);
    };
    const large = { ...made, sizeBytes: 3 * 2 ** 21, read };
    for await (const part of zipParts("a.zip", new Map([["large", large]])))
      expect(part.length).toBeLessThanOrEqual(2 ** 21);
    expect(reads).toBe(3);
  });

  it("refuses more than a zip holds, before anything is read", async () => {
    const huge = { ...bytesSource("huge", config), sizeBytes: 2 ** 32 };
    await expect(collect(new Map([["model.safetensors", huge]]))).rejects.toThrow(
      /^a\.zip: expected at most \d+ bytes in a zip, got 4294967296\. Train with npm run finetune/,
    );
  });
});

describe("unpackAdapterZip", () => {
  it("takes the adapter out, from a folder too, and leaves the rest", () => {
    const zip = packZip(new Map([...Object.entries(files), ["run.json", config]]));
    expect(unpackAdapterZip(zip, "a.zip", limits)).toEqual(files);
    const nested = zipSync({
      "my adapter": { ...files, "README.md": config },
      __MACOSX: { "._adapter_config.json": config },
    });
    expect(unpackAdapterZip(nested, "a.zip", limits)).toEqual(files);
    expect(unpackAdapterZip(zipSync(files, { level: 0 }), "a.zip", limits)).toEqual(files);
  });

  it("names what is missing", () => {
    expect(complaint(zipSync({ "notes.txt": config }))).toMatch(
      /^a\.zip: expected one adapter_config\.json with .*got only \["notes\.txt"\]/,
    );
    expect(complaint(zipSync({}))).toMatch(/^a\.zip: expected one adapter_config\.json/);
    expect(complaint(zipSync({ a: files, b: files }))).toMatch(
      /got \["a\/adapter_config\.json","b\/adapter_config\.json"\]/,
    );
    expect(
      complaint(
        zipSync({ a: { "adapter_config.json": config }, ...{ "adapter_model.safetensors": weights } }),
      ),
    ).toMatch(/a\/adapter_model\.safetensors: expected this file/);
    expect(complaint(zipSync({ "adapter_config.json": config, "adapter_model.bin": weights }))).toMatch(
      /got adapter_model\.bin, a pickle/,
    );
    expect(complaint(new TextEncoder().encode("this is no zip file at all"))).toMatch(
      /^a\.zip: expected a zip file, got damaged data/,
    );
    expect(complaint(new Uint8Array())).toMatch(/^a\.zip: expected a zip file/);
  });

  it("refuses a bomb by what it declares", () => {
    const bomb = zipSync({ ...files, "zeros.bin": new Uint8Array(2_000_000) });
    expect(bomb.length).toBeLessThan(100_000);
    expect(complaint(bomb)).toMatch(
      /^a\.zip: zeros\.bin: expected at most 1000000 bytes unpacked, got 2050002 /,
    );
    const many = zipSync(Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`${i}.txt`, config])));
    expect(complaint(many)).toMatch(/^a\.zip: expected at most 10 files/);
  });

  it("refuses a bomb that lies about its size, and a file shorter than it says", () => {
    for (const [actual, declared] of [
      [900_000, 100],
      [100, 900_000],
    ] as const) {
      const zip = zipSync({
        "adapter_config.json": config,
        "adapter_model.safetensors": new Uint8Array(actual),
      });
      const view = new DataView(zip.buffer);
      for (let at = 0; at + 4 <= zip.length; at++) {
        if (view.getUint32(at, true) === actual) view.setUint32(at, declared, true);
      }
      expect(complaint(zip)).toMatch(
        /^a\.zip: adapter_model\.safetensors: expected \d+ bytes as the zip declares, got/,
      );
    }
  });

  it("ends every truncation and any damage in a FormatError or whole files", () => {
    const zip = zipSync(files);
    fc.assert(
      fc.property(fc.nat(zip.length - 1), fc.nat(255), fc.boolean(), (at, byte, cut) => {
        const damaged = cut ? zip.slice(0, at) : zip.slice();
        if (!cut) damaged[at] = byte;
        try {
          const read = unpackAdapterZip(damaged, "a.zip", limits);
          expect(cut).toBe(false);
          expect(read["adapter_model.safetensors"].length).toBe(weights.length);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
