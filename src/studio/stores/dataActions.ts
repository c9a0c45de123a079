// The training data: chosen, read with the settings of its form, read again when they change, and given up.
import { type DataSettings, defaultDataSettings } from "../../data/config";
import type { DataInfo, DataOptions, DataSource, DataUpdate, Result } from "../messages";
import type { StoreContext } from "./context";
import { debounceMs, type Estimates } from "./estimates";
import { numberOf } from "./settings";
import type { DataState, StudioActions } from "./state";

type DataActions = Pick<
  StudioActions,
  "loadData" | "setDataSettings" | "setValidationFile" | "cancelData" | "retokenize"
>;

const isWhole = (value: number, least: number): boolean =>
  Number.isInteger(value) && value >= least && value <= 0xffff_ffff;

export function dataActions({ get, set, worker }: StoreContext, estimates: Estimates): DataActions {
  let lastTicket = 0;
  let settingsTimer: ReturnType<typeof setTimeout> | undefined;
  /** What is shown again when a reading is given up. */
  let settled: DataState = { status: "empty", settings: defaultDataSettings };

  const options = (): Pick<DataOptions, "sequenceLength" | "seed"> | undefined => {
    const sequenceLength = numberOf(get().settings.sequenceLength);
    const seed = numberOf(get().settings.seed);
    return isWhole(sequenceLength, 2) && isWhole(seed, 0) ? { sequenceLength, seed } : undefined;
  };

  /** @param attempted what is being read */
  const follow = async (
    attempted: DataSource,
    call: (onUpdate: (update: DataUpdate) => void) => Promise<Result<DataInfo>>,
  ) => {
    const ticket = ++lastTicket;
    const { source, info } = settled;
    const result = await call((update) => {
      const { data } = get();
      if (ticket !== lastTicket || data.status !== "loading") return;
      if (update.type === "sketch") set({ data: { ...data, sketch: update.sketch } });
      else set({ data: { ...data, progress: update.fraction } });
    });
    if (ticket !== lastTicket) return;
    const { settings, sketch } = get().data;
    if (result.ok) {
      set({ data: { status: "ready", source: attempted, info: result.value, settings } });
      if (get().compare.prompt === "")
        set({ compare: { ...get().compare, prompt: result.value.samplePrompt } });
    } else {
      const { problem } = result;
      const own = attempted === source ? {} : { attempted };
      set({ data: { status: "failed", source, info, settings, sketch, problem, ...own } });
    }
    settled = get().data;
    await estimates.refresh();
  };

  const load = (source: DataSource, settings: DataSettings, sketch = get().data.sketch) => {
    clearTimeout(settingsTimer);
    const { info } = settled;
    set({ data: { status: "loading", source, info, settings, sketch, progress: 0 } });
    const now = options() ?? { sequenceLength: 64, seed: 0 };
    return follow(source, (onUpdate) => worker().loadData(source, { ...now, settings }, onUpdate));
  };

  /** Whether what was chosen last was read, and refused only for the sequence length. */
  const isTooLong = (): boolean => get().data.problem?.field === "sequenceLength";

  /** Reads what the form is about with its settings as they are now. */
  const readAgain = () => {
    const { source, attempted, settings, sketch, info } = get().data;
    const shown = attempted ?? source;
    if (!shown) return;
    if (attempted ? !isTooLong() : !settled.info) return load(shown, settings);
    set({ data: { status: "loading", source: shown, info, settings, sketch: sketch ?? info, progress: 0 } });
    const now = options() ?? { sequenceLength: 64, seed: 0 };
    return follow(shown, (onUpdate) => worker().retokenize({ ...now, settings }, onUpdate));
  };

  return {
    loadData(source, settings) {
      const { validationFraction } = get().data.settings;
      return load(source, settings ?? { ...defaultDataSettings, validationFraction }, undefined);
    },
    setDataSettings(change) {
      const { data } = get();
      set({ data: { ...data, settings: { ...data.settings, ...change } } });
      clearTimeout(settingsTimer);
      settingsTimer = setTimeout(readAgain, debounceMs);
    },
    async setValidationFile(file) {
      const { source, attempted, settings } = get().data;
      const shown = attempted ?? source;
      if (shown && shown.kind !== "sample") await load({ ...shown, validationFile: file }, settings);
    },
    async cancelData() {
      clearTimeout(settingsTimer);
      lastTicket++;
      set({ data: settled });
      await worker().cancelData();
    },
    async retokenize() {
      const now = options();
      const { status, source, attempted } = get().data;
      const shown = attempted ?? source;
      if (!now || !shown || (attempted && !isTooLong()) || status === "loading" || status === "empty") return;
      await follow(shown, () => worker().retokenize(now));
    },
  };
}
