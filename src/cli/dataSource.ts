// --data as a file, or as a data set of the Hugging Face Hub, which is read in ranges where it lies.
import type { ByteSource } from "../data/byteSource";
import { openDatasetFile, parseDatasetFile } from "../hub/datasets";
import { checkEndpoint, defaultEndpoint } from "../hub/hubClient";
import { fileSource } from "./files";

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

/** HF_ENDPOINT and HF_TOKEN, as Hugging Face's own programs read them. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens --data and --eval-data: paths, or hf:owner/name with @revision and /file where asked.
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
  const access = {
    endpoint: checkEndpoint(environment.HF_ENDPOINT || defaultEndpoint),
    accessToken: environment.HF_TOKEN || undefined,
  };
  const { source, asked } = await openDatasetFile(access, parseDatasetFile(text.slice(prefix.length)));
  return { source, name: `${prefix}${asked.id}@${asked.revision}/${asked.path}` };
}
