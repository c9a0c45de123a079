// Packing changes where examples lie and nothing that is learned from them.
import { describe, expect, it } from "vitest";
import type { Examples, TokenizedExample } from "../data/examples";
import { packExamples } from "../data/pack";
import { uploadModel } from "../models/residentModel";
import { type TrainConfigInput, trainConfigSchema } from "./config";
import type { TrainEvent } from "./events";
import { stepShapeOf, TrainSession } from "./session";
import { loadCase, loadCaseModel, relativeError, testGpu } from "./testing/golden";
import { traineeOf } from "./trainee";
import { Trainer } from "./trainer";

const gpu = await testGpu();

/** The example with a single counted token; of the packed ones, all of the others' count for nothing. */
const only = (example: TokenizedExample, t: number): TokenizedExample => ({
  ...example,
  lossMask: example.lossMask.map((_, at) => Number(at === t)),
});

/** Part of an example as one of its own, of which every token but the first counts. */
const pieceOf = ({ ids }: TokenizedExample, from: number, to: number): TokenizedExample => ({
  ids: ids.subarray(from, to),
  lossMask: new Uint8Array(to - from).fill(1, 1),
});

/** Loss of every token but each example's first, one evaluation each. */
async function tokenLosses(session: TrainSession, examples: Examples): Promise<number[]> {
  const losses: number[] = [];
  for (const example of examples) {
    let first = 0;
    for (const length of example.lengths ?? [example.ids.length]) {
      for (let t = first + 1; t < first + length; t++) {
        losses.push((await session.evaluate([only(example, t)]))[0]!);
      }
      first += length;
    }
  }
  return losses;
}

describe("packing", () => {
  it.each([
    // Rotary positions with a sliding window; learned positions that are trained themselves.
    ["mistral-window-f16", { adapter: { initLoraWeights: "gaussian" } }],
    ["full-gpt2-tied-f32", { method: "full" }],
  ] as [string, TrainConfigInput][])(
    "gives every token of %s the loss it has by itself, and the same gradients",
    async (name, input) => {
      const weights = await loadCaseModel(name);
      const model = await uploadModel(gpu, weights);
      const [first, second] = (await loadCase(name)).examples as [TokenizedExample, TokenizedExample];
      const examples = [pieceOf(first, 0, 5), pieceOf(second, 0, 4), pieceOf(first, 5, 8)];
      const packed = packExamples(examples, 12, { seed: 0, shuffle: false });
      expect([...packed].map(({ lengths }) => lengths)).toEqual([[5, 4, 3]]);

      const results = [];
      for (const given of [examples, packed]) {
        const config = trainConfigSchema.parse({
          ...input,
          batchSize: given.length,
          shuffle: false,
          learningRate: 0.01,
        });
        const cells = [{ config, trainee: traineeOf(config, weights, null) }];
        const session = await TrainSession.open(
          gpu,
          model,
          cells,
          stepShapeOf(config, weights.config.vocabSize, given, []),
        );
        const losses = await tokenLosses(session, given);
        // Two updates, so that B is no longer zero.
        for (const step of [0, 1]) await session.submitStep(step, session.batchesOf(step, given), false);
        const gradients = await session.readGradients(0);
        results.push({ losses, gradients });
        session.close();
      }
      model.release();
      const [plain, together] = results as [(typeof results)[0], (typeof results)[0]];
      expect([...plain.gradients.values()].every((values) => values.some((value) => value !== 0))).toBe(true);
      expect(together.losses).toHaveLength(plain.losses.length);
      const worst = Math.max(...plain.losses.map((loss, i) => Math.abs(loss - together.losses[i]!) / loss));
      const errors = [...plain.gradients].map(([key, values]) =>
        relativeError(together.gradients.get(key)!, values),
      );
      console.info(
        `packing ${name}: loss of a token ${worst.toExponential(1)}, gradients ${Math.max(...errors).toExponential(1)}`,
      );
      expect(worst).toBeLessThan(1e-6);
      expect(Math.max(...errors)).toBeLessThan(1e-5);
    },
  );

  it("goes on from a checkpoint to the same bytes", async () => {
    const name = "gqa-tied-f32-r8";
    const weights = await loadCaseModel(name);
    const model = await uploadModel(gpu, weights);
    const { examples } = await loadCase(name);
    const config = trainConfigSchema.parse({
      packing: true,
      steps: 2,
      batchSize: 1,
      checkpointEvery: 1,
      adapter: { rank: 2 },
    });
    const options = {
      gpu,
      weights,
      model,
      baseModelName: null,
      config,
      examples,
      evaluationExamples: examples,
    };
    const run = async (checkpoint?: Uint8Array) => {
      const trainer = await Trainer.create({ ...options, checkpoint });
      const events: TrainEvent[] = [];
      await trainer.run((event) => events.push(event));
      const parameters = await trainer.readParameters();
      trainer.destroy();
      return { events, parameters };
    };
    const whole = await run();
    const half = whole.events.find((event) => event.type === "checkpoint" && event.step === 1);
    const rest = await run((half as { bytes: Uint8Array }).bytes);
    model.release();
    expect(rest.parameters).toEqual(whole.parameters);
    const tokens = whole.events.flatMap((event) => (event.type === "step" ? [event.tokens] : []));
    expect(Math.max(...tokens)).toBeGreaterThan(Math.max(...examples.map(({ ids }) => ids.length)));
  });
});
