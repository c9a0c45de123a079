// The command on the embedded model, held against PEFT's run on the same file in the same order.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { main } from "./finetune";
import { captured, readJsonLines, temporaryFolder } from "./testing/tinyModel";

const root = join(import.meta.dirname, "../..");
const goldens = join(root, "oracle/goldens");
const name = readdirSync(goldens).find((each) => existsSync(join(goldens, each, "source.json")));

describe.runIf(name !== undefined)("finetune of the embedded model", () => {
  it("has PEFT's losses from PEFT's initial adapter, with --no-shuffle", async () => {
    const folder = join(goldens, name!);
    const curve = JSON.parse(readFileSync(join(folder, "curve.json"), "utf8"));
    const source = JSON.parse(readFileSync(join(folder, "source.json"), "utf8"));
    const out = join(temporaryFolder(), "adapter");
    const settings = {
      model: join(root, source.model),
      data: join(root, source.data),
      "init-adapter": join(folder, "adapter_initial"),
      steps: curve.steps,
      "batch-size": curve.batch_size,
      "grad-accum": curve.accumulation,
      "seq-len": curve.sequence_length,
      lr: curve.learning_rate,
      schedule: curve.schedule,
      warmup: curve.warmup_steps,
      "weight-decay": curve.weight_decay,
      "max-grad-norm": curve.max_grad_norm,
      "checkpoint-every": 0,
      out,
    };
    const args = Object.entries(settings).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    // A software adapter takes seconds per step: the first losses, and those of the steps then under way.
    const stopAfterFirst = (text: string) => {
      if (text.startsWith("step 1 ")) process.emit("SIGINT", "SIGINT");
    };
    const { code } = await captured(() => main([...args, "--no-shuffle"]), stopAfterFirst);
    expect(code).toBe(130);
    const metrics = readJsonLines<Record<string, number>>(join(out, "metrics.jsonl"));
    expect(metrics.length).toBeGreaterThanOrEqual(1);
    metrics.forEach((line, i) => {
      expect(Math.abs(line.loss! - curve.losses[i])).toBeLessThan(2e-3);
      expect(line.learning_rate).toBeCloseTo(curve.learning_rates[i], 12);
      expect(Math.abs(line.grad_norm! / curve.grad_norms[i] - 1)).toBeLessThan(2e-3);
    });
  });
});
