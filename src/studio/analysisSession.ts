// The analysis behind its messages: opened adapters, and the figures of them that are asked for.
import { type Remote, wrap } from "comlink";
import { toFloat32 } from "../formats/tensor";
import { amplificationOf } from "../lab/analysis/amplification";
import { changeImage, weightImage } from "../lab/analysis/image";
import { type LowRankAdapter, type LowRankChange, readLowRankAdapter } from "../lab/analysis/lowRankAdapter";
import { similarityOf, similarityToRandom } from "../lab/analysis/similarity";
import { spectrumOf, svdOfChange } from "../lab/analysis/spectrum";
import { normOf, type Weight } from "../lab/analysis/weight";
import { readPeftFiles } from "./adapterFiles";
import type {
  AdapterSource,
  Amplification,
  AnalysisSupply,
  AnalysisWorker,
  Block,
  ChangeSpectrum,
  Images,
  OpenedAdapter,
  Similarities,
} from "./analysisMessages";
import type { Result } from "./messages";
import { resultOf, StudioError } from "./problems";

/** Of all random matrices: the command line's default, so that both show the same numbers. */
const seed = 0;

export class AnalysisSession implements AnalysisWorker {
  readonly #adapters = new Map<number, LowRankAdapter>();
  #supply: Remote<AnalysisSupply> | undefined;
  #nextKey = 1;
  #ticket = 0;

  async connect(port: MessagePort): Promise<void> {
    this.#supply = wrap<AnalysisSupply>(port);
  }

  open(source: AdapterSource): Promise<Result<OpenedAdapter>> {
    return resultOf(async () => {
      const adapter = await this.#read(source);
      const key = this.#nextKey++;
      this.#adapters.set(key, adapter);
      return { key, paths: adapter.changes.map(({ path }) => path), leftOut: adapter.leftOut };
    }, "adapter");
  }

  async close(key: number): Promise<void> {
    this.#adapters.delete(key);
  }

  spectra(
    key: number,
    onProgress: (done: number, all: number) => void,
  ): Promise<Result<readonly ChangeSpectrum[]>> {
    const ticket = ++this.#ticket;
    return resultOf(async () => {
      const { changes } = this.#adapter(key);
      const spectra: ChangeSpectrum[] = [];
      for (const change of changes) {
        const weight = await this.#weightOf(change); // waits, so that a later call is heard
        if (ticket !== this.#ticket) throw new StudioError("analysis: expected to end, got a later one.");
        spectra.push(spectrumOf(change, svdOfChange(change), weight ? normOf(weight) : null));
        onProgress(spectra.length, changes.length);
      }
      return spectra;
    });
  }

  similarities(path: string, key: number, other: number | null): Promise<Result<Similarities>> {
    return resultOf(() => {
      const change = this.#change(path, key);
      const otherChange = other === null ? undefined : find(this.#adapter(other), path);
      return {
        between: otherChange ? similarityOf(change, otherChange) : null,
        toRandom: similarityToRandom(change, seed),
      };
    });
  }

  amplification(path: string, key: number): Promise<Result<Amplification | null>> {
    return resultOf(async () => {
      const change = this.#change(path, key);
      const weight = await this.#weightOf(change);
      if (weight) return amplificationOf(change, svdOfChange(change), weight, seed);
      const { outFeatures, inFeatures } = change;
      throw new StudioError(
        `${path}: expected a weight [${outFeatures}, ${inFeatures}] in the loaded model, got none. Load the model ` +
          "that the adapter was made for.",
        "model",
      );
    });
  }

  images(path: string, key: number, block: Block): Promise<Result<Images>> {
    return resultOf(async () => {
      const change = this.#change(path, key);
      const weight = await this.#weightOf(change);
      return { change: changeImage(change, block), weight: weight ? weightImage(weight, block) : null };
    });
  }

  weightNorms(paths: readonly string[]): Promise<Result<Readonly<Record<string, number>>>> {
    return resultOf(async () => {
      const norms: Record<string, number> = {};
      for (const path of paths) {
        const tensor = await this.#supply?.weight(path);
        if (tensor) norms[path] = normOf({ values: toFloat32(tensor) });
      }
      return norms;
    });
  }

  async #read(source: AdapterSource): Promise<LowRankAdapter> {
    if (source.kind === "files") return readLowRankAdapter((await readPeftFiles(source.files)).files);
    const result = await this.#supply?.adapter(source);
    if (result?.ok) return result.value;
    throw result
      ? StudioError.of(result.problem)
      : new StudioError("engine: expected to be connected first.");
  }

  #adapter(key: number): LowRankAdapter {
    const adapter = this.#adapters.get(key);
    if (!adapter) throw new StudioError("adapter: expected an opened one, got one that was closed.");
    return adapter;
  }

  #change(path: string, key: number): LowRankChange {
    const change = find(this.#adapter(key), path);
    if (!change) throw new StudioError(`${path}: expected a weight that the adapter changes, got another.`);
    return change;
  }

  /** The loaded model's weight; undefined where it has none, or one of another shape. */
  async #weightOf({ path, outFeatures, inFeatures }: LowRankChange): Promise<Weight | undefined> {
    const tensor = await this.#supply?.weight(path);
    if (!tensor || String(tensor.shape) !== String([outFeatures, inFeatures])) return undefined;
    return { values: toFloat32(tensor), outFeatures, inFeatures };
  }
}

const find = ({ changes }: LowRankAdapter, path: string) => changes.find((change) => change.path === path);
