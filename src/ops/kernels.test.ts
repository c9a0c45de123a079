// Every kernel's text must be valid both with its sizes pinned, as GPUs get it, and with them in a uniform.
import { describe, expect, it } from "vitest";
import { type Constants, type Sizes, specialise } from "../gpu/specialise";
import { definedKernels } from "./op";
import { defaultDevice } from "./testing/device";

const files = Object.keys(import.meta.glob("../../shaders/*.wgsl"));
for (const load of Object.values(import.meta.glob(["./*.ts", "!./*.test.ts"]))) await load();
const names = files.map((path) => path.slice(path.lastIndexOf("/") + 1, -".wgsl".length));

/** Some value of its type for each override; 32 is a type of weights too. */
function anyConstants(code: string): Constants {
  const overrides = code.matchAll(/^override\s+(\w+)\s*:\s*(\w+)/gm);
  const value = { bool: true, f32: 0.5, u32: 4 };
  return Object.fromEntries(
    [...overrides].map(([, name, type]) => [name, name === "WEIGHT_BITS" ? 32 : value[type as "u32"]]),
  );
}

describe("every kernel", () => {
  it.each(["pinned", "uniform"] as const)("compiles with its sizes %s", async (sizes: Sizes) => {
    const device = await defaultDevice(navigator.gpu);
    const errors: string[] = [];
    for (const name of names) {
      const source = definedKernels.get(name);
      if (!source)
        throw new Error(`kernel ${name}: expected a file that is an op's kernel, got one nobody defines`);
      const { code } = specialise(source, anyConstants(source.code), sizes);
      const { messages } = await device.createShaderModule({ label: name, code }).getCompilationInfo();
      for (const { type, lineNum, message } of messages)
        if (type === "error") errors.push(`${name}, line ${lineNum}: ${message}`);
    }
    expect(errors).toEqual([]);
  });

  it("keeps in its text only the u32 that choose the code or size something, on software adapters", () => {
    const kept = names.flatMap((name) => {
      if (name.endsWith("_tiled")) return []; // for GPUs
      const { code } = definedKernels.get(name)!;
      const text = specialise({ name, code }, anyConstants(code), "uniform").code;
      return [...text.matchAll(/^const (\w+): u32 = /gm)].map(([, constant]) => constant!);
    });
    expect([...new Set(kept)].sort()).toEqual(["CONTEXT", "D4", "WEIGHT_BITS", "WORKGROUP"]);
  });
});
