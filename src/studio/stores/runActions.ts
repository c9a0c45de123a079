// The run going on and the runs kept: commands to the worker, its updates into the state.
import type { Result, RunRecord, RunUpdate, StudioProblem } from "../messages";
import type { StoreContext } from "./context";
import { emptyHistory, extendHistory, paceOf } from "./history";
import { otherFilesError, reopenModel } from "./modelHandles";
import { toConfigInput } from "./settings";
import type { RunState, StudioActions } from "./state";

type RunActions = Pick<
  StudioActions,
  | "train"
  | "pause"
  | "resume"
  | "stop"
  | "profileStep"
  | "renameRun"
  | "deleteRun"
  | "useRun"
  | "resumeRun"
  | "openRun"
>;

/** Whether a run holds the engine. */
export const isActive = ({ status }: RunState): boolean =>
  status === "starting" || status === "running" || status === "paused";

/** The run after the updates; nothing but the last one's place in time matters for its status. */
function applyUpdates(run: RunState, updates: readonly RunUpdate[]): RunState {
  const history = extendHistory(run.history, updates);
  const warnings = updates.filter((update) => update.type === "warning").map(({ message }) => message);
  const end = endOf(updates);
  const saved = updates.findLast((update) => update.type === "saved");
  const { record } = run;
  const lastStep = history.steps.at(-1);
  const profile = updates.findLast((update) => update.type === "profile");
  return {
    ...run,
    history,
    status: end?.status ?? run.status,
    record: record && {
      ...record,
      status: end?.status ?? record.status,
      reason: end?.reason ?? record.reason,
      step: end?.step ?? lastStep?.step ?? 0,
      lastLoss: lastStep?.loss ?? null,
      lastValidationLoss: history.evaluations.at(-1)?.loss ?? null,
      hasCheckpoint: record.hasCheckpoint || saved !== undefined,
    },
    ...(record && paceOf(history, record.config.steps)),
    savedStep: saved?.step ?? run.savedStep,
    profile: profile ?? run.profile,
    isProfiling: run.isProfiling && !profile && !end,
    problem: end?.reason === undefined ? run.problem : { message: end.reason },
    warnings: warnings.length > 0 ? [...run.warnings, ...warnings] : run.warnings,
  };
}

/** How the run ended, if the updates say so. */
function endOf(updates: readonly RunUpdate[]) {
  const end = updates.findLast(({ type }) => type === "end" || type === "interrupted");
  if (end?.type === "end") return { status: end.outcome, step: end.step, reason: end.reason };
  if (end?.type === "interrupted") return { status: end.type, step: end.step, reason: end.reason };
  return undefined;
}

export function runActions({ get, set, worker }: StoreContext): RunActions {
  const refreshRuns = async () => set({ runs: await worker().listRuns() });

  /** Starts or resumes; updates that arrive before the record does are applied after it. */
  const launch = async (
    call: (onUpdates: (updates: readonly RunUpdate[]) => void) => Promise<Result<RunRecord>>,
    before: RunState,
  ) => {
    if (isActive(get().run)) return;
    let early: RunUpdate[] | undefined = [];
    set({ run: { ...before, status: "starting", problem: undefined, warnings: [] } });
    const result = await call((updates) => {
      if (early) early.push(...updates);
      else onUpdates(updates);
    });
    if (result.ok) {
      set({ run: { ...get().run, status: "running", record: result.value } });
      const waiting = early;
      early = undefined;
      onUpdates(waiting);
    } else {
      const status = before.record?.status ?? "idle";
      set({ run: { ...get().run, status, problem: result.problem } });
    }
    await refreshRuns();
  };
  /** Brings back the model that a run was started with. @returns why it cannot be */
  const loadModelOf = async (id: string): Promise<StudioProblem | undefined> => {
    const origin = await worker().runModel(id);
    if (!origin) return undefined;
    try {
      const { source, touched } = await reopenModel(origin);
      await get().loadModel(source);
      const { status, problem } = get().model;
      if (status === "failed") return problem;
      if (await worker().runModel(id)) throw otherFilesError(origin.name, touched);
      return undefined;
    } catch (error) {
      return { message: (error as Error).message, field: "model" };
    }
  };
  const onUpdates = (updates: readonly RunUpdate[]) => {
    set({ run: applyUpdates(get().run, updates) });
    if (endOf(updates)) void afterEnd();
  };
  const afterEnd = async () => {
    await refreshRuns();
    set({ adapter: (await worker().currentAdapter()) ?? undefined });
  };
  const setStatus = (status: "running" | "paused") => {
    const { run } = get();
    if (isActive(run)) set({ run: { ...run, status, record: run.record && { ...run.record, status } } });
  };

  return {
    train: () =>
      launch((onUpdates) => worker().train(toConfigInput(get().settings), onUpdates), {
        status: "idle",
        history: emptyHistory,
        warnings: [],
      }),
    async resumeRun(id) {
      const record = get().runs.find((run) => run.id === id);
      if (!record || isActive(get().run)) return;
      const history = await worker().runHistory(id);
      const problem = await loadModelOf(id);
      if (problem) {
        set({ run: { status: record.status, record, history, problem, warnings: [] } });
        return;
      }
      await launch((onUpdates) => worker().resumeRun(id, onUpdates), {
        status: record.status,
        record,
        history,
        warnings: [],
      });
    },
    async pause() {
      await worker().pause();
      setStatus("paused");
    },
    async resume() {
      await worker().resume();
      setStatus("running");
    },
    stop: () => worker().stop(),
    async profileStep() {
      set({ run: { ...get().run, isProfiling: true } });
      await worker().profileStep();
    },
    async renameRun(id, name) {
      await worker().renameRun(id, name);
      const { record } = get().run;
      if (record?.id === id) set({ run: { ...get().run, record: { ...record, name } } });
      await refreshRuns();
    },
    async deleteRun(id) {
      const result = await worker().deleteRun(id);
      const isShown = get().run.record?.id === id;
      if (!result.ok) set({ run: { ...get().run, problem: result.problem } });
      else if (isShown) set({ run: { status: "idle", history: emptyHistory, warnings: [] } });
      await refreshRuns();
    },
    async useRun(id) {
      const result = await worker().useRun(id);
      if (result.ok) set({ adapter: result.value, transfer: { busy: false } });
      else set({ transfer: { busy: false, problem: result.problem } });
    },
    async openRun(id) {
      const record = get().runs.find((run) => run.id === id);
      if (!record || isActive(get().run)) return;
      const history = await worker().runHistory(id);
      if (isActive(get().run)) return;
      const problem = record.reason === undefined ? undefined : { message: record.reason };
      set({ run: { status: record.status, record, history, problem, warnings: [] } });
    },
  };
}
