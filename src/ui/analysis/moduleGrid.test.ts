import { expect, test } from "vitest";
import { moduleGrid, moduleTitle } from "./moduleGrid";

test("paths become module rows and layer columns in number order", () => {
  const grid = moduleGrid([
    "model.layers.10.self_attn.q_proj",
    "model.layers.2.self_attn.q_proj",
    "model.layers.2.mlp.up_proj",
  ]);
  expect(grid).toEqual({
    layers: ["2", "10"],
    modules: ["q_proj", "up_proj"],
    paths: [
      ["model.layers.2.self_attn.q_proj", "model.layers.10.self_attn.q_proj"],
      ["model.layers.2.mlp.up_proj", undefined],
    ],
  });
  expect(moduleTitle("model.layers.10.self_attn.q_proj", grid)).toBe("q_proj of layer 10");
});

test("modules of one name keep what tells them apart", () => {
  const grid = moduleGrid(["transformer.h.0.attn.c_proj", "transformer.h.0.mlp.c_proj", "h.1.attn.c_attn"]);
  expect(grid.modules).toEqual(["attn.c_proj", "mlp.c_proj", "c_attn"]);
  expect(grid.layers).toEqual(["0", "1"]);
});

test("modules outside of layers have a column of their own", () => {
  const grid = moduleGrid(["lm_head"]);
  expect(grid).toEqual({ layers: ["–"], modules: ["lm_head"], paths: [["lm_head"]] });
  expect(moduleTitle("lm_head", grid)).toBe("lm_head");
  expect(moduleGrid([])).toEqual({ layers: [], modules: [], paths: [] });
});
