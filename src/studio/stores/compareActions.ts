// Compare, and the adapter's way out and in.
import type { GenerateRequest } from "../messages";
import type { StoreContext } from "./context";
import { download } from "./download";
import { zipName } from "./fileName";
import { askWhereToSave } from "./saveTarget";
import { numberOf } from "./settings";
import type { AnswerState, StudioActions } from "./state";

type CompareActions = Pick<
  StudioActions,
  "setPrompt" | "setCompareSetting" | "generate" | "cancelGenerate" | "exportAdapter" | "importAdapter"
>;

export function compareActions({ get, set, worker }: StoreContext): CompareActions {
  const setAnswer = (use: GenerateRequest["use"], change: Partial<AnswerState>) => {
    const { compare } = get();
    set({ compare: { ...compare, [use]: { ...compare[use], ...change } } });
  };

  const answer = async (use: GenerateRequest["use"]): Promise<boolean> => {
    const { prompt, settings } = get().compare;
    const request: GenerateRequest = {
      prompt,
      use,
      maxNewTokens: numberOf(settings.maxNewTokens),
      temperature: numberOf(settings.temperature),
      topK: numberOf(settings.topK),
      topP: numberOf(settings.topP),
      seed: numberOf(settings.seed),
    };
    const result = await worker().generate(request, (piece) =>
      setAnswer(use, { text: get().compare[use].text + piece }),
    );
    if (result.ok) setAnswer(use, { busy: false, text: result.value.text, result: result.value });
    else setAnswer(use, { busy: false, problem: result.problem });
    return result.ok && result.value.stopped !== "cancelled";
  };

  return {
    setPrompt: (prompt) => set({ compare: { ...get().compare, prompt } }),
    setCompareSetting: (name, value) =>
      set({ compare: { ...get().compare, settings: { ...get().compare.settings, [name]: value } } }),
    async generate() {
      const { compare, adapter } = get();
      if (compare.base.busy || compare.adapter.busy) return;
      const waiting: AnswerState = { text: "", busy: true };
      const none: AnswerState = { text: "", busy: false };
      set({ compare: { ...compare, base: waiting, adapter: adapter ? waiting : none } });
      const goOn = await answer("base");
      if (adapter && goOn) await answer("adapter");
      else setAnswer("adapter", { busy: false });
    },
    cancelGenerate: () => worker().cancelGenerate(),
    async exportAdapter() {
      const { adapter, model } = get();
      if (!adapter) return;
      const bytes = adapter.method === "lora" ? 0 : 4 * (model.info?.parameterCount ?? 0);
      const target = await askWhereToSave(zipName(adapter), bytes);
      if (target === null) return;
      set({ transfer: { busy: true } });
      const result = await worker().exportAdapter(target);
      if (!result.ok) {
        set({ transfer: { busy: false, problem: result.problem } });
        return;
      }
      const { fileName, file } = result.value;
      if (file) download(fileName, file);
      set({ transfer: { busy: false, message: `Exported ${fileName}.` } });
    },
    async importAdapter(files) {
      if (files.length === 0) return;
      set({ transfer: { busy: true } });
      const result = await worker().importAdapter(files);
      if (!result.ok) set({ transfer: { busy: false, problem: result.problem } });
      else
        set({ adapter: result.value, transfer: { busy: false, message: `Imported ${result.value.name}.` } });
    },
  };
}
