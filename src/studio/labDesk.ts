// The rank lab behind its messages: one experiment going on at a time over the studio's model and data, and the kept
// ones. What is asked of an experiment is answered by the one in memory where it is that one, and by the shelf
// otherwise.

import { cellsOf, type Experiment } from "../lab/experiment";
import type { ExperimentInputs } from "../lab/runExperiment";
import { ActiveExperiment, type ExperimentSetup } from "./activeExperiment";
import type { Answers } from "./answers";
import type { DataDesk } from "./dataDesk";
import type { Engine, ReadyEngine } from "./engine";
import { answerAll } from "./labAnswers";
import { type CellWeights, cellWeights } from "./labCells";
import { checkExperiment, estimateExperiment, labProblem, limitsOf } from "./labEstimate";
import { adaptersZip, experimentFile, missingFor, readOpenedFile } from "./labExport";
import type {
  ExperimentRecord,
  ExperimentSnapshot,
  LabAnswer,
  LabEstimate,
  LabExport,
  LabFile,
  LabUpdate,
  LabWorker,
} from "./labMessages";
import { checkResumable, fingerprintsOf, newExperiment, openedExperiment } from "./labRecords";
import type { LabShelf } from "./labShelf";
import type { StoredExperiment } from "./labStorage";
import type { LoadedModel } from "./loadedModel";
import type { CurrentAdapter, Result } from "./messages";
import { resultOf, StudioError } from "./problems";
import { type DataFiles, isKept, keyOf, type TokenizedData } from "./trainingData";

/** What the lab shares with the rest of the studio. */
export interface LabSurroundings {
  readonly engine: Engine;
  readonly answers: Answers;
  /** @throws StudioError before a model is loaded */
  readonly requireModel: () => LoadedModel;
  readonly data: DataDesk;
  /** @throws StudioError while a run is going on */
  readonly refuseWhileTraining: () => void;
  readonly setTuned: (weights: CellWeights) => void;
}

type OnUpdates = (updates: readonly LabUpdate[]) => void;

export class LabDesk implements LabWorker {
  /** The experiment going on, or the last one. */
  #active: ActiveExperiment | undefined;
  #isStarting = false;
  #isRunning = false;
  readonly #shelf: LabShelf;
  readonly #around: LabSurroundings;

  constructor(shelf: LabShelf, around: LabSurroundings) {
    this.#shelf = shelf;
    this.#around = around;
  }

  /** @throws StudioError while an experiment is going on */
  refuseWhileActive(): void {
    if (this.#isStarting || this.#isRunning) {
      throw new StudioError("experiment: expected none going on, got one. Stop it first.");
    }
  }

  async estimate(input: unknown): Promise<LabEstimate> {
    const { engine, requireModel, data } = this.#around;
    const checked = checkExperiment(input);
    // Data that this length leaves nothing of is reported where the data is.
    const tokenized =
      "experiment" in checked
        ? await resultOf(() => data.tokenizedNow(checked.experiment.run), "trainingData")
        : undefined;
    const used = tokenized?.ok ? tokenized.value : undefined;
    return estimateExperiment(input, requireModel(), used, engine.info);
  }

  run(input: unknown, onUpdates: OnUpdates): Promise<Result<ExperimentSnapshot>> {
    return this.#launch(onUpdates, async ({ model }) => {
      const checked = checkExperiment(input);
      if ("problems" in checked) throw StudioError.of(checked.problems[0]!);
      const { experiment } = checked;
      const data = await this.#around.data.tokenized(experiment.run);
      const files = this.#around.data.files!;
      const { problems } = estimateExperiment(experiment, model, data, this.#around.engine.info);
      if (problems[0]) throw StudioError.of(problems[0]);
      const stored = newExperiment(experiment, model, { name: files.name, key: await keyOf(files) }, data);
      await this.#shelf.save(stored, kept(files)).catch(() => {}); // told at the first autosave
      return { setup: { stored, series: {} }, files, data };
    });
  }

  resumeExperiment(id: string, onUpdates: OnUpdates): Promise<Result<ExperimentSnapshot>> {
    return this.#launch(onUpdates, async ({ model }) => {
      const [stored, state] = await Promise.all([this.#shelf.get(id), this.#shelf.state(id)]);
      checkResumable(stored, state.progress?.results.length ?? 0, model);
      const loaded = this.#around.data.files;
      const isOfExperiment = loaded && (await keyOf(loaded)) === stored.data.key;
      const files = isOfExperiment ? loaded : state.data;
      if (!files) {
        const remedy = `Choose the training data ${stored.data.name} again, then resume the experiment.`;
        const problem = `training data: expected that of the experiment, got none kept. ${remedy}`;
        throw new StudioError(problem, "trainingData");
      }
      const data = await this.#around.data.tokenizedOf(files, stored.record.experiment.run);
      const { progress, series = {} } = state;
      return { setup: { stored, progress, series }, files, data };
    });
  }

  async pause(): Promise<void> {
    if (this.#isRunning) this.#active?.pause();
  }

  async resume(): Promise<void> {
    if (this.#isRunning) this.#active?.resume();
  }

  async stop(): Promise<void> {
    if (this.#isRunning) this.#active?.stop();
  }

  async skip(cellId: string): Promise<void> {
    if (this.#isRunning) this.#active?.skip(cellId);
  }

  /** What a cell learned. @throws StudioError when none is kept */
  async weights(id: string, cellId: string): Promise<CellWeights> {
    return this.#weightsOf(await this.#snapshotOf(id), cellId);
  }

  use(id: string, cellId: string): Promise<Result<CurrentAdapter>> {
    return resultOf(async () => {
      const weights = await this.weights(id, cellId);
      this.#around.setTuned(weights);
      return weights.tuned.info;
    });
  }

  answer(
    id: string,
    prompt: string,
    maxNewTokens: number,
    onAnswer: (answer: LabAnswer) => void,
  ): Promise<Result<null>> {
    return resultOf(async () => {
      const snapshot = await this.#snapshotOf(id);
      const { experiment, keptCells } = snapshot.record;
      const cellIds = cellsOf(experiment).map((cell) => cell.id);
      const question = {
        ...{ prompt, maxNewTokens, cellIds: cellIds.filter((cellId) => keptCells.includes(cellId)) },
        weightsOf: async (cellId: string) => (await this.#weightsOf(snapshot, cellId)).tuned,
      };
      await answerAll(this.#around.answers, this.#around.engine.ready(), question, onAnswer);
      return null;
    });
  }

  exportExperiment(id: string, what: LabExport): Promise<Result<LabFile>> {
    return resultOf(async () => {
      const snapshot = await this.#snapshotOf(id);
      if (what !== "adapters") return experimentFile(what, await this.#storedOf(id), snapshot);
      const { keptCells, name } = snapshot.record;
      if (keptCells.length === 0) {
        const remedy = "An experiment from a file brings none: run it to train them.";
        throw new StudioError(`adapters: expected some that were trained here, got none. ${remedy}`);
      }
      const cells = new Map<string, CellWeights>();
      for (const cellId of keptCells) cells.set(cellId, await this.#weightsOf(snapshot, cellId));
      return adaptersZip(name, cells, this.#around.requireModel());
    });
  }

  open(file: File): Promise<Result<ExperimentSnapshot>> {
    return resultOf(async () => {
      const content = await readOpenedFile(file);
      const { data } = this.#around;
      const tokenized = data.files && (await resultOf(() => data.tokenized(content.experiment.run)));
      const missing = missingFor(
        content,
        this.#around.engine.model,
        tokenized?.ok ? fingerprintsOf(tokenized.value) : undefined,
      );
      const stored = openedExperiment(content, missing);
      const { series, base, results } = content;
      await this.#shelf.save(stored, { series, progress: { results, base, race: null } });
      return { record: stored.record, series, results, base };
    });
  }

  list(): Promise<readonly ExperimentRecord[]> {
    return this.#shelf.list(this.#active?.record);
  }

  snapshot(id: string): Promise<Result<ExperimentSnapshot>> {
    return resultOf(() => this.#snapshotOf(id));
  }

  delete(id: string): Promise<Result<null>> {
    return resultOf(async () => {
      const isCurrent = this.#active?.record.id === id;
      if (isCurrent) this.refuseWhileActive();
      await this.#shelf.delete(id);
      if (isCurrent) this.#active = undefined;
      return null;
    });
  }

  /** Starts what `prepare` sets up. */
  async #launch(
    onUpdates: OnUpdates,
    prepare: (
      engine: ReadyEngine,
    ) => Promise<{ setup: ExperimentSetup; files: DataFiles; data: TokenizedData }>,
  ): Promise<Result<ExperimentSnapshot>> {
    const started = async () => {
      this.refuseWhileActive();
      this.#around.refuseWhileTraining();
      this.#isStarting = true;
      try {
        const engine = this.#around.engine.ready();
        const { setup, files, data } = await prepare(engine);
        const inputsOn = (ready: ReadyEngine) =>
          this.#inputs(ready, setup.stored.record.experiment, files, data);
        const release = await this.#shelf.hold(setup.stored.id);
        try {
          const inputs = inputsOn(engine);
          this.#active = new ActiveExperiment(setup, inputs, {
            save: (stored, state) => this.#shelf.save(stored, { ...state, ...kept(files) }),
            recover: async () => inputsOn(await this.#around.engine.recovered()),
            onUpdates,
            onOver: () => {
              this.#isRunning = false;
              release();
            },
          });
          this.#isRunning = true;
          void this.#active.follow(inputs);
        } catch (error) {
          release();
          throw error;
        }
        return this.#active.snapshot;
      } finally {
        this.#isStarting = false;
      }
    };
    try {
      return { ok: true, value: await started() };
    } catch (error) {
      return { ok: false, problem: labProblem(error) };
    }
  }

  #inputs(
    { gpu, model, resident }: ReadyEngine,
    experiment: Experiment,
    { metric = { kind: "exact" } }: DataFiles,
    { examples, evalExamples }: TokenizedData,
  ): ExperimentInputs {
    return {
      ...{ gpu, model: resident, folder: model.folder, baseModelName: model.info.name },
      ...{ examples, evaluationExamples: evalExamples },
      metric,
      limits: limitsOf(experiment, this.#around.engine.info),
    };
  }

  async #snapshotOf(id: string): Promise<ExperimentSnapshot> {
    return this.#active?.record.id === id ? this.#active.snapshot : this.#shelf.snapshot(id);
  }

  async #storedOf(id: string): Promise<StoredExperiment> {
    return this.#active?.record.id === id ? this.#active.stored : this.#shelf.get(id);
  }

  async #weightsOf(snapshot: ExperimentSnapshot, cellId: string): Promise<CellWeights> {
    const { id } = snapshot.record;
    const own = this.#active?.record.id === id ? this.#active.unsaved(cellId) : undefined;
    const checkpoint = own ?? (await this.#shelf.trained(id, cellId));
    if (!checkpoint) {
      const remedy = "An experiment from a file brings no adapters: run it to train them.";
      throw new StudioError(`cell: expected one that was trained here, got ${cellId}. ${remedy}`);
    }
    return cellWeights(snapshot, cellId, checkpoint, this.#around.requireModel());
  }
}

/** What goes into the storage: not a large file. */
const kept = (files: DataFiles): { data?: DataFiles } => (isKept(files) ? { data: files } : {});
