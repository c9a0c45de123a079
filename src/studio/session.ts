// The studio's engine behind its messages: one model, one dataset, one run and one current adapter at a time.
import { llamaLinearShapes } from "../formats/llamaTensors";
import { checkAdapterFits } from "../formats/peft";
import { ActiveRun, type RunHost, type RunSetup } from "./activeRun";
import { Answers } from "./answers";
import { fetchSampleDatasets } from "./embedded";
import { Engine, type ReadyEngine } from "./engine";
import { exportAdapter } from "./exportAdapter";
import { checkModelSize, type LoadedModel, readModel } from "./loadedModel";
import type {
  CurrentAdapter,
  DataInfo,
  DataOptions,
  DataSource,
  GenerateRequest,
  GenerateResult,
  GpuChange,
  GpuInfo,
  ModelInfo,
  ModelSource,
  Result,
  RunEstimate,
  RunHistory,
  RunRecord,
  RunUpdate,
  SampleDataset,
  StudioWorker,
} from "./messages";
import { checkConfig, resultOf, StudioError } from "./problems";
import { estimateRun } from "./runEstimate";
import type { RunShelf } from "./runShelf";
import { emptyHistory } from "./stores/history";
import { type ParsedData, parseData, readData, type TokenizedData, tokenizeData } from "./trainingData";
import { adapterFromCheckpoint, readAdapterFiles, type TunedAdapter } from "./tunedAdapter";

type OnUpdates = (updates: readonly RunUpdate[]) => void;

export class StudioSession implements StudioWorker {
  #onGpuChange: (change: GpuChange) => void = () => {};
  #gpuInfo: GpuInfo | undefined;
  #recovery: Promise<GpuInfo> | undefined;
  #data: ParsedData | undefined;
  #tokenized: { readonly key: string; readonly data: TokenizedData } | undefined;
  #run: ActiveRun | undefined;
  #isStarting = false;
  #isRunning = false;
  #adapter: TunedAdapter | undefined;
  readonly #engine: Engine;
  readonly #answers = new Answers();
  readonly #shelf: RunShelf;

  /** @param gpu navigator.gpu */
  constructor(gpu: GPU | undefined, shelf: RunShelf) {
    this.#engine = new Engine(gpu, (message) => this.#handleLost(message));
    this.#shelf = shelf;
  }

  start(onGpuChange: (change: GpuChange) => void): Promise<Result<GpuInfo>> {
    this.#onGpuChange = onGpuChange;
    return resultOf(async () => {
      this.#gpuInfo = await this.#engine.open();
      return this.#gpuInfo;
    });
  }

  sampleDatasets(): Promise<readonly SampleDataset[]> {
    return fetchSampleDatasets();
  }

  loadModel(source: ModelSource, onProgress: (fraction: number) => void): Promise<Result<ModelInfo>> {
    return resultOf(async () => {
      this.#refuseWhileActive();
      const { gpu } = this.#engine;
      if (gpu) await checkModelSize(source.files ?? [], gpu.device.limits);
      const model = await readModel(source, (fraction) => onProgress(fraction / 2));
      this.#refuseWhileActive();
      await this.#answers.clear();
      await this.#engine.use(model, (fraction) => onProgress(0.5 + fraction / 2));
      this.#tokenized = undefined;
      if (this.#adapter && !this.#fits(this.#adapter)) this.#adapter = undefined;
      return model.info;
    }, "model");
  }

  loadData(source: DataSource, options: DataOptions): Promise<Result<DataInfo>> {
    return resultOf(async () => {
      const data = await parseData(await readData(source));
      const tokenized = this.#tokenize(data, options);
      this.#data = data; // data that cannot be used leaves what was loaded before in place
      return tokenized.info;
    }, "trainingData");
  }

  retokenize(options: DataOptions): Promise<Result<DataInfo>> {
    return resultOf(() => this.#tokenize(this.#requireData(), options).info, "trainingData");
  }

  async estimate(input: unknown): Promise<RunEstimate> {
    const model = this.#requireModel();
    const checked = checkConfig(input);
    let data: TokenizedData | undefined;
    if ("config" in checked && this.#data) {
      const tokenized = await resultOf(() => this.#tokenize(this.#data!, checked.config), "trainingData");
      if (tokenized.ok) data = tokenized.value;
    }
    return estimateRun(input, model, data, this.#gpuInfo);
  }

  train(input: unknown, onUpdates: OnUpdates): Promise<Result<RunRecord>> {
    return this.#launch(onUpdates, async (engine) => {
      const parsed = this.#requireData();
      const checked = checkConfig(input);
      if ("problems" in checked)
        throw new StudioError(checked.problems[0]!.message, checked.problems[0]!.field);
      const data = this.#tokenize(parsed, checked.config);
      const { problems, trainableParameters } = estimateRun(input, engine.model, data, this.#gpuInfo);
      if (problems[0]) throw new StudioError(problems[0].message, problems[0].field);
      const run = await this.#shelf.create(checked.config, engine.model, parsed, trainableParameters);
      return { run, data, history: emptyHistory };
    });
  }

  resumeRun(id: string, onUpdates: OnUpdates): Promise<Result<RunRecord>> {
    return this.#launch(onUpdates, async (engine) => {
      const { data, ...kept } = await this.#shelf.takeUp(id, engine.model, this.#data);
      const { tokenizer } = engine.model.folder;
      return { ...kept, data: tokenizeData(await parseData(data), tokenizer, kept.run.record.config) };
    });
  }

  async pause(): Promise<void> {
    this.#run?.pause();
  }

  async resume(): Promise<void> {
    this.#run?.resume();
  }

  async stop(): Promise<void> {
    this.#run?.stop();
  }

  generate(request: GenerateRequest, onText: (piece: string) => void): Promise<Result<GenerateResult>> {
    return resultOf(() => {
      const engine = this.#engine.ready();
      const adapter = request.use === "adapter" ? this.#adapter?.adapter : undefined;
      if (request.use === "adapter" && !adapter) {
        throw new StudioError("adapter: expected one to answer with, got none. Train or import one first.");
      }
      return this.#answers.generate(engine, adapter, request, onText);
    });
  }

  async cancelGenerate(): Promise<void> {
    this.#answers.cancel();
  }

  async currentAdapter(): Promise<CurrentAdapter | null> {
    return this.#adapter?.info ?? null;
  }

  exportAdapter(): Promise<Result<{ readonly fileName: string; readonly bytes: Uint8Array<ArrayBuffer> }>> {
    return resultOf(async () => {
      const tuned = this.#adapter;
      if (!tuned)
        throw new StudioError("adapter: expected one to export, got none. Train or import one first.");
      const history = tuned.record ? await this.runHistory(tuned.record.id) : emptyHistory;
      return exportAdapter(tuned, this.#requireModel().info, history);
    });
  }

  importAdapter(files: readonly File[]): Promise<Result<CurrentAdapter>> {
    return resultOf(async () => {
      const tuned = await readAdapterFiles(files);
      checkAdapterFits(tuned.adapter, llamaLinearShapes(this.#requireModel().folder.config));
      this.#adapter = tuned;
      return tuned.info;
    }, "adapter");
  }

  async listRuns(): Promise<readonly RunRecord[]> {
    return this.#shelf.list(this.#run?.record);
  }

  async runHistory(id: string): Promise<RunHistory> {
    return this.#run?.record.id === id ? this.#run.history : this.#shelf.history(id);
  }

  async renameRun(id: string, name: string): Promise<void> {
    if (this.#run?.record.id === id) this.#run.rename(name);
    await this.#shelf.rename(id, name);
  }

  deleteRun(id: string): Promise<Result<null>> {
    return resultOf(async () => {
      if (this.#run?.record.id === id && this.#isActive())
        throw new StudioError("Stop the run before deleting it.");
      await this.#shelf.delete(id);
      if (this.#run?.record.id === id) this.#run = undefined;
      return null;
    });
  }

  useRun(id: string): Promise<Result<CurrentAdapter>> {
    return resultOf(async () => {
      const run = this.#run?.record.id === id && this.#run.checkpoint ? this.#run : undefined;
      const { record, checkpoint } = run ?? (await this.#shelf.finished(id));
      this.#adapter = adapterFromCheckpoint(checkpoint!, record, this.#requireModel().folder);
      return this.#adapter.info;
    });
  }

  /** Starts what `prepare` set up; resolves when it runs. */
  #launch(
    onUpdates: OnUpdates,
    prepare: (engine: ReadyEngine) => Promise<RunSetup>,
  ): Promise<Result<RunRecord>> {
    return resultOf(async () => {
      this.#refuseWhileActive();
      this.#isStarting = true;
      try {
        const engine = this.#engine.ready();
        const setup = await prepare(engine);
        const release = await this.#shelf.hold(setup.run.id);
        const host: RunHost = {
          save: (run, state) => this.#shelf.save(run, state),
          recover: () => this.#recover(),
          onUpdates: (updates) => {
            if (updates.some((update) => update.type === "end" && update.outcome !== "failed")) this.#adopt();
            onUpdates(updates);
          },
          onOver: () => {
            this.#isRunning = false;
            release();
          },
        };
        try {
          this.#run = await ActiveRun.open(engine, setup, host);
        } catch (error) {
          release();
          throw error;
        }
        this.#isRunning = true;
        void this.#run.follow(engine);
        return this.#run.record;
      } finally {
        this.#isStarting = false;
      }
    });
  }

  /** Makes the adapter of the run that just ended the current one. */
  #adopt(): void {
    const { record, checkpoint } = this.#run!;
    if (record.config.method !== "lora" || !checkpoint) return;
    this.#adapter = adapterFromCheckpoint(checkpoint, record, this.#requireModel().folder);
  }

  #handleLost(reason: string): void {
    this.#gpuInfo = undefined;
    this.#answers.cancel();
    this.#onGpuChange({ status: "lost", message: `The GPU was lost (${reason}). Opening it again.` });
    this.#recovery = this.#engine.reopen();
    this.#recovery.then(
      (info) => {
        this.#gpuInfo = info;
        this.#onGpuChange({ status: "ready", info });
      },
      (error: Error) => {
        const message = `The GPU was lost (${reason}) and could not be opened again: ${error.message}. Reload the page.`;
        this.#onGpuChange({ status: "lost", message });
      },
    );
  }

  async #recover(): Promise<ReadyEngine> {
    await this.#recovery;
    return this.#engine.ready();
  }

  /** Tokenizes once for each length, seed, data and model. */
  #tokenize(data: ParsedData, { sequenceLength, seed }: DataOptions): TokenizedData {
    const model = this.#requireModel();
    const key = [data.key, model.fingerprint, sequenceLength, seed].join(" ");
    if (this.#tokenized?.key !== key) {
      const tokenized = tokenizeData(data, model.folder.tokenizer, { sequenceLength, seed });
      this.#tokenized = { key, data: tokenized };
    }
    return this.#tokenized.data;
  }

  #fits({ adapter }: TunedAdapter): boolean {
    try {
      checkAdapterFits(adapter, llamaLinearShapes(this.#requireModel().folder.config));
      return true;
    } catch {
      return false;
    }
  }

  #requireModel(): LoadedModel {
    const { model } = this.#engine;
    if (!model) throw new StudioError("model: expected a loaded one, got none. Load a model first.", "model");
    return model;
  }

  #requireData(): ParsedData {
    if (this.#data) return this.#data;
    throw new StudioError(
      "training data: expected some, got none. Choose a sample or a file.",
      "trainingData",
    );
  }

  #isActive(): boolean {
    return this.#isStarting || this.#isRunning;
  }

  #refuseWhileActive(): void {
    if (this.#isActive()) throw new StudioError("run: expected none going on, got one. Stop it first.");
  }
}
