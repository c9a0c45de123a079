// The experiment on the screen: commands to the worker, its updates into the state.
import type { StoreApi } from "zustand";
import { presetGrid } from "../../lab/presets";
import type { ExperimentSnapshot, LabAnswer, LabUpdate, LabWorker } from "../labMessages";
import type { Result } from "../messages";
import { download } from "./download";
import { gridFields, toDraft, toExperimentInput } from "./labDraft";
import type { LabActions, LabState, LabStore } from "./labState";
import { shownOf, withUpdates } from "./labUpdates";
import { numberOf, toSettings } from "./settings";
import type { StudioStore } from "./state";

/** Typing settles for this long before the worker is asked. */
const debounceMs = 150;

export interface LabContext {
  readonly get: StoreApi<LabStore>["getState"];
  readonly set: StoreApi<LabStore>["setState"];
  readonly worker: () => LabWorker;
  /** Ends the answers under way. */
  readonly cancelGenerate: () => Promise<void>;
  readonly studio: StoreApi<StudioStore>;
}

/** Whether an experiment holds the engine. */
export const isLabActive = ({ status }: Pick<LabState, "status">): boolean =>
  status === "starting" || status === "running" || status === "paused";

export function labActions(context: LabContext): LabActions {
  const { get, set, worker, studio } = context;
  let started: Promise<void> | undefined;
  let estimateTimer: ReturnType<typeof setTimeout> | undefined;
  let estimateTicket = 0;

  const input = () => toExperimentInput(get().draft, studio.getState().settings);
  const refreshKept = async () => set({ kept: await worker().list() });
  const refreshEstimate = async () => {
    const ticket = ++estimateTicket;
    if (!studio.getState().model.info) return;
    const estimate = await worker().estimate(input());
    // A later question is under way: its answer counts.
    if (ticket === estimateTicket) set({ estimate });
  };
  const scheduleEstimate = () => {
    clearTimeout(estimateTimer);
    estimateTimer = setTimeout(refreshEstimate, debounceMs);
  };

  const suggestPrompt = () => {
    const prompt = studio.getState().data.info?.samplePrompt ?? "";
    if (get().answers.prompt === "") set({ answers: { ...get().answers, prompt } });
  };

  const onUpdates = (updates: readonly LabUpdate[]) => {
    const { shown, warnings } = get();
    if (!shown) return;
    const texts = updates.filter((update) => update.type === "warning").map(({ message }) => message);
    const end = updates.findLast((update) => update.type === "end");
    const pausedOrNot = updates.findLast((update) => update.type === "status");
    set({
      shown: withUpdates(shown, updates),
      ...(texts.length > 0 && { warnings: [...warnings, ...texts] }),
      ...(updates.some(({ type }) => type === "saved") && { hasSaved: true }),
      ...(pausedOrNot && { status: pausedOrNot.status }),
      ...(end && { status: end.status, ...(end.reason && { problem: { message: end.reason } }) }),
    });
    if (end) void refreshKept();
  };

  /** Starts or resumes; updates that arrive before the answer does are applied after it. */
  const launch = async (
    call: (onUpdates: (updates: readonly LabUpdate[]) => void) => Promise<Result<ExperimentSnapshot>>,
  ) => {
    if (isLabActive(get())) return;
    const before = get().status;
    let early: LabUpdate[] | undefined = [];
    set({ status: "starting", problem: undefined, warnings: [], hasSaved: false });
    const result = await call((updates) => {
      if (early) early.push(...updates);
      else onUpdates(updates);
    });
    if (result.ok) {
      set({ status: "running", shown: shownOf(result.value), answers: { ...get().answers, answers: [] } });
      const waiting = early;
      early = undefined;
      onUpdates(waiting);
    } else set({ status: before, problem: result.problem });
    await refreshKept();
  };

  const show = (snapshot: ExperimentSnapshot) =>
    set({
      status: snapshot.record.status,
      shown: shownOf(snapshot),
      problem: snapshot.record.reason === undefined ? undefined : { message: snapshot.record.reason },
      warnings: [],
      answers: { ...get().answers, answers: [], problem: undefined },
    });
  /** Puts an experiment's settings into the forms: what they say is what is on show, and what would be run again. */
  const fillForms = ({ experiment }: ExperimentSnapshot["record"]) => {
    set({ draft: toDraft(experiment) });
    studio.setState({ settings: toSettings(experiment.run) });
    scheduleEstimate();
  };
  const shownId = () => get().shown?.record.id;

  return {
    start() {
      started ??= (async () => {
        studio.subscribe((now, before) => {
          const changed = now.model !== before.model || now.data !== before.data;
          if (changed || now.settings !== before.settings) scheduleEstimate();
          if (now.data !== before.data) suggestPrompt();
        });
        suggestPrompt();
        await Promise.all([refreshKept(), refreshEstimate()]);
      })();
      return started;
    },
    setDraft(name, value) {
      set({ draft: { ...get().draft, [name]: value } });
      scheduleEstimate();
    },
    usePreset(id) {
      const { info } = studio.getState().model;
      if (!info) return;
      try {
        set({
          draft: { ...get().draft, ...gridFields(presetGrid(id, info.moduleSizes)) },
          problem: undefined,
        });
        scheduleEstimate();
      } catch (error) {
        set({ problem: { field: "targetSets", message: (error as Error).message } });
      }
    },
    setMeasure: (measure) => set({ measure }),
    run: () => launch((report) => worker().run(input(), report)),
    pause: () => worker().pause(),
    resume: () => worker().resume(),
    stop: () => worker().stop(),
    skip: (cellId) => worker().skip(cellId),
    async use(cellId) {
      const id = shownId();
      if (id === undefined) return;
      const result = await worker().use(id, cellId);
      if (result.ok) studio.setState({ adapter: result.value, transfer: { busy: false } });
      const message = result.ok ? `${result.value.name} is the current adapter.` : undefined;
      set({ transfer: { busy: false, ...(result.ok ? { message } : { problem: result.problem }) } });
    },
    setPrompt: (prompt) => set({ answers: { ...get().answers, prompt } }),
    setMaxNewTokens: (maxNewTokens) => set({ answers: { ...get().answers, maxNewTokens } }),
    async answer() {
      const id = shownId();
      const { answers } = get();
      if (id === undefined || answers.busy) return;
      set({ answers: { ...answers, busy: true, answers: [], problem: undefined } });
      const onAnswer = (answer: LabAnswer) => {
        const others = get().answers.answers.filter(({ cellId }) => cellId !== answer.cellId);
        set({ answers: { ...get().answers, answers: [...others, answer] } });
      };
      const maxNewTokens = numberOf(answers.maxNewTokens);
      const result = await worker().answer(id, answers.prompt, maxNewTokens, onAnswer);
      set({ answers: { ...get().answers, busy: false, ...(!result.ok && { problem: result.problem }) } });
    },
    cancelAnswer: context.cancelGenerate,
    async exportExperiment(what) {
      const id = shownId();
      if (id === undefined) return;
      set({ transfer: { busy: true } });
      const result = await worker().exportExperiment(id, what);
      if (result.ok) download(result.value.fileName, result.value.file);
      set({
        transfer: result.ok
          ? { busy: false, message: `Exported ${result.value.fileName}.` }
          : { busy: false, problem: result.problem },
      });
    },
    async openFile(file) {
      if (isLabActive(get())) return;
      set({ transfer: { busy: true } });
      const result = await worker().open(file);
      if (!result.ok) {
        set({ transfer: { busy: false, problem: result.problem } });
        return;
      }
      const { record } = result.value;
      show(result.value);
      fillForms(record);
      set({ transfer: { busy: false, message: `Opened ${record.name}.` } });
      await refreshKept();
    },
    async openKept(id) {
      if (isLabActive(get())) return;
      const result = await worker().snapshot(id);
      if (isLabActive(get())) return;
      if (!result.ok) {
        set({ problem: result.problem });
        return;
      }
      show(result.value);
      fillForms(result.value.record);
    },
    async resumeKept(id) {
      await launch((report) => worker().resumeExperiment(id, report));
      const { shown } = get();
      if (shown?.record.id === id) fillForms(shown.record);
    },
    async deleteKept(id) {
      const result: Result<null> = await worker().delete(id);
      if (!result.ok) set({ problem: result.problem });
      else if (shownId() === id) set({ shown: undefined, status: "idle", problem: undefined });
      await refreshKept();
    },
  };
}
