// --model as an id of the Hugging Face Hub: downloaded once into a folder of its own, and found there from then on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { downloadModel } from "../hub/downloadModel";
import type { FileStore } from "../hub/fileStore";
import { checkEndpoint, type HubAccess } from "../hub/hubClient";
import { HubError } from "../hub/hubError";
import { type KeptModel, listKept } from "../hub/keptModel";
import { defaultEndpoint } from "../hub/knownModels";
import type { Progress } from "../hub/transferRate";
import { readModelConfig } from "../models/families";
import { cacheFolder } from "./cacheFolder";
import type { FlagValues } from "./flags";
import { folderStore } from "./folderStore";
import { durationText, type ProgressOutput } from "./progress";

/** What decides where models come from and go to, e.g. process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** HF_ENDPOINT and HF_TOKEN, as Hugging Face's own programs read them. @throws HubError */
export const accessOf = ({ HF_ENDPOINT, HF_TOKEN }: Environment): HubAccess => ({
  endpoint: checkEndpoint(HF_ENDPOINT || defaultEndpoint),
  accessToken: HF_TOKEN || undefined,
});

interface HubId {
  readonly id: string;
  readonly revision: string;
}

/** owner/name or owner/name@revision; undefined where it can only be a path. */
export function parseHubId(text: string): HubId | undefined {
  const [, id, revision = "main"] = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@([\w./-]+))?$/.exec(text) ?? [];
  return id === undefined ? undefined : { id, revision };
}

/** What a card and an adapter's configuration call the model: without a revision, which is no part of its name. */
export function modelName(text: string): string {
  return (existsSync(text) ? undefined : parseHubId(text)?.id) ?? text;
}

/** Of what a run is made from: its model. */
interface NamedModel {
  /** As it was asked for: a path or a Hub id. */
  readonly model: string;
  /** Of a Hub id: the commit that the run was begun with, which it goes on with whatever its branch has come to. */
  readonly model_commit?: string | null | undefined;
}

/** Whether a run that is resumed has no other model asked for than it had. */
export function isSameModel(flags: FlagValues, saved: NamedModel): boolean {
  return (flags.text("model") ?? saved.model) === saved.model;
}

/**
 * Finds a run's model.
 * @returns its path, and the source with the commit of the Hub that it is at
 * @throws as locateModel
 */
export async function locateNamed<T extends NamedModel>(
  named: T,
  environment?: Environment,
  output?: ProgressOutput,
): Promise<{ readonly source: T & { readonly model_commit: string | null }; readonly path: string }> {
  const pinned = named.model_commit ? `${modelName(named.model)}@${named.model_commit}` : named.model;
  const { path, commit } = await locate(pinned, environment, output);
  return { source: { ...named, model_commit: commit ?? null }, path };
}

/**
 * Where the model lies: a path that is there stands for itself; what reads like a Hub id is downloaded, or what is
 * missing of it.
 * @returns a path; it need not be there
 * @throws HubError or FormatError saying what to do
 */
export async function locateModel(
  text: string,
  environment?: Environment,
  output?: ProgressOutput,
): Promise<string> {
  return (await locate(text, environment, output)).path;
}

async function locate(
  text: string,
  environment: Environment = process.env,
  output: ProgressOutput = process.stderr,
): Promise<{ readonly path: string; readonly commit?: string }> {
  const asked = existsSync(text) ? undefined : parseHubId(text);
  if (!asked) return { path: text };
  const root = join(cacheFolder(environment), "models");
  const store = folderStore(root);
  const access = accessOf(environment);
  const at = ({ folder, commit }: KeptModel) => ({ path: join(root, folder), commit });
  const isCommit = /^[0-9a-f]{40}$/.test(asked.revision); // which never changes: a copy needs no asking
  const copy = isCommit ? await findKept(store, asked) : undefined;
  if (copy) return at(copy);
  try {
    const folder = await download(access, asked, store, output);
    return at((await listKept(store)).find((kept) => kept.folder === folder)!);
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const kept = error.kind === "offline" ? await findKept(store, asked) : undefined;
    if (!kept) throw new HubError(error.kind, `There is no folder ${text}; as a Hub id: ${error.message}`);
    output.write(`${text}: the Hub cannot be reached, using the copy of ${kept.commit.slice(0, 7)}\n`);
    return at(kept);
  }
}

/** The newest complete copy of what was asked for. */
async function findKept(store: FileStore, { id, revision }: HubId) {
  const kept = await listKept(store);
  return kept.find(
    (each) => each.id === id && each.isComplete && [each.revision, each.commit].includes(revision),
  );
}

/** Ends with Ctrl-C; the same command goes on. */
async function download(
  access: HubAccess,
  { id, revision }: HubId,
  store: FileStore,
  output: ProgressOutput,
): Promise<string> {
  const controller = new AbortController();
  const cancel = () => controller.abort();
  process.once("SIGINT", cancel);
  const line = new DownloadLine(id, output);
  try {
    return await downloadModel(access, id, revision, {
      store,
      signal: controller.signal,
      onProgress: (progress) => line.show(progress),
      checkConfig: (config) => void readModelConfig(config),
    });
  } finally {
    process.off("SIGINT", cancel);
    line.end();
  }
}

/** Parts of a download that get a line in a log. */
const LOG_PARTS = 10;
/** Smaller transfers, such as that of the configuration alone, are not worth a line. */
const SHOWN_BYTES = 2 ** 20;

/** One line that is redrawn where there is a person, a line for every tenth in a log. */
class DownloadLine {
  #isOpen = false;
  #part = -1;

  constructor(
    readonly id: string,
    readonly output: ProgressOutput,
  ) {}

  show({ phase, doneBytes, totalBytes, bytesPerSecond, secondsLeft }: Progress): void {
    const wasThere = this.#part < 0 && doneBytes === totalBytes;
    if (phase === "checking" || totalBytes < SHOWN_BYTES || wasThere) return;
    const part = Math.floor((LOG_PARTS * doneBytes) / totalBytes);
    const megabytes = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
    const left = secondsLeft === undefined ? "" : ` · ${durationText(1000 * secondsLeft)} left`;
    const facts =
      `${this.id} · ${megabytes(doneBytes)} of ${megabytes(totalBytes)} MiB · ` +
      `${megabytes(bytesPerSecond)} MiB/s${left}`;
    if (this.output.isTTY) {
      this.output.write(`\r\x1b[2K${facts.slice(0, (this.output.columns || 80) - 1)}`);
      this.#isOpen = true;
    } else if (part > this.#part) this.output.write(`${facts}\n`);
    this.#part = Math.max(part, this.#part);
  }

  end(): void {
    if (this.#isOpen) this.output.write("\n");
  }
}
