// Set-up: GPU, model, data and the form, and the estimate that follows them.
import type { DataInfo, DataOptions, DataSource, ModelSource, Result } from "../messages";
import type { StoreContext } from "./context";
import { numberOf, toConfigInput, toSettings } from "./settings";
import type { DataState, Settings, StudioActions } from "./state";

type SetupActions = Pick<StudioActions, "start" | "loadModel" | "loadData" | "setSetting" | "useSettingsOf">;

const embeddedModel: ModelSource = { kind: "embedded", name: "fable-1m" };
/** Typing settles for this long before the worker is asked. */
const debounceMs = 150;

const isWhole = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least && value <= 0xffff_ffff;

export function setupActions({ get, set, worker }: StoreContext): SetupActions {
  let estimateTimer: ReturnType<typeof setTimeout> | undefined;
  let estimateTicket = 0;
  let dataTicket = 0;
  let started: Promise<void> | undefined;
  let retokenizeTimer: ReturnType<typeof setTimeout> | undefined;

  const refreshEstimate = async () => {
    const ticket = ++estimateTicket;
    if (!get().model.info) return;
    const estimate = await worker().estimate(toConfigInput(get().settings));
    // A later question is under way: its answer counts.
    if (ticket === estimateTicket) set({ estimate });
  };
  const scheduleEstimate = () => {
    clearTimeout(estimateTimer);
    estimateTimer = setTimeout(refreshEstimate, debounceMs);
  };

  const dataOptions = (): DataOptions | undefined => {
    const sequenceLength = numberOf(get().settings.sequenceLength);
    const seed = numberOf(get().settings.seed);
    const areValid = isWhole(sequenceLength, 2) && isWhole(seed, 0);
    return areValid ? { sequenceLength, seed } : undefined;
  };

  /** @param before shown again, beside the problem, when the new data cannot be used */
  const setData = async (answer: Promise<Result<DataInfo>>, before?: DataState) => {
    const ticket = ++dataTicket;
    const result = await answer;
    if (ticket !== dataTicket) return;
    const source = before?.info ? before.source : get().data.source;
    if (result.ok) {
      set({ data: { status: "ready", source: get().data.source, info: result.value } });
      if (get().compare.prompt === "")
        set({ compare: { ...get().compare, prompt: result.value.samplePrompt } });
    } else set({ data: { status: "failed", source, info: before?.info, problem: result.problem } });
    await refreshEstimate();
  };
  const retokenize = () => {
    const options = dataOptions();
    const { status } = get().data;
    if (options && status !== "empty" && status !== "loading") return setData(worker().retokenize(options));
  };

  const loadData = async (source: DataSource) => {
    const before = get().data;
    set({ data: { ...before, status: "loading", source, problem: undefined } });
    const options = dataOptions() ?? { sequenceLength: 64, seed: 0 };
    await setData(worker().loadData(source, options), before);
  };

  const loadModel = async (source: ModelSource) => {
    const { info } = get().model;
    set({ model: { status: "loading", source, info, progress: 0 } });
    const result = await worker().loadModel(source, (progress) => {
      if (get().model.status === "loading") set({ model: { ...get().model, progress } });
    });
    if (!result.ok) {
      // The model that was there before is still in use.
      set({
        model: { status: "failed", source, info: get().model.info, progress: 0, problem: result.problem },
      });
      return;
    }
    set({ model: { status: "ready", source, info: result.value, progress: 1 } });
    const { moduleNames, defaultTargetModules } = result.value;
    // Names of another family mean nothing here.
    if (!get().settings.targetModules.every((name) => moduleNames.includes(name))) {
      set({ settings: { ...get().settings, targetModules: [...defaultTargetModules] } });
    }
    set({ adapter: (await worker().currentAdapter()) ?? undefined });
    const dataSource = get().data.source;
    // Another tokenizer: the same text has other tokens, and those shown before mean nothing now.
    if (dataSource) {
      set({ data: { status: "loading", source: dataSource } });
      await loadData(dataSource);
    } else await refreshEstimate();
  };

  const begin = async () => {
    const opened = await worker().start((gpu) => set({ gpu: { info: get().gpu.info, ...gpu } }));
    if (opened.ok) set({ gpu: { status: "ready", info: opened.value } });
    else set({ gpu: { status: "missing", message: opened.problem.message } });
    const [samples, runs] = await Promise.all([worker().sampleDatasets(), worker().listRuns()]);
    set({ runs });
    await loadModel(embeddedModel);
    if (!samples.ok) {
      set({ data: { status: "failed", problem: samples.problem } });
      return;
    }
    set({ samples: samples.value });
    const [first] = samples.value;
    // A person may have been quicker.
    if (first && get().data.status === "empty") await loadData({ kind: "sample", name: first.id });
  };

  return {
    loadModel,
    loadData,
    start() {
      started ??= begin();
      return started;
    },
    setSetting(name, value) {
      set({ settings: { ...get().settings, [name]: value } });
      scheduleEstimate();
      if (name === "sequenceLength" || name === "seed") {
        clearTimeout(retokenizeTimer);
        retokenizeTimer = setTimeout(retokenize, debounceMs);
      }
    },
    useSettingsOf({ config }) {
      const settings: Settings = toSettings(config);
      set({ settings });
      scheduleEstimate();
      void retokenize();
    },
  };
}
