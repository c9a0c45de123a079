// --model as an id of the Hugging Face Hub: downloaded once into a folder of its own, and found there from then on.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { downloadModel } from "../hub/downloadModel";
import type { FileStore } from "../hub/fileStore";
import { checkEndpoint, type HubAccess } from "../hub/hubClient";
import { HubError } from "../hub/hubError";
import { listKept } from "../hub/keptModel";
import { defaultEndpoint } from "../hub/knownModels";
import type { Progress } from "../hub/transferRate";
import { readModelConfig } from "../models/families";
import { cacheFolder } from "./cacheFolder";
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

/**
 * Where the model lies: a path that is there stands for itself; what reads like a Hub id is downloaded, or what is
 * missing of it.
 * @returns a path; it need not be there
 * @throws HubError or FormatError saying what to do
 */
export async function locateModel(
  text: string,
  environment: Environment = process.env,
  output: ProgressOutput = process.stderr,
): Promise<string> {
  const asked = existsSync(text) ? undefined : parseHubId(text);
  if (!asked) return text;
  const root = join(cacheFolder(environment), "models");
  const store = folderStore(root);
  const access = accessOf(environment);
  try {
    return join(root, await download(access, asked, store, output));
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const kept = error.kind === "offline" ? await findKept(store, asked) : undefined;
    if (!kept) throw new HubError(error.kind, `There is no folder ${text}; as a Hub id: ${error.message}`);
    output.write(`${text}: the Hub cannot be reached, using the copy of ${kept.commit.slice(0, 7)}\n`);
    return join(root, kept.folder);
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
