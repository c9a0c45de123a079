// A model in the store: one folder with its files and a record of what of them is there. The record is what makes
// a download that was cut, by a bad line or a closed page, go on where it was.
import { z } from "zod";
import type { ByteSource } from "../formats/byteSource";
import { ByteRanges } from "./byteRanges";
import type { FileStore, StoreFolder } from "./fileStore";
import type { HubFile, HubRepository } from "./modelFiles";

const recordName = "download.json";
const bytes = z.int().nonnegative();
const recordSchema = z.object({
  format: z.literal("lora-studio-download"),
  endpoint: z.string(),
  id: z.string(),
  revision: z.string(),
  commit: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number(),
  /** All files are listed: those of the weights are known once the small ones are there. */
  isPlanned: z.boolean(),
  files: z.array(
    z.object({
      path: z.string(),
      sizeBytes: bytes,
      sha256: z.string().optional(),
      gitSha1: z.string().optional(),
      done: z.array(z.tuple([bytes, bytes])),
      /** Its digest was found to be right. */
      isChecked: z.boolean(),
    }),
  ),
});

type DownloadRecord = z.infer<typeof recordSchema>;

/** A model as it is listed. */
export interface KeptModel {
  readonly folder: string;
  readonly endpoint: string;
  readonly id: string;
  readonly revision: string;
  readonly commit: string;
  readonly startedAt: number;
  readonly doneBytes: number;
  /** Of the files known so far. */
  readonly totalBytes: number;
  readonly isComplete: boolean;
}

/** What a file of a repository is called where it is kept: a model's files lie in one folder there. */
export const keptName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A file of a download with what is there of it. */
export interface FileProgress {
  readonly file: HubFile;
  done: ByteRanges;
  isChecked: boolean;
}

export class DownloadFolder {
  readonly files: FileProgress[] = [];
  isPlanned = false;
  #saving: Promise<void> = Promise.resolve();
  #startedAt = Date.now();
  #revision: string;

  private constructor(
    readonly name: string,
    readonly folder: StoreFolder,
    readonly endpoint: string,
    readonly repository: Pick<HubRepository, "id" | "revision" | "commit">,
  ) {
    this.#revision = repository.revision;
  }

  /** The folder of a repository at its commit, with what an earlier download left in it. */
  static async open(
    store: FileStore,
    endpoint: string,
    repository: Pick<HubRepository, "id" | "revision" | "commit">,
  ): Promise<DownloadFolder> {
    const name = `${encodeURIComponent(repository.id)}@${repository.commit}`;
    const opened = new DownloadFolder(name, await store.folder(name), endpoint, repository);
    const record = await readRecord(opened.folder);
    if (record) {
      opened.isPlanned = record.isPlanned;
      opened.#startedAt = record.startedAt;
      opened.#revision = record.revision; // a continued download is asked for by its commit
      for (const { done, isChecked, ...file } of record.files) {
        opened.files.push({ file, done: new ByteRanges(done), isChecked });
      }
    }
    return opened;
  }

  /** A file's progress, empty when it is new. */
  progressOf(file: HubFile): FileProgress {
    const known = this.files.find(({ file: { path } }) => path === file.path);
    if (known) return known;
    const added = { file, done: new ByteRanges(), isChecked: false };
    this.files.push(added);
    return added;
  }

  /** Writes the record as it is now; calls are done one after the other. */
  save(): Promise<void> {
    const text = JSON.stringify(this.#record(), null, 2);
    const written = this.#saving.then(() => this.folder.writeText(recordName, text));
    this.#saving = written.catch(() => {}); // told to the caller, who asked for it
    return written;
  }

  #record(): DownloadRecord {
    return {
      format: "lora-studio-download",
      endpoint: this.endpoint,
      id: this.repository.id,
      revision: this.#revision,
      commit: this.repository.commit,
      startedAt: this.#startedAt,
      isPlanned: this.isPlanned,
      files: this.files.map(({ file, done, isChecked }) => ({
        ...file,
        done: done.list.map(([begin, end]) => [begin, end]),
        isChecked,
      })),
    };
  }
}

/** All models of the store, the newest first; folders without a record are not listed. */
export async function listKept(store: FileStore): Promise<KeptModel[]> {
  const kept: KeptModel[] = [];
  for (const name of await store.list()) {
    const record = await readRecord(await store.folder(name));
    if (record) kept.push(describeKept(name, record));
  }
  return kept.sort((a, b) => b.startedAt - a.startedAt);
}

/** The files of a complete model, and their SHA-256 where the Hub gave it. @throws when it is not complete */
export async function openKept(
  store: FileStore,
  name: string,
): Promise<{ kept: KeptModel; sources: ByteSource[]; sha256: ReadonlyMap<string, string> }> {
  const folder = await store.folder(name);
  const record = await readRecord(folder);
  const kept = record && describeKept(name, record);
  if (!record || !kept?.isComplete) {
    throw new Error(`${kept?.id ?? name}: expected a complete download, got ${kept ? "a part" : "nothing"}`);
  }
  const sources = await Promise.all(record.files.map(({ path }) => folder.source(keptName(path))));
  const digests = record.files.flatMap(({ path, sha256 }) =>
    sha256 ? [[keptName(path), sha256] as const] : [],
  );
  return { kept, sources, sha256: new Map(digests) };
}

function describeKept(folder: string, record: DownloadRecord): KeptModel {
  const { endpoint, id, revision, commit, startedAt, isPlanned, files } = record;
  return {
    ...{ folder, endpoint, id, revision, commit, startedAt },
    doneBytes: files.reduce((sum, { done }) => sum + new ByteRanges(done).byteCount, 0),
    totalBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    isComplete: isPlanned && files.every(({ isChecked }) => isChecked),
  };
}

/** A damaged record is none: what it told about is downloaded again. */
async function readRecord(folder: StoreFolder): Promise<DownloadRecord | undefined> {
  const text = await folder.readText(recordName);
  if (text === undefined) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
