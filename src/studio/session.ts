// The studio's engine behind its messages: one model, one dataset, one run and one set of tuned weights at a time.

import { expose } from "comlink";
import { checkAdapterFits } from "../formats/peft";
import type { QuantisedDtype } from "../gpu/quantised";
import { architectureOf } from "../models/architecture";
import type { EngineAdapter } from "./analysisMessages";
import { analysisSupply } from "./analysisSupply";
import { Answers } from "./answers";
import { DataDesk } from "./dataDesk";
import { fetchSampleDatasets } from "./embedded";
import { Engine } from "./engine";
import { exportZip } from "./exportZip";
import type { CellWeights } from "./labCells";
import { LabDesk } from "./labDesk";
import type { PageWorker } from "./labMessages";
import type { LabShelf } from "./labShelf";
import { type LoadedModel, readModel } from "./loadedModel";
import type {
  CurrentAdapter,
  DataInfo,
  DataOptions,
  DataSource,
  DataUpdate,
  ExportedZip,
  GenerateRequest,
  GenerateResult,
  GpuChange,
  GpuInfo,
  ModelInfo,
  ModelOrigin,
  ModelSource,
  Result,
  RunEstimate,
  RunHistory,
  RunRecord,
  SampleDataset,
} from "./messages";
import { checkConfig, resultOf, StudioError } from "./problems";
import { type OnUpdates, RunDesk } from "./runDesk";
import { estimateRun } from "./runEstimate";
import type { RunShelf } from "./runShelf";
import { emptyHistory } from "./stores/history";
import { openFiles, type TokenizedData } from "./trainingData";
import { readAdapterFiles, type TunedWeights, weightsFromCheckpoint } from "./tunedWeights";

export class StudioSession implements PageWorker {
  readonly lab: LabDesk;
  #tuned: TunedWeights | undefined;
  /** Of tuned weights that came from an experiment: the runs' shelf does not know them. */
  #cellHistory: CellWeights | undefined;
  readonly #engine: Engine;
  readonly #answers = new Answers();
  readonly #data = new DataDesk(() => this.#requireModel());
  readonly #shelf: RunShelf;
  readonly #desk: RunDesk;

  /** @param gpu navigator.gpu */
  constructor(gpu: GPU | undefined, shelf: RunShelf, labShelf: LabShelf) {
    this.#engine = new Engine(gpu);
    this.#shelf = shelf;
    this.#desk = new RunDesk(this.#engine, shelf, (record, checkpoint) => {
      this.#tuned = weightsFromCheckpoint(checkpoint, record, this.#requireModel().folder);
    });
    this.lab = new LabDesk(labShelf, {
      engine: this.#engine,
      answers: this.#answers,
      requireModel: () => this.#requireModel(),
      data: this.#data,
      refuseWhileTraining: () => this.#desk.refuseWhileActive(),
      setTuned: (weights) => {
        this.#tuned = weights.tuned;
        this.#cellHistory = weights;
      },
    });
  }

  start(onGpuChange: (change: GpuChange) => void): Promise<Result<GpuInfo>> {
    this.#engine.onChange = (change) => {
      if (change.status === "lost") this.#answers.cancel();
      onGpuChange(change);
    };
    return resultOf(() => this.#engine.open());
  }

  sampleDatasets(): Promise<Result<readonly SampleDataset[]>> {
    return resultOf(fetchSampleDatasets, "trainingData");
  }

  loadModel(source: ModelSource, onProgress: (fraction: number) => void): Promise<Result<ModelInfo>> {
    return resultOf(async () => {
      this.#refuseWhileBusy();
      const model = await readModel(source, (fraction) => onProgress(fraction / 2));
      this.#refuseWhileBusy(); // reading takes a while
      const onUpload = (fraction: number) => onProgress(0.5 + fraction / 2);
      await this.#engine.use(model, onUpload, () => this.#answers.clear());
      if (!this.#fits(this.#tuned)) this.#tuned = undefined;
      return model.info;
    }, "model");
  }

  setBaseWeights(
    quantisation: QuantisedDtype | null,
    onProgress: (fraction: number) => void,
  ): Promise<Result<void>> {
    return resultOf(async () => {
      this.#refuseWhileBusy();
      const engine = this.#engine;
      const before = engine.quantisation;
      engine.quantisation = quantisation ?? undefined;
      if (!engine.model) return;
      try {
        await engine.use(engine.model, onProgress, () => this.#answers.clear());
      } catch (error) {
        engine.quantisation = before;
        throw error;
      }
    }, "model");
  }

  loadData(
    source: DataSource,
    options: DataOptions,
    onUpdate?: (update: DataUpdate) => void,
  ): Promise<Result<DataInfo>> {
    const open = (signal: AbortSignal) => openFiles(source, options.settings, onUpdate, signal);
    return resultOf(() => this.#data.load(open, options, onUpdate), "trainingData");
  }

  retokenize(options: DataOptions, onUpdate?: (update: DataUpdate) => void): Promise<Result<DataInfo>> {
    return resultOf(() => this.#data.retokenize(options, onUpdate), "trainingData");
  }

  async cancelData(): Promise<void> {
    this.#data.cancel();
  }

  async estimate(input: unknown): Promise<RunEstimate> {
    const checked = checkConfig(input);
    // Data that this length leaves nothing of is reported where the data is.
    const tokenized =
      "config" in checked
        ? await resultOf(() => this.#data.tokenizedNow(checked.config), "trainingData")
        : undefined;
    return estimateRun(
      input,
      this.#requireModel(),
      tokenized?.ok ? tokenized.value : undefined,
      this.#engine.info,
    );
  }

  train(input: unknown, onUpdates: OnUpdates): Promise<Result<RunRecord>> {
    return resultOf(() => {
      this.lab.refuseWhileActive();
      return this.#desk.launch(onUpdates, async ({ model }) => {
        const checked = checkConfig(input);
        if ("problems" in checked) throw StudioError.of(checked.problems[0]!);
        const { config } = checked;
        const data = await this.#tokenizeFor(config);
        const { problems, trainableParameters } = estimateRun(config, model, data, this.#engine.info);
        if (problems[0]) throw StudioError.of(problems[0]);
        const run = await this.#shelf.create(config, model, this.#data.files!, trainableParameters);
        return { run, data, history: emptyHistory };
      });
    });
  }

  resumeRun(id: string, onUpdates: OnUpdates): Promise<Result<RunRecord>> {
    return resultOf(() => {
      this.lab.refuseWhileActive();
      return this.#desk.launch(onUpdates, async ({ model }) => {
        const { data, ...kept } = await this.#shelf.takeUp(id, model, this.#data.files);
        return { ...kept, data: await this.#data.tokenizedOf(data, kept.run.record.config) };
      });
    });
  }

  async pause(): Promise<void> {
    this.#desk.pause();
  }

  async profileStep(): Promise<void> {
    this.#desk.profileNextStep();
  }

  async resume(): Promise<void> {
    this.#desk.resume();
  }

  async stop(): Promise<void> {
    this.#desk.stop();
  }

  generate(request: GenerateRequest, onText: (piece: string) => void): Promise<Result<GenerateResult>> {
    return resultOf(() => {
      const tuned = request.use === "adapter" ? this.#requireTuned() : undefined;
      return this.#answers.generate(this.#engine.ready(), tuned, request, onText);
    });
  }

  async cancelGenerate(): Promise<void> {
    this.#answers.cancel();
  }

  async currentAdapter(): Promise<CurrentAdapter | null> {
    return this.#tuned?.info ?? null;
  }

  exportAdapter(target?: FileSystemFileHandle): Promise<Result<ExportedZip>> {
    return resultOf(async () => {
      const tuned = this.#requireTuned();
      const kept = tuned.record ? await this.#desk.history(tuned.record.id) : emptyHistory;
      const history = this.#cellHistory?.tuned === tuned ? this.#cellHistory.history : kept;
      return exportZip(tuned, this.#requireModel(), history, target);
    });
  }

  importAdapter(files: readonly File[]): Promise<Result<CurrentAdapter>> {
    return resultOf(async () => {
      const tuned = await readAdapterFiles(files);
      checkAdapterFits(tuned.adapter!, architectureOf(this.#requireModel().folder.config).linears);
      this.#tuned = tuned;
      return tuned.info;
    }, "adapter");
  }

  async connectAnalysis(port: MessagePort): Promise<void> {
    const tuned = async (source: EngineAdapter) => {
      if (source.kind === "current") return this.#requireTuned();
      if (source.kind === "run") return this.#tunedOfRun(source.id);
      return (await this.lab.weights(source.experimentId, source.cellId)).tuned;
    };
    expose(analysisSupply({ tuned, model: () => this.#engine.model }), port);
  }

  listRuns(): Promise<readonly RunRecord[]> {
    return this.#desk.list();
  }

  runHistory(id: string): Promise<RunHistory> {
    return this.#desk.history(id);
  }

  runModel(id: string): Promise<ModelOrigin | null> {
    return this.#shelf.modelOf(id, this.#engine.model);
  }

  renameRun(id: string, name: string): Promise<void> {
    return this.#desk.rename(id, name);
  }

  deleteRun(id: string): Promise<Result<null>> {
    return resultOf(() => this.#desk.delete(id).then(() => null));
  }

  useRun(id: string): Promise<Result<CurrentAdapter>> {
    return resultOf(async () => {
      this.#tuned = await this.#tunedOfRun(id);
      return this.#tuned.info;
    });
  }

  /** @throws StudioError while the model is in use */
  #refuseWhileBusy(): void {
    this.#desk.refuseWhileActive();
    this.lab.refuseWhileActive();
  }

  async #tunedOfRun(id: string): Promise<TunedWeights> {
    const { record, checkpoint } = await this.#desk.checkpoint(id);
    return weightsFromCheckpoint(checkpoint, record, this.#requireModel().folder);
  }

  /** The run's examples; what is wrong with them is put beside the data. */
  async #tokenizeFor(options: Pick<DataOptions, "sequenceLength" | "seed">): Promise<TokenizedData> {
    const tokenized = await resultOf(() => this.#data.tokenized(options), "trainingData");
    if (!tokenized.ok) throw StudioError.of(tokenized.problem);
    return tokenized.value;
  }

  /** Whether the weights belong to the model in use. */
  #fits(tuned: TunedWeights | undefined): boolean {
    const { folder } = this.#requireModel();
    if (!tuned?.adapter) {
      const entries = tuned?.layout?.entries ?? [];
      return entries.every(({ name, shape }) => String(folder.tensors.get(name)?.shape) === String(shape));
    }
    try {
      checkAdapterFits(tuned.adapter, architectureOf(folder.config).linears);
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

  #requireTuned(): TunedWeights {
    if (this.#tuned) return this.#tuned;
    throw new StudioError("adapter: expected a trained one, got none. Train or import one first.");
  }
}
