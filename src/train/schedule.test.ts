import { expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import type { TrainConfig } from "./config";
import { learningRateAt } from "./schedule";

interface GoldenSchedule {
  readonly schedule: TrainConfig["schedule"];
  readonly peak: number;
  readonly warmup_steps: number;
  readonly steps: number;
  readonly learning_rates: readonly number[];
}

it("matches transformers' get_scheduler at every step", async () => {
  const schedules: GoldenSchedule[] = JSON.parse(
    new TextDecoder().decode(await loadGolden("schedules.json")),
  );
  expect(schedules.length).toBeGreaterThan(3);
  for (const { schedule, peak, warmup_steps, steps, learning_rates } of schedules) {
    const config = { schedule, learningRate: peak, warmupSteps: warmup_steps, steps };
    learning_rates.forEach((expected, step) => {
      expect(Math.abs(learningRateAt(config, step) - expected)).toBeLessThanOrEqual(1e-12 * peak + 1e-18);
    });
  }
});
