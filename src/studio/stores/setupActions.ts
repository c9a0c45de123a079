// Set-up: GPU, model, data and the form, and the estimate that follows them.
import type { DataOptions, DataSource, ModelSource } from "../messages";
import type { StoreContext } from "./context";
import { numberOf, toConfigInput, toSettings } from "./settings";
import type { Settings, StudioActions } from "./state";

type SetupActions = Pick<StudioActions, "start" | "loadModel" | "loadData" | "setSetting" | "useSettingsOf">;

const embeddedModel: ModelSource = { kind: "embedded", name: "fable-1m" };
/** Typing settles for this long before the worker is asked. */
const debounceMs = 150;

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
    const areValid =
      Number.isInteger(sequenceLength) && sequenceLength >= 2 && Number.isInteger(seed) && seed >= 0;
    return areValid ? { sequenceLength, seed } : undefined;
  };

  const setData = async (ticket: number, result: ReturnType<ReturnType<typeof worker>["retokenize"]>) => {
    const answer = await result;
    if (ticket !== dataTicket) return;
    const { source } = get().data;
    if (answer.ok) {
      set({ data: { status: "ready", source, info: answer.value } });
      if (get().compare.prompt === "")
        set({ compare: { ...get().compare, prompt: answer.value.samplePrompt } });
    } else set({ data: { status: "failed", source, problem: answer.problem } });
    await refreshEstimate();
  };
  const retokenize = () => {
    const options = dataOptions();
    if (!options || get().data.status === "empty" || get().data.status === "loading") return;
    return setData(++dataTicket, worker().retokenize(options));
  };

  const loadData = async (source: DataSource) => {
    set({ data: { ...get().data, status: "loading", source, problem: undefined } });
    const options = dataOptions() ?? { sequenceLength: 64, seed: 0 };
    await setData(++dataTicket, worker().loadData(source, options));
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
    set({ adapter: (await worker().currentAdapter()) ?? undefined });
    const dataSource = get().data.source;
    // Another tokenizer: the same text has other tokens.
    if (dataSource) await loadData(dataSource);
    else await refreshEstimate();
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
