// All figures of one adapter, or of two side by side, as one plain object: what the command line writes.
import { type Amplification, amplificationOf, checkShape } from "./amplification";
import type { LowRankAdapter, LowRankChange } from "./lowRankAdapter";
import { type ChangeSimilarity, similarityOf, similarityToRandom } from "./similarity";
import { type ChangeSpectrum, spectrumOf, svdOfChange } from "./spectrum";
import { normOf, type Weight } from "./weight";

export interface NamedAdapter {
  readonly name: string;
  readonly adapter: LowRankAdapter;
}

interface ReportedAdapter {
  readonly name: string;
  readonly modules: readonly ChangeSpectrum[];
  /** Empty without the base's weights; without the modules whose change is zero. */
  readonly amplification: readonly Amplification[];
  readonly leftOut: readonly string[];
}

export interface AnalysisReport {
  readonly format: "lora-studio-analysis";
  readonly version: 1;
  /** Of all random matrices in it. */
  readonly seed: number;
  /** The adapter, then the one it is compared with. */
  readonly adapters: readonly ReportedAdapter[];
  readonly similarity: {
    /** For each module that both adapters change. */
    readonly between: readonly ChangeSimilarity[];
    /** The first adapter against random factors. */
    readonly toRandom: readonly ChangeSimilarity[];
  };
}

export interface ReportInput {
  readonly adapter: NamedAdapter;
  readonly against?: NamedAdapter | undefined;
  /** The weight of a module; undefined where it is not at hand. */
  readonly weightOf: (change: LowRankChange, adapter: LowRankAdapter) => Promise<Weight | undefined>;
  readonly seed: number;
}

/**
 * @param onProgress modules done, of all
 * @throws RangeError when a factor is not finite or the adapters are not of one model
 */
export async function analyse(
  { adapter, against, weightOf, seed }: ReportInput,
  onProgress: (done: number, all: number) => void = () => {},
): Promise<AnalysisReport> {
  const named = against ? [adapter, against] : [adapter];
  const all = named.reduce((count, each) => count + each.adapter.changes.length, 0);
  let done = 0;
  const adapters: ReportedAdapter[] = [];
  for (const each of named) {
    const modules: ChangeSpectrum[] = [];
    const amplification: Amplification[] = [];
    for (const change of each.adapter.changes) {
      const decomposed = svdOfChange(change);
      const weight = await weightOf(change, each.adapter);
      if (weight) checkShape(change, weight);
      modules.push(spectrumOf(change, decomposed, weight ? normOf(weight) : null));
      const amplified = weight && amplificationOf(change, decomposed, weight, seed);
      if (amplified) amplification.push(amplified);
      onProgress(++done, all);
    }
    adapters.push({ name: each.name, modules, amplification, leftOut: each.adapter.leftOut });
  }
  const { changes } = adapter.adapter;
  const between = changes.flatMap((change) => {
    const other = against?.adapter.changes.find(({ path }) => path === change.path);
    return other ? [similarityOf(change, other)] : [];
  });
  const toRandom = changes.map((change) => similarityToRandom(change, seed));
  return {
    format: "lora-studio-analysis",
    version: 1,
    seed,
    adapters,
    similarity: { between, toRandom },
  };
}
