import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { bytesSource, discard } from "../formats/byteSource";

it("gives copies of a file that is held, so that they can be given back and read again", async () => {
  const bytes = await readFile("package.json"); // a Buffer
  const source = bytesSource("package.json", bytes);
  const first = await source.read(0, 100);
  const text = new TextDecoder().decode(first);
  discard(first);
  expect(first.length).toBe(0);
  expect(new TextDecoder().decode(await source.read(0, 100))).toBe(text);
});
