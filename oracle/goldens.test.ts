import { describe, expect, it } from "vitest";
import { loadGolden, loadShared } from "./goldens";

describe("loadGolden", () => {
  it("reads a binary file unchanged", async () => {
    const bytes = await loadGolden("adamw.safetensors");
    const headerLength = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength)));
    const ends = Object.values<{ data_offsets?: number[] }>(header).map(
      (entry) => entry.data_offsets?.[1] ?? 0,
    );
    expect(bytes.length).toBe(8 + headerLength + Math.max(...ends));
  });

  it("names a golden that is missing", async () => {
    await expect(loadGolden("no-such-file.safetensors")).rejects.toThrow(
      /oracle\/goldens\/no-such-file\.safetensors/,
    );
    await expect(loadGolden("no-such-file.html")).rejects.toThrow(/expected a file, got none/);
  });
});

describe("loadShared", () => {
  it("gives undefined for a file that is absent", async () => {
    expect(await loadShared("no-such-folder/no-such-file.json")).toBeUndefined();
  });

  it("reads text and binary files unchanged", async (context) => {
    const manifest = await loadShared("MANIFEST.md");
    if (!manifest) return context.skip("../shared/data is absent");
    expect(manifest.length).toBeGreaterThan(1000);
    expect(new TextDecoder().decode(manifest)).toContain("safetensors");
  });
});
