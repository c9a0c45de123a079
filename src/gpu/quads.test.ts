import { expect, it } from "vitest";
import { expectedQuad, hasQuads } from "./quads";

it("finds quads on a device with subgroups, and none on one without", async () => {
  const adapterOf = async () => (await navigator.gpu.requestAdapter())!;
  expect(await hasQuads(await (await adapterOf()).requestDevice())).toBe(false);
  const adapter = await adapterOf();
  if (!adapter.features.has("subgroups")) return;
  const isSwiftShader = /swiftshader/i.test(`${adapter.info.description} ${adapter.info.architecture}`);
  const device = await adapter.requestDevice({ requiredFeatures: ["subgroups"] });
  const found = await hasQuads(device);
  if (isSwiftShader) expect(found).toBe(true);
});

it("wants the four of a quad side by side", () => {
  expect([4, 5, 6, 7].map(expectedQuad)).toEqual([
    [0, 5, 6, 7],
    [1, 4, 7, 6],
    [2, 7, 4, 5],
    [3, 6, 5, 4],
  ]);
});
