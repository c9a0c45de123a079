// The data in use and the reading going on: a later choice gives up an earlier one, and what cannot be used leaves
// what was there in place.
import type { DataSettings } from "../data/config";
import type { LoadedModel } from "./loadedModel";
import type { DataInfo, DataOptions, DataUpdate } from "./messages";
import { StudioError } from "./problems";
import {
  type DataFiles,
  type LoadedFiles,
  loadFiles,
  type TokenizedData,
  tokenizeData,
} from "./trainingData";

type OnUpdate = ((update: DataUpdate) => void) | undefined;

export class DataDesk {
  #loaded: LoadedFiles | undefined;
  /** Read, but refused for a sequence length that leaves nothing of it: a longer one takes it without reading again. */
  #tooLong: LoadedFiles | undefined;
  #reading = new AbortController();
  #cut: { readonly of: LoadedFiles; readonly key: string; readonly data: TokenizedData } | undefined;
  readonly #model: () => LoadedModel;

  /** @param model the one in use; throws where there is none */
  constructor(model: () => LoadedModel) {
    this.#model = model;
  }

  /** Undefined before any was loaded. */
  get files(): LoadedFiles["files"] | undefined {
    return this.#loaded?.files;
  }

  /** @throws what reading and cutting throw; StudioError when given up */
  async load(
    open: (signal: AbortSignal) => Promise<DataFiles>,
    options: DataOptions,
    onUpdate?: OnUpdate,
  ): Promise<DataInfo> {
    this.cancel();
    this.#reading = new AbortController();
    const { signal } = this.#reading;
    const read = await this.#read(await open(signal), onUpdate, signal);
    signal.throwIfAborted();
    return this.#take(read, options);
  }

  /** As StudioWorker.retokenize. */
  async retokenize(options: DataOptions, onUpdate?: OnUpdate): Promise<DataInfo> {
    const read = this.#tooLong ?? this.#require();
    const { settings = read.files.settings } = options;
    const files = { ...read.files, settings };
    if (!this.#isCurrent(read) || !isReadAlike(read.files.settings, settings)) {
      return this.load(async () => files, options, onUpdate);
    }
    this.cancel();
    return this.#take({ ...read, files }, options);
  }

  /** Uses what was read from now on. @throws SequenceTooShortError, which leaves what was there in place */
  #take(read: LoadedFiles, options: DataOptions): DataInfo {
    this.#tooLong = read;
    const { info } = this.#cutTo(read, options);
    this.#loaded = read;
    this.#tooLong = undefined;
    return info;
  }

  /** Gives up the reading going on, if there is one. */
  cancel(): void {
    this.#reading.abort(new StudioError("training data: expected to be read, got cancelled."));
  }

  /** Examples for a run. @throws StudioError where there is no data; FormatError when the length leaves nothing */
  async tokenized(options: Pick<DataOptions, "sequenceLength" | "seed">): Promise<TokenizedData> {
    return this.#cutTo(await this.#current(), options);
  }

  /** The same where nothing has to be read for it, else undefined. @throws FormatError when the length leaves nothing */
  tokenizedNow(options: Pick<DataOptions, "sequenceLength" | "seed">): TokenizedData | undefined {
    return this.#loaded && this.#isCurrent(this.#loaded) ? this.#cutTo(this.#loaded, options) : undefined;
  }

  /** Examples of a kept run's own files, which are read unless they are those in use. */
  async tokenizedOf(
    files: DataFiles,
    options: Pick<DataOptions, "sequenceLength" | "seed">,
  ): Promise<TokenizedData> {
    if (files === this.#loaded?.files) return this.tokenized(options);
    return tokenizeData(await this.#read(files), this.#model().folder.tokenizer, options);
  }

  /** The data for the model in use: read again where it was read for another one. */
  async #current(): Promise<LoadedFiles> {
    const loaded = this.#require();
    if (this.#isCurrent(loaded)) return loaded;
    const again = await this.#read(loaded.files);
    if (this.#loaded === loaded) this.#loaded = again;
    return again;
  }

  #read(files: DataFiles, onUpdate?: OnUpdate, signal?: AbortSignal): Promise<LoadedFiles> {
    const { folder, fingerprint } = this.#model();
    return loadFiles(files, { tokenizer: folder.tokenizer, fingerprint }, onUpdate, signal);
  }

  /** Cuts once for each length and seed. */
  #cutTo(loaded: LoadedFiles, { sequenceLength, seed }: Pick<DataOptions, "sequenceLength" | "seed">) {
    const key = `${sequenceLength} ${seed}`;
    if (this.#cut?.of !== loaded || this.#cut.key !== key) {
      const data = tokenizeData(loaded, this.#model().folder.tokenizer, { sequenceLength, seed });
      this.#cut = { of: loaded, key, data };
    }
    return this.#cut.data;
  }

  /** Whether the tokens are those of the model in use. */
  #isCurrent({ fingerprint }: LoadedFiles): boolean {
    return fingerprint === this.#model().fingerprint;
  }

  #require(): LoadedFiles {
    if (this.#loaded) return this.#loaded;
    throw new StudioError(
      "training data: expected some, got none. Choose a sample or a file.",
      "trainingData",
    );
  }
}

/** Whether two settings lead to the same tokens; how much is held out is decided later. */
function isReadAlike(a: DataSettings, b: DataSettings): boolean {
  const reading = ({ validationFraction: _, ...rest }: DataSettings) => JSON.stringify(rest);
  return reading(a) === reading(b);
}
