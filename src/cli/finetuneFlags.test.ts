import { describe, expect, it } from "vitest";
import { trainConfigSchema } from "../train/config";
import { checkUnchanged, configOf, finetuneCommand } from "./finetuneFlags";
import { parseFlags } from "./flags";

const config = (...args: string[]) => configOf(parseFlags(finetuneCommand, args)!);

describe("configOf", () => {
  it("has the studio's defaults, but evaluates on everything", () => {
    expect(config()).toEqual(trainConfigSchema.parse({ evaluateExamples: 0 }));
  });

  it("sets every field from its flag", () => {
    const args =
      "--rank 4 --alpha 0.5 --target k_proj,up_proj --dropout 0.1 --rslora --init gaussian --steps 7 " +
      "--batch-size 3 --grad-accum 2 --seq-len 32 --lr 1e-3 --schedule cosine --warmup 2 --weight-decay 0.01 " +
      "--max-grad-norm 0 --seed 9 --data-seed 3 --no-shuffle --pack --grad-checkpointing --eval-every 5 " +
      "--checkpoint-every 0";
    expect(
      config(...args.split(" "), "--rank-pattern", '{"up_proj":2}', "--alpha-pattern", '{"k_proj":3}'),
    ).toEqual({
      method: "lora",
      adapter: {
        rank: 4,
        loraAlpha: 0.5,
        loraDropout: 0.1,
        targetModules: ["k_proj", "up_proj"],
        useRslora: true,
        initLoraWeights: "gaussian",
        rankPattern: { up_proj: 2 },
        alphaPattern: { k_proj: 3 },
      },
      steps: 7,
      batchSize: 3,
      gradientAccumulation: 2,
      gradientCheckpointing: true,
      packing: true,
      sequenceLength: 32,
      learningRate: 1e-3,
      schedule: "cosine",
      warmupSteps: 2,
      weightDecay: 0.01,
      maxGradNorm: 0,
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      seed: 9,
      dataSeed: 3,
      shuffle: false,
      evaluateEvery: 5,
      evaluateExamples: 0,
      checkpointEvery: 0,
    });
  });

  it.each([
    [
      ["--method", "full", "--rank", "4"],
      "--rank: expected --method lora, whose adapter it describes, got full",
    ],
    [["--rank", "0"], "--rank: expected at least 1, got 0"],
    [["--rank", "2.5"], "--rank: expected a whole number, got 2.5"],
    [["--rank", "eight"], '--rank: expected a number, got "eight"'],
    [["--alpha", "0"], "--alpha: expected more than 0, got 0"],
    [["--dropout", "1"], "--dropout: expected less than 1, got 1"],
    [["--target", ","], "--target: expected at least one name, got []"],
    [["--rank-pattern", '{"q_proj":0}'], "--rank-pattern: expected at least 1, got 0"],
    [["--rank-pattern", "3"], "--rank-pattern: expected a record, got 3"],
    [["--seq-len", "1"], "--seq-len: expected at least 2, got 1"],
    [["--lr", "-1"], "--lr: expected at least 0, got -1"],
    [["--schedule", "wave"], '--schedule: expected one of constant, linear, cosine, got "wave"'],
    [["--method", "prefix"], '--method: expected one of lora, full, bitfit, got "prefix"'],
    [["--seed", "4294967296"], "--seed: expected at most 4294967295, got 4294967296"],
    [["--warmup", "101"], "--warmup: expected at most the 100 steps of the run, got 101"],
  ])("refuses %j", (args, message) => {
    expect(() => config(...args)).toThrow(message);
  });
});

describe("checkUnchanged", () => {
  it("takes what the run has and refuses the rest", () => {
    const saved = config("--rank", "4", "--lr", "1e-3");
    const check = (...args: string[]) => checkUnchanged(parseFlags(finetuneCommand, args)!, saved);
    expect(() => check("--rank", "4", "--lr", "0.001", "--out", "x")).not.toThrow();
    expect(() => check("--rank", "8")).toThrow("--rank: expected 4 as in the run to resume, got 8");
    expect(() => check("--no-shuffle")).toThrow("--no-shuffle: expected true as in the run to resume");
  });
});
