// Exports into real files of the browser: one that was given, and one of its own.
import { afterEach, expect, it } from "vitest";
import { clearExports, exportFile } from "./exportFile";

const part = () => new Uint8Array(1000).fill(7);
async function* parts(failsAfter = Number.POSITIVE_INFINITY) {
  for (let i = 0; i < 5; i++) {
    if (i === failsAfter) throw new Error("cannot be made");
    yield part();
  }
}
const root = () => navigator.storage.getDirectory();
afterEach(async () => {
  await clearExports();
  await (await root()).removeEntry("chosen.zip").catch(() => {});
});

it("writes into the file that was given, which stays as it was when the export cannot be made", async () => {
  const target = await (await root()).getFileHandle("chosen.zip", { create: true });
  expect(await exportFile("a.zip", parts(), 5000, target)).toBeNull();
  const written = await target.getFile();
  expect(new Uint8Array(await written.arrayBuffer())).toEqual(new Uint8Array(5000).fill(7));
  await expect(exportFile("a.zip", parts(2), 5000, target)).rejects.toThrow("cannot be made");
  expect((await target.getFile()).size).toBe(5000);
});

it("keeps a large one on the disk until the next", async () => {
  const file = (await exportFile("a.zip", parts(), 2 ** 27))!;
  expect(file).toBeInstanceOf(File); // not a Blob, whose bytes the browser holds
  expect(file.size).toBe(5000);
  await exportFile("b.zip", parts(), 2 ** 27);
  const names: string[] = [];
  for await (const name of (await (await root()).getDirectoryHandle("exports")).keys()) names.push(name);
  expect(names).toEqual(["b.zip"]);
});

it("holds a small one", async () => {
  expect(await exportFile("a.zip", parts(), 5000)).not.toBeInstanceOf(File);
});
