// Models from the Hub and those that are kept: what is searched, the one download, and the list. The worker behind
// it starts when the person first asks for a model.
import { create, type StoreApi, type UseBoundStore } from "zustand";
import { defaultEndpoint } from "../../hub/knownModels";
import { startHub } from "../client";
import type { DownloadProgress, FoundModel, HubAccess, HubWorker, KeptModel } from "../hubMessages";
import type { StudioProblem } from "../messages";
import { isLabActive } from "./labActions";
import { useLab } from "./labStore";
import type { StudioStore } from "./state";
import { useStudio } from "./studioStore";

export { knownModels } from "../../hub/knownModels";

export interface DownloadState {
  readonly id: string;
  readonly revision: string;
  readonly status: "running" | "cancelling" | "cancelled" | "failed" | "done";
  /** Absent until the Hub has said how large it is. */
  readonly progress?: DownloadProgress | undefined;
  readonly problem?: StudioProblem | undefined;
}

interface HubState {
  /** As typed: a part of a name, owner/name, or the address of a page. */
  readonly query: string;
  readonly revision: string;
  readonly endpoint: string;
  /** Kept by the browser only when `remembersToken`. */
  readonly accessToken: string;
  readonly remembersToken: boolean;
  /** Answer to the query; absent while there is none. */
  readonly found?: readonly FoundModel[] | undefined;
  readonly isSearching: boolean;
  readonly searchProblem?: StudioProblem | undefined;
  readonly download?: DownloadState | undefined;
  /** Absent until it was read. */
  readonly kept?: readonly KeptModel[] | undefined;
  readonly keptProblem?: StudioProblem | undefined;
}

interface HubActions {
  /** Searches as well, when the typing has paused. */
  setQuery(query: string): void;
  setRevision(revision: string): void;
  setEndpoint(endpoint: string): void;
  setAccessToken(accessToken: string): void;
  setRemembersToken(remembersToken: boolean): void;
  /** Downloads a model, or what is missing of it, and takes it into use unless a run is going on. */
  startDownload(id: string, revision: string): Promise<void>;
  cancelDownload(): Promise<void>;
  /** Takes what is said of an ended download away. */
  dismissDownload(): void;
  listKept(): Promise<void>;
  removeKept(model: KeptModel): Promise<void>;
  /** Takes a kept model into use. */
  useKept(model: KeptModel): Promise<void>;
}

export type HubStore = HubState & HubActions;

const pauseMs = 350;
const shortestQuery = 2;
/** Under these names the browser keeps what it is asked to. */
const stored = { endpoint: "lora-studio-hub-endpoint", accessToken: "lora-studio-hub-token" };

/**
 * @param connect gives the worker, the same one every time; first called at the first action
 * @param studio takes models into use
 */
export function createHubStore(
  connect: () => HubWorker,
  studio: StoreApi<StudioStore>,
  isEngineBusy: () => boolean,
): UseBoundStore<StoreApi<HubStore>> {
  const rememberedToken = readStored(stored.accessToken);
  return create<HubStore>()((set, get) => {
    let searchTicket = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const access = (): HubAccess => ({ endpoint: get().endpoint, accessToken: get().accessToken });

    const search = async () => {
      const ticket = ++searchTicket;
      const query = get().query.trim();
      if (query.length < shortestQuery || query.includes("://")) {
        set({ found: undefined, isSearching: false, searchProblem: undefined });
        return;
      }
      set({ isSearching: true });
      const result = await connect().search(access(), query);
      if (ticket !== searchTicket) return;
      if (result.ok) set({ found: result.value, isSearching: false, searchProblem: undefined });
      else set({ found: undefined, isSearching: false, searchProblem: result.problem });
    };
    const searchSoon = () => {
      searchTicket++;
      clearTimeout(timer);
      timer = setTimeout(search, pauseMs);
    };

    return {
      query: "",
      revision: "main",
      endpoint: readStored(stored.endpoint) ?? defaultEndpoint,
      accessToken: rememberedToken ?? "",
      remembersToken: rememberedToken !== undefined,
      isSearching: false,
      setQuery(query) {
        set({ query, searchProblem: undefined, download: withoutFieldProblem(get().download) });
        searchSoon();
      },
      setRevision: (revision) => set({ revision, download: withoutFieldProblem(get().download) }),
      setEndpoint(endpoint) {
        set({ endpoint });
        store(stored.endpoint, endpoint === defaultEndpoint ? undefined : endpoint);
        searchSoon();
      },
      setAccessToken(accessToken) {
        set({ accessToken });
        if (get().remembersToken) store(stored.accessToken, accessToken);
      },
      setRemembersToken(remembersToken) {
        set({ remembersToken });
        store(stored.accessToken, remembersToken ? get().accessToken : undefined);
      },

      async startDownload(id, revision) {
        const { download: before } = get();
        if (before && isGoingOn(before)) return;
        const started = { id, revision, progress: before?.id === id ? before.progress : undefined };
        set({ download: { ...started, status: "running" } });
        // Asks the browser not to clear the storage when the disk runs low; it may refuse.
        void navigator.storage?.persist?.().catch(() => {});
        const result = await connect().download(access(), id, revision, (progress) => {
          const { download } = get();
          if (download && isGoingOn(download)) set({ download: { ...download, progress } });
        });
        const { progress } = get().download!;
        if (!result.ok) {
          set({ download: { ...started, progress, status: "failed", problem: result.problem } });
        } else {
          set({ download: { ...started, progress, status: result.value ? "done" : "cancelled" } });
        }
        await get().listKept();
        if (!result.ok || !result.value || isEngineBusy()) return;
        set({ download: undefined });
        await get().useKept(result.value);
      },
      async cancelDownload() {
        const { download } = get();
        if (download?.status !== "running") return;
        set({ download: { ...download, status: "cancelling" } });
        await connect().cancelDownload();
      },
      dismissDownload: () => set({ download: undefined }),

      async listKept() {
        const result = await connect().listKept();
        if (result.ok) set({ kept: result.value, keptProblem: undefined });
        else set({ keptProblem: result.problem });
      },
      async removeKept({ folder, id }) {
        const result = await connect().removeKept(folder);
        if (get().download?.id === id) set({ download: undefined });
        await get().listKept();
        if (!result.ok) set({ keptProblem: result.problem });
      },
      async useKept({ id, folder }) {
        await studio.getState().loadModel({ kind: "kept", name: id, folder });
      },
    };
  });
}

/** Whether bytes may still arrive. */
export const isGoingOn = ({ status }: DownloadState): boolean =>
  status === "running" || status === "cancelling";

/** A download that was refused for what was typed is over once that is typed anew. */
function withoutFieldProblem(download: DownloadState | undefined): DownloadState | undefined {
  return download?.status === "failed" && download.problem?.field ? undefined : download;
}

/** Without storage, as in some private windows, nothing is remembered. */
function readStored(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

function store(name: string, value: string | undefined): void {
  try {
    if (value) localStorage.setItem(name, value);
    else localStorage.removeItem(name);
  } catch {
    // As above.
  }
}

let worker: HubWorker | undefined;

/** The models' state and actions, for components. */
export const useHub = createHubStore(
  () => {
    worker ??= startHub();
    return worker;
  },
  useStudio,
  () => {
    const { status } = useStudio.getState().run;
    const isTraining = status === "starting" || status === "running" || status === "paused";
    return isTraining || isLabActive(useLab.getState());
  },
);
