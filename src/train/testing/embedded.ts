// The embedded model and the sample data as the page serves them, for tests in the browser.

/** @param path below public/ */
export async function fetchPublic(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(`/${path}`);
  if (!response.ok) throw new Error(`public/${path}: expected a file, got HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const modelFiles = [
  "config.json",
  "generation_config.json",
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
];

/** The files of the embedded model's folder, by name. */
export async function fetchEmbeddedModel(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const read = async (name: string) => [name, await fetchPublic(`models/fable-1m/${name}`)] as const;
  return new Map(await Promise.all(modelFiles.map(read)));
}
