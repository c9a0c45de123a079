import { deleteDB } from "idb";
import { expect, it } from "vitest";
import { openGpu } from "../gpu/device";
import type { Launch } from "../gpu/program";
import { Tuner } from "../gpu/tuner";
import { keepChoices } from "./keptChoices";

it("gives a GPU what was measured on it on an earlier visit, and another GPU nothing", async () => {
  const database = `choices-${crypto.randomUUID()}`;
  const gpu = await openGpu(navigator.gpu);
  const launch = (STEPS: number): Launch => ({ constants: { STEPS }, workgroups: [1, 1, 1] });
  const [first, second] = [launch(1), launch(2)];
  const call = { source: { name: "count", code: "" }, bindings: {}, ...first, alternatives: [second] };
  const stepsOn = async (name: string) => {
    const tuner = new Tuner(gpu.device, false);
    await keepChoices({ ...gpu, name, tuner }, database);
    return (await tuner.tuned({ forward: [call] })).forward[0]!.constants.STEPS;
  };
  const tuner = new Tuner(gpu.device);
  await keepChoices({ ...gpu, name: "one", tuner }, database);
  tuner.onMeasured({ [`count ${JSON.stringify(first)}`]: 1 });
  await expect.poll(() => stepsOn("one")).toBe(2);
  expect(await stepsOn("another")).toBe(1);
  await deleteDB(database);
});
