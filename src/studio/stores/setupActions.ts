// Set-up: GPU, model, data and the form, and the estimate that follows them.
import type { ModelSource } from "../messages";
import type { StoreContext } from "./context";
import { debounceMs, type Estimates } from "./estimates";
import { toSettings } from "./settings";
import type { Settings, StudioActions } from "./state";

type SetupActions = Pick<StudioActions, "start" | "loadModel" | "setSetting" | "useSettingsOf">;

/** The model that comes with the studio. */
export const embeddedModel: ModelSource = { kind: "embedded", name: "fable-1m" };

export function setupActions({ get, set, worker }: StoreContext, estimates: Estimates): SetupActions {
  let started: Promise<void> | undefined;
  let retokenizeTimer: ReturnType<typeof setTimeout> | undefined;

  const loadModel = async (source: ModelSource) => {
    const { info, source: before } = get().model;
    set({ model: { status: "loading", source, info, progress: 0 } });
    const result = await worker().loadModel(source, (progress) => {
      if (get().model.status === "loading") set({ model: { ...get().model, progress } });
    });
    if (!result.ok) {
      // The model that was there before is still in use.
      set({ model: { status: "failed", source: before, info, progress: 0, problem: result.problem } });
      return;
    }
    set({ model: { status: "ready", source, info: result.value, progress: 1 } });
    const { moduleNames, defaultTargetModules } = result.value;
    // Names of another family mean nothing here.
    if (!get().settings.targetModules.every((name) => moduleNames.includes(name))) {
      set({ settings: { ...get().settings, targetModules: [...defaultTargetModules] } });
    }
    set({ adapter: (await worker().currentAdapter()) ?? undefined });
    const { source: dataSource, settings } = get().data;
    // Another tokenizer: the same text has other tokens.
    if (dataSource) await get().loadData(dataSource, settings);
    else await estimates.refresh();
  };

  const begin = async () => {
    const opened = await worker().start((gpu) => set({ gpu: { info: get().gpu.info, ...gpu } }));
    if (opened.ok) set({ gpu: { status: "ready", info: opened.value } });
    else set({ gpu: { status: "missing", message: opened.problem.message } });
    const [samples, runs] = await Promise.all([worker().sampleDatasets(), worker().listRuns()]);
    set({ runs });
    await loadModel(embeddedModel);
    if (!samples.ok) {
      set({ data: { ...get().data, status: "failed", problem: samples.problem } });
      return;
    }
    set({ samples: samples.value });
    const [first] = samples.value;
    // A person may have been quicker.
    if (first && get().data.status === "empty") await get().loadData({ kind: "sample", name: first.id });
  };

  return {
    loadModel,
    start() {
      started ??= begin();
      return started;
    },
    setSetting(name, value) {
      set({ settings: { ...get().settings, [name]: value } });
      estimates.schedule();
      if (name === "sequenceLength" || name === "seed") {
        clearTimeout(retokenizeTimer);
        retokenizeTimer = setTimeout(get().retokenize, debounceMs);
      }
    },
    useSettingsOf({ config }) {
      const settings: Settings = toSettings(config);
      set({ settings });
      estimates.schedule();
      void get().retokenize();
    },
  };
}
