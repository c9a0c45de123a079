// The model and the sample data that come with the studio, fetched from its own address.
import { readDatasetDescription, type TaskMetric } from "../data/taskMetric";
import type { SampleDataset } from "./messages";
import { StudioError } from "./problems";

const modelFiles = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
] as const;

/** Folders of public/datasets, in the order they are offered; the first one is loaded at the start. */
const sampleNames = ["calendar", "restaurants"] as const;

/** Files of the folder public/models/`name`. @param onProgress fetched fraction, 0 to 1 */
export async function fetchModelFiles(
  name: string,
  onProgress: (fraction: number) => void,
): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  await Promise.all(
    modelFiles.map(async (fileName) => {
      files.set(fileName, await fetchBytes(`models/${name}/${fileName}`));
      onProgress(files.size / modelFiles.length);
    }),
  );
  return files;
}

interface SampleFiles {
  readonly train: Uint8Array<ArrayBuffer>;
  readonly validation: Uint8Array<ArrayBuffer>;
  readonly metric: TaskMetric;
}

/** Both splits of a sample set, and what counts as success there. */
export async function fetchSample(name: string): Promise<SampleFiles> {
  const [train, validation, description] = await Promise.all([
    fetchBytes(`datasets/${name}/train.jsonl`),
    fetchBytes(`datasets/${name}/validation.jsonl`),
    fetchBytes(`datasets/${name}/dataset.json`),
  ]);
  return { train, validation, metric: readDatasetDescription(description, `${name}/dataset.json`).metric };
}

/** What the sample sets are about. */
export async function fetchSampleDatasets(): Promise<SampleDataset[]> {
  return Promise.all(
    sampleNames.map(async (id) => {
      const path = `datasets/${id}/dataset.json`;
      const { title, description, goal } = readDatasetDescription(await fetchBytes(path), path);
      return { id, title, description, goal };
    }),
  );
}

async function fetchBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = `${import.meta.env.BASE_URL}${path}`;
  const response = await fetch(url).catch((error: Error) => error);
  if (response instanceof Error || !response.ok) {
    const got = response instanceof Error ? response.message : `${response.status} ${response.statusText}`;
    throw new StudioError(`${path}: expected the studio's own file, got ${got}. Reload the page.`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
