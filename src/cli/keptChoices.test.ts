import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Launch } from "../gpu/program";
import { Tuner } from "../gpu/tuner";
import { openNodeDevice } from "./device";
import { keepChoices } from "./keptChoices";

it("gives a GPU what an earlier command measured on it, and nothing from a file that was cut short", async () => {
  const folder = mkdtempSync(join(tmpdir(), "choices-"));
  const file = join(folder, "gpus", "one.json");
  const gpu = await openNodeDevice();
  const launch = (STEPS: number): Launch => ({ constants: { STEPS }, workgroups: [1, 1, 1] });
  const [first, second] = [launch(1), launch(2)];
  const call = { source: { name: "count", code: "" }, bindings: {}, ...first, alternatives: [second] };
  const steps = async () => {
    const tuner = new Tuner(gpu.device, false);
    keepChoices({ ...gpu, tuner }, file);
    return (await tuner.tuned({ forward: [call] })).forward[0]!.constants.STEPS;
  };
  const tuner = new Tuner(gpu.device);
  keepChoices({ ...gpu, tuner }, file);
  expect(await steps()).toBe(1);
  tuner.onMeasured({ [`count ${JSON.stringify(first)}`]: 1 });
  expect(await steps()).toBe(2);
  writeFileSync(file, '{"count');
  expect(await steps()).toBe(1);
  rmSync(folder, { recursive: true });
});
