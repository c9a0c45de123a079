import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { knownShapes } from "./knownShapes";
import { main } from "./memory";
import { captured, temporaryFolder } from "./testing/tinyModel";

it("splits an embedding of 260 MB for a GPU that binds the 128 MB which WebGPU promises", async () => {
  const config = join(temporaryFolder(), "config.json");
  writeFileSync(config, JSON.stringify(knownShapes["Qwen/Qwen2.5-0.5B"]));
  const rowOf = async (...args: string[]) => {
    const { out } = await captured(() => main(["--config", config, ...args]));
    return out
      .split("\n")
      .find((line) => line.includes("| as in file |"))!
      .split(" | ");
  };
  const [split, whole] = [await rowOf(), await rowOf("--binding-limit", "1024")];
  expect(whole.at(-1)).toBe("260 model.embed_tokens.weight |");
  expect(split.at(-1)).toBe("126 model.embed_tokens.weight[0:73728] |");
  expect(split.slice(0, -1)).toEqual(whole.slice(0, -1)); // in no more memory
});
