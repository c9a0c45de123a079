// The analysis against NumPy's dense decompositions of the same files (oracle/analysis.py), through the command.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { AnalysisReport } from "../lab/analysis/report";
import type { ChangeSimilarity, SimilarityGrid } from "../lab/analysis/similarity";
import { main as analyze } from "./analyze";
import { captured, temporaryFolder } from "./testing/tinyModel";

/** Of a grid: φ(i, i) and the last row. */
interface GridEdges {
  readonly diagonal: readonly number[];
  readonly lastRow: readonly number[];
}
type GoldenSimilarity = { readonly path: string } & Readonly<Record<"left" | "right", GridEdges>>;

interface Golden extends Pick<AnalysisReport, "adapters"> {
  readonly name: string;
  readonly adapter: string;
  readonly against: string | null;
  readonly model: string | null;
  readonly modules: readonly string[] | null;
  readonly similarity: Readonly<Record<"between" | "toRandom", readonly GoldenSimilarity[]>>;
}

const goldens: Golden[] = JSON.parse(readFileSync("oracle/goldens/analysis.json", "utf8"));
const work = temporaryFolder();
const tolerance = 1e-4;

const flagsOf = ({ adapter, against, model, modules }: Golden): string[] => [
  ...["--adapter", adapter],
  ...(against ? ["--against", against] : []),
  ...(model ? ["--model", model] : []),
  ...(modules ? ["--modules", modules.join()] : []),
];

async function reportOf(args: readonly string[]): Promise<AnalysisReport & Record<string, unknown>> {
  const out = join(work, "report.json");
  const { code } = await captured(() => analyze([...args, "--out", out]));
  expect(code).toBe(0);
  return JSON.parse(readFileSync(out, "utf8"));
}

/** Every number of `golden` is in `ours`, within the tolerance of the largest of its list. */
function expectClose(ours: unknown, golden: unknown, place: string): void {
  if (typeof golden === "number") {
    const scale = Math.max(Math.abs(golden), 1e-12);
    expect(Math.abs((ours as number) - golden) / scale, place).toBeLessThan(tolerance);
  } else if (Array.isArray(golden)) {
    expect(ours, place).toHaveLength(golden.length);
    const scale = Math.max(...golden.filter(Number.isFinite).map(Math.abs));
    golden.forEach((each, index) => {
      const value = (ours as unknown[])[index];
      // What is only rounding beside the largest is not the same rounding.
      const isNothing = typeof each === "number" && Math.abs(each) < 1e-12 * scale;
      if (isNothing) expect(Math.abs(value as number), place).toBeLessThan(1e-9 * scale);
      else expectClose(value, each, `${place}[${index}]`);
    });
  } else if (golden !== null && typeof golden === "object") {
    for (const [key, each] of Object.entries(golden)) {
      expectClose((ours as Record<string, unknown>)[key], each, `${place}.${key}`);
    }
  } else expect(ours, place).toBe(golden);
}

const edgesOf = (grid: SimilarityGrid): GridEdges => ({
  diagonal: grid.flatMap((row, i) => row.slice(i, i + 1)),
  lastRow: grid.at(-1) ?? [],
});
const edgesOfAll = (all: readonly ChangeSimilarity[]) =>
  all.map(({ path, left, right }) => ({ path, left: edgesOf(left), right: edgesOf(right) }));

describe("npm run analyze", () => {
  for (const golden of goldens) {
    const absent = existsSync(golden.adapter) ? "" : ` (no ${golden.adapter} here)`;
    it.skipIf(absent)(`agrees with NumPy: ${golden.name}${absent}`, async () => {
      const { adapters, similarity } = await reportOf(flagsOf(golden));
      expectClose(adapters, golden.adapters, "adapters");
      expectClose(edgesOfAll(similarity.toRandom), golden.similarity.toRandom, "toRandom");
      expectClose(edgesOfAll(similarity.between), golden.similarity.between, "between");
    });
  }

  const [twoTasks] = goldens as [Golden];
  const adapter = ["--adapter", twoTasks.adapter, "--modules", "0.self_attn.q_proj"];
  const model = ["--model", twoTasks.model!];

  it("finds nothing in an adapter that has not learned yet", async () => {
    const zero = goldens.find(({ name }) => name === "B is zero")!;
    const { adapters, similarity } = await reportOf(flagsOf(zero));
    expect(adapters[0]!.modules[0]).toMatchObject({
      norm: 0,
      effectiveRank: 0,
      stableRank: 0,
      relativeNorm: 0,
    });
    expect(adapters[0]!.amplification).toEqual([]);
    expect(similarity.between[0]!.left).toEqual([]);
    expect(similarity.between[0]!.right).toHaveLength(8);
  });

  it("prints the same JSON that it writes", async () => {
    const written = await reportOf([...adapter, ...model]);
    const { out } = await captured(() => analyze([...adapter, ...model]));
    expect(JSON.parse(out)).toEqual(written);
  });

  it("leaves out what needs W without a model", async () => {
    const { adapters } = await reportOf(adapter);
    expect(adapters[0]!.modules[0]).toMatchObject({ weightNorm: null, relativeNorm: null });
    expect(adapters[0]!.amplification).toEqual([]);
  });

  it("gives a block of ΔW and W as values", async () => {
    const { image } = await reportOf([...adapter, ...model, "--image", "q_proj", "--block", "4,8,16"]);
    const { change, weight } = image as Record<string, { rows: number; values: number[]; largest: number }>;
    expect(change).toMatchObject({ rows: 16, columns: 16, patch: 1, block: { row: 4, column: 8 } });
    expect(change!.values).toHaveLength(256);
    expect(change!.largest).toBeGreaterThan(0);
    expect(weight!.largest).toBeGreaterThan(change!.largest);
  });

  it("refuses what does not belong together", async () => {
    await expect(analyze([...adapter, "--model", "oracle/goldens/gqa-tied-f32-r8"])).rejects.toThrow(
      "--model: expected model.layers.0.self_attn.q_proj.weight [128,128] as the adapter has it, got [64,64]",
    );
    await expect(analyze([...adapter, "--model", "oracle"])).rejects.toThrow(
      "--model: expected *.safetensors",
    );
    await expect(analyze(["--adapter", work])).rejects.toThrow("--adapter: expected a file that can be read");
    await expect(analyze(["--adapter", twoTasks.adapter, "--modules", "x"])).rejects.toThrow(
      "--modules: expected ends of module paths such as model.layers.0.self_attn.q_proj",
    );
    await expect(analyze([...adapter, "--image", "x"])).rejects.toThrow("--image: expected the end of");
    await expect(analyze([...adapter, "--block", "1,2"])).rejects.toThrow(
      "--block: expected ROW,COLUMN,SIZE",
    );
    writeFileSync(join(work, "model.safetensors"), "nothing");
    await expect(analyze([...adapter, "--model", work])).rejects.toThrow("model.safetensors: header length");
  });
});
