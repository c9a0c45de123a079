import { expect, test } from "vitest";
import { deltaGrid } from "./deltaGrid";

test("paths become module rows and layer columns in number order", () => {
  const grid = deltaGrid({
    "model.layers.10.self_attn.q_proj": 3,
    "model.layers.2.self_attn.q_proj": 1,
    "model.layers.2.mlp.up_proj": 2,
  });
  expect(grid).toEqual({
    layers: ["2", "10"],
    modules: [
      { name: "q_proj", norms: [1, 3] },
      { name: "up_proj", norms: [2, undefined] },
    ],
    largest: 3,
  });
});

test("nothing adapted is an empty grid", () => {
  expect(deltaGrid({})).toEqual({ layers: [], modules: [], largest: 0 });
});
