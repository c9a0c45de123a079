// What the adapter learned: which adapters are looked at, their figures as they come, and ‖W‖ of the loaded model.
import { create, type StoreApi, type UseBoundStore } from "zustand";
import type {
  AdapterSource,
  Amplification,
  AnalysisWorker,
  Block,
  ChangeSpectrum,
  Images,
  OpenedAdapter,
  Similarities,
} from "../analysisMessages";
import { startAnalysis } from "../client";
import type { ModelInfo, Result, StudioProblem } from "../messages";
import { connectStudio } from "./studioStore";

/** An adapter that can be chosen. */
export interface AdapterChoice {
  /** Tells choices apart, e.g. in a list. */
  readonly id: string;
  readonly name: string;
  readonly source: AdapterSource;
}

/** An adapter on show, with the figures of all its weights. */
export interface AnalysedAdapter extends OpenedAdapter {
  readonly choice: AdapterChoice;
  readonly spectra: readonly ChangeSpectrum[];
}

/** Figures of one weight; each comes when it is ready. Lists go by the adapters on show. */
export interface ModuleFigures {
  readonly path: string;
  readonly similarities?: Result<Similarities>;
  readonly amplification?: readonly (Result<Amplification | null> | null)[];
  readonly images?: Result<Images>;
}

interface AnalysisState {
  /** Adapters that were opened from files, to be looked at only. */
  readonly opened: readonly AdapterChoice[];
  readonly status: "idle" | "busy" | "ready";
  /** Done part of the spectra, 0 to 1. */
  readonly progress: number;
  readonly problem?: StudioProblem | undefined;
  /** The adapter, then the one it is compared with. */
  readonly adapters: readonly AnalysedAdapter[];
  readonly module?: ModuleFigures | undefined;
  readonly block: Block;
  /** ‖W‖_F by module path, of the model they were measured on. */
  readonly weightNorms?: { readonly of: ModelInfo; readonly norms: Readonly<Record<string, number>> };
}

interface AnalysisActions {
  /** Adds an adapter from files to the choices. @returns its id, to be chosen */
  openFiles(files: readonly File[]): string;
  analyse(adapter: AdapterChoice, against: AdapterChoice | undefined): Promise<void>;
  /** Shows the figures of one weight of the first adapter. */
  showModule(path: string): Promise<void>;
  /** Another part of ΔW and W as images. */
  showBlock(block: Block): Promise<void>;
  /** Measures the weights of these modules, once for each model. */
  measureWeights(model: ModelInfo, paths: readonly string[]): Promise<void>;
}

export type AnalysisStore = AnalysisState & AnalysisActions;

const firstBlock: Block = { row: 0, column: 0, rows: 128, columns: 128 };

/** @param connect gives the worker, the same one every time; first called when something is to be computed */
export function createAnalysisStore(
  connect: () => Promise<AnalysisWorker>,
): UseBoundStore<StoreApi<AnalysisStore>> {
  return create<AnalysisStore>()((set, get) => {
    let analyseTicket = 0;
    let moduleTicket = 0;
    let openedCount = 0;
    let measuring: ModelInfo | undefined;

    /** The module's figures so far; late ones of another module are dropped. */
    const put = (ticket: number, figures: Partial<ModuleFigures>) => {
      const { module } = get();
      if (ticket === moduleTicket && module) set({ module: { ...module, ...figures } });
    };

    const analyseOne = async (
      worker: AnalysisWorker,
      choice: AdapterChoice,
      onProgress: (fraction: number) => void,
    ): Promise<Result<AnalysedAdapter>> => {
      const opened = await worker.open(choice.source);
      if (!opened.ok) return opened;
      const { key } = opened.value;
      const spectra = await worker.spectra(key, (done, all) => onProgress(done / all));
      if (spectra.ok) return { ok: true, value: { ...opened.value, choice, spectra: spectra.value } };
      await worker.close(key);
      return spectra;
    };

    return {
      opened: [],
      status: "idle",
      progress: 0,
      adapters: [],
      block: firstBlock,
      openFiles(files) {
        const zip = files.find(({ name }) => /\.zip$/i.test(name));
        const id = `files-${++openedCount}`;
        const name = `${zip?.name ?? "files"} (opened ${openedCount})`;
        const choice = { id, name, source: { kind: "files", files } } as const;
        set({ opened: [...get().opened, choice] });
        return id;
      },
      async analyse(adapter, against) {
        const ticket = ++analyseTicket;
        set({ status: "busy", progress: 0, problem: undefined });
        const worker = await connect();
        const before = get().adapters;
        const choices = against ? [adapter, against] : [adapter];
        const adapters: AnalysedAdapter[] = [];
        for (const choice of choices) {
          const result = await analyseOne(worker, choice, (fraction) => {
            if (ticket === analyseTicket) set({ progress: (adapters.length + fraction) / choices.length });
          });
          if (ticket !== analyseTicket) return;
          if (!result.ok) {
            for (const { key } of adapters) await worker.close(key);
            set({ status: before.length > 0 ? "ready" : "idle", problem: result.problem });
            return;
          }
          adapters.push(result.value);
        }
        for (const { key } of before) await worker.close(key);
        set({ status: "ready", adapters });
        const shown = get().module?.path;
        const [first] = adapters;
        await get().showModule(shown && first!.paths.includes(shown) ? shown : first!.paths[0]!);
      },
      async showModule(path) {
        const ticket = ++moduleTicket;
        const { adapters } = get();
        const [first, second] = adapters;
        if (!first) return;
        set({ module: { path } });
        const worker = await connect();
        put(ticket, { similarities: await worker.similarities(path, first.key, second?.key ?? null) });
        const amplification = [];
        for (const { key, paths } of adapters) {
          amplification.push(paths.includes(path) ? await worker.amplification(path, key) : null);
        }
        put(ticket, { amplification });
        put(ticket, { images: await worker.images(path, first.key, get().block) });
      },
      async showBlock(block) {
        set({ block });
        const { adapters, module } = get();
        const [first] = adapters;
        if (!first || !module) return;
        const ticket = moduleTicket;
        const images = await (await connect()).images(module.path, first.key, block);
        if (get().block === block) put(ticket, { images });
      },
      async measureWeights(model, paths) {
        if (measuring === model) return;
        measuring = model;
        const result = await (await connect()).weightNorms(paths);
        if (result.ok && measuring === model) set({ weightNorms: { of: model, norms: result.value } });
      },
    };
  });
}

let worker: Promise<AnalysisWorker> | undefined;

/** The analysis' state and actions, for components. */
export const useAnalysis = createAnalysisStore(() => {
  worker ??= startAnalysis(connectStudio());
  return worker;
});
