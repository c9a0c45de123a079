import { expect, test } from "vitest";
import { targetSetLabel } from "../../../studio/stores/labView";
import { targetSetChoices, targetSetId } from "./targetSetChoices";

const llama = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

test("the paper's sets and all modules, each once", () => {
  const choices = targetSetChoices(llama, [{ modules: ["v_proj", "q_proj"] }, { modules: ["k_proj"] }]);
  expect(choices.map(({ modules }) => targetSetLabel(modules))).toEqual([
    ...["q", "v", "k", "q, v", "q, k, v, o", "q, k, v, o, gate, up, down"],
  ]);
});

test("a set at a rank of its own is another choice", () => {
  const choices = targetSetChoices(["q_proj"], [{ modules: ["q_proj"], rank: 32 }]);
  expect(choices).toHaveLength(2);
  expect(new Set(choices.map(targetSetId)).size).toBe(2);
});

test("a model with other modules gets those it has", () => {
  expect(targetSetChoices(["c_attn", "c_proj"], [])).toEqual([{ modules: ["c_attn", "c_proj"] }]);
  expect(targetSetChoices([], [])).toEqual([]);
});
