// The analysis' worker as the page starts it, beside an engine that trains: what it gets and what it refuses.
import { deleteDB } from "idb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadGolden } from "../../oracle/goldens";
import { packZip } from "../formats/zip";
import type { AdapterSource, AnalysisWorker } from "./analysisMessages";
import { connectTo, startAnalysis, startWorker } from "./client";
import type { StudioWorker } from "./messages";
import { collect, problemOf, unwrap } from "./testing/sessionCalls";
import { tinyConfig, tinyData, tinyModel } from "./testing/tinyModel";

let engine: Worker;
let studio: StudioWorker;
let analysis: AnalysisWorker;
beforeAll(async () => {
  await deleteDB("lora-studio");
  engine = startWorker();
  studio = connectTo(engine);
  unwrap(await studio.start(() => {}));
  unwrap(await studio.loadModel(tinyModel(), () => {}));
  analysis = await startAnalysis(studio);
});
afterAll(() => engine.terminate());

/** The rank-16 adapter of a GPT-2 that oracle/analysisGoldens.py makes. */
async function foreignAdapter(): Promise<AdapterSource> {
  const names = ["adapter_config.json", "adapter_model.safetensors"] as const;
  const files = await Promise.all(
    names.map(async (name) => new File([await loadGolden(`analysis/rank-16/${name}`)], name)),
  );
  return { kind: "files", files };
}

const path = "model.layers.1.self_attn.q_proj";
const block = { row: 0, column: 0, rows: 16, columns: 16 };

describe("the analysis' worker", () => {
  it("says what is wrong with what it is given", async () => {
    expect(problemOf(await analysis.open({ kind: "current" })).message).toContain(
      "adapter: expected a trained one",
    );
    expect(problemOf(await analysis.open({ kind: "run", id: "gone" })).message).toContain(
      "run: expected a kept one",
    );
    const zip = new File(
      [packZip(new Map([["readme.md", new Uint8Array(3)]])) as Uint8Array<ArrayBuffer>],
      "a.zip",
    );
    expect(problemOf(await analysis.open({ kind: "files", files: [zip] })).message).toContain(
      "a.zip: expected one adapter_config.json",
    );
  });

  it("measures the current adapter and a kept run against the loaded model", async () => {
    unwrap(await studio.loadData(tinyData(), { sequenceLength: 24, seed: 3 }));
    const { ended, updates, onUpdates } = collect();
    const { id } = unwrap(await studio.train({ ...tinyConfig, steps: 5 }, onUpdates));
    await ended;
    const current = unwrap(await analysis.open({ kind: "current" }));
    const kept = unwrap(await analysis.open({ kind: "run", id }));
    expect(kept.paths).toEqual(current.paths);
    expect(current.paths).toHaveLength(4);

    const progress: number[] = [];
    const spectra = unwrap(await analysis.spectra(current.key, (done) => progress.push(done)));
    await expect.poll(() => progress).toEqual([1, 2, 3, 4]); // it comes by a channel of its own
    // The same ‖ΔW‖ as the engine measured on the GPU in the last step.
    const delta = updates.findLast((update) => update.type === "delta")!;
    for (const { path, norm, relativeNorm, singularValues } of spectra) {
      expect(norm / delta.norms[path]!).toBeCloseTo(1, 3);
      expect(singularValues).toHaveLength(4);
      expect(relativeNorm).toBeGreaterThan(0);
    }
    const norms = unwrap(await analysis.weightNorms([path, "lm_head"]));
    expect(norms).toEqual({ [path]: spectra.find((each) => each.path === path)!.weightNorm });

    const { between, toRandom } = unwrap(await analysis.similarities(path, current.key, kept.key));
    expect(between!.left[3]![3]).toBeCloseTo(1, 9);
    expect(toRandom.left[3]![3]).toBeLessThan(0.7);
    const amplified = unwrap(await analysis.amplification(path, current.key))!;
    expect(amplified.throughWeight).toBeGreaterThan(amplified.throughChange);
    const images = unwrap(await analysis.images(path, current.key, block));
    expect(images.weight!.largest).toBeGreaterThan(0);
    expect(images.change.values).toHaveLength(256);

    await analysis.close(current.key);
    expect(problemOf(await analysis.spectra(current.key, () => {})).message).toContain(
      "got one that was closed",
    );
  });

  it("measures an adapter of another model without what needs W", async () => {
    const { key, paths } = unwrap(await analysis.open(await foreignAdapter()));
    const spectra = unwrap(await analysis.spectra(key, () => {}));
    expect(spectra.map(({ weightNorm }) => weightNorm)).toEqual([null, null]);
    expect(spectra[0]!.effectiveRank).toBeGreaterThan(1);
    expect(problemOf(await analysis.amplification(paths[0]!, key)).message).toContain(
      "transformer.h.0.attn.c_attn: expected a weight [40, 48] in the loaded model, got none",
    );
    expect(unwrap(await analysis.images(paths[0]!, key, block)).weight).toBeNull();
    expect(unwrap(await analysis.similarities(paths[1]!, key, null)).between).toBeNull();
  });

  it("ends a measurement that a later one replaces", async () => {
    const { key } = unwrap(await analysis.open(await foreignAdapter()));
    const [first, second] = await Promise.all([
      analysis.spectra(key, () => {}),
      analysis.spectra(key, () => {}),
    ]);
    expect(problemOf(first).message).toContain("got a later one");
    expect(unwrap(second)).toHaveLength(2);
  });
});
