// --data as a file, or as a data set of the Hugging Face Hub, which is read in ranges where it lies.
import type { ByteSource } from "../data/byteSource";
import { openDatasetFile, parseDatasetFile } from "../hub/datasets";
import { fileSource } from "./files";
import { accessOf, type Environment } from "./hubModel";

const prefix = "hf:";

/** Of what a run is made from: where its examples are. */
interface NamedData {
  readonly data: string;
  readonly eval_data: string | null;
}

export interface OpenedData<T extends NamedData> {
  /** As it was named; a data set by its file at a commit, so that the same is read again. */
  readonly source: T;
  readonly data: ByteSource;
  readonly evalData: ByteSource | undefined;
}

/**
 * Opens --data and --eval-data: paths, or hf:owner/name with @revision and /file, /split or /folder where asked.
 * @throws FlagError naming the flag when there is no such file; HubError saying what to do
 */
export async function openSource<T extends NamedData>(
  named: T,
  environment: Environment = process.env,
): Promise<OpenedData<T>> {
  const data = await openOne(named.data, "data", environment);
  const evalData =
    named.eval_data === null ? undefined : await openOne(named.eval_data, "eval-data", environment);
  const source = { ...named, data: data.name, eval_data: evalData?.name ?? null };
  return { source, data: data.source, evalData: evalData?.source };
}

async function openOne(text: string, flag: string, environment: Environment) {
  if (!text.startsWith(prefix)) return { source: await fileSource(text, flag), name: text };
  const file = parseDatasetFile(text.slice(prefix.length));
  const { source, asked } = await openDatasetFile(accessOf(environment), file);
  return { source, name: `${prefix}${asked.id}@${asked.revision}/${asked.path}` };
}
