// The analysis' part of the contract: the page asks a worker of its own, so that figures neither wait for training
// nor hold it up, and that worker fetches adapters and weights from the engine's, past the page.
import type { Tensor } from "../formats/tensor";
import type { Amplification } from "../lab/analysis/amplification";
import type { Block, MatrixImage } from "../lab/analysis/image";
import type { LowRankAdapter } from "../lab/analysis/lowRankAdapter";
import type { ChangeSimilarity, SimilarityGrid } from "../lab/analysis/similarity";
import type { ChangeSpectrum } from "../lab/analysis/spectrum";
import type { Result } from "./messages";

export type { Amplification, Block, ChangeSimilarity, ChangeSpectrum, MatrixImage, SimilarityGrid };

/** An adapter that the engine's worker has. */
export type EngineAdapter =
  | { readonly kind: "current" }
  /** A kept run, or the one going on as of its last autosave. */
  | { readonly kind: "run"; readonly id: string }
  | { readonly kind: "cell"; readonly experimentId: string; readonly cellId: string };

/** Any adapter that can be looked at; files need not fit the model: a zip, or the two files of PEFT. */
export type AdapterSource = EngineAdapter | { readonly kind: "files"; readonly files: readonly File[] };

/** What the engine's worker gives to the analysis' worker. */
export interface AnalysisSupply {
  adapter(source: EngineAdapter): Promise<Result<LowRankAdapter>>;
  /** The loaded model's weight [out, in] of a module; null where it has none of that path. */
  weight(path: string): Promise<Tensor | null>;
}

/** An adapter as the analysis' worker keeps it, until it is closed. */
export interface OpenedAdapter {
  readonly key: number;
  /** Paths of the weights it changes. */
  readonly paths: readonly string[];
  /** Tensors of its file that are no part of any ΔW. */
  readonly leftOut: readonly string[];
}

export interface Similarities {
  /** null without a second adapter, or where that one does not change this weight. */
  readonly between: ChangeSimilarity | null;
  readonly toRandom: ChangeSimilarity;
}

export interface Images {
  readonly change: MatrixImage;
  /** null where the loaded model has no such weight. */
  readonly weight: MatrixImage | null;
}

/** Calls of the analysis' worker. None rejects for a mistake of the person. */
export interface AnalysisWorker {
  /** @param port to the engine's worker */
  connect(port: MessagePort): Promise<void>;
  open(source: AdapterSource): Promise<Result<OpenedAdapter>>;
  close(key: number): Promise<void>;
  /** Of all its weights; a later call for any adapter ends it with a problem. */
  spectra(
    key: number,
    onProgress: (done: number, all: number) => void,
  ): Promise<Result<readonly ChangeSpectrum[]>>;
  /** @param other key of a second adapter */
  similarities(path: string, key: number, other: number | null): Promise<Result<Similarities>>;
  /** null for a change of zero; a problem where the loaded model has no such weight. */
  amplification(path: string, key: number): Promise<Result<Amplification | null>>;
  images(path: string, key: number, block: Block): Promise<Result<Images>>;
  /** ‖W‖_F of the loaded model by module path, without those it does not have. */
  weightNorms(paths: readonly string[]): Promise<Result<Readonly<Record<string, number>>>>;
}
