// Golden values and real-world files as bytes, for tests that run in the browser: Vite serves them.
import { server } from "vitest/browser";

/** Fetches one file; undefined where Vite has none. */
async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // Asked for a page, Vite would answer a missing file with index.html.
  const response = await fetch(url, { headers: { accept: "application/octet-stream" } });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${url}: expected the file, got HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Bytes of a golden made by the scripts in `oracle/`.
 * @param path relative to `oracle/goldens/`, e.g. `"lora_linear.safetensors"`.
 * @throws when the golden does not exist.
 */
export async function loadGolden(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await fetchBytes(`/oracle/goldens/${path}`);
  if (!bytes)
    throw new Error(`oracle/goldens/${path}: expected a file, got none. Make it as oracle/README.md says`);
  return bytes;
}

/**
 * Bytes of a real model, tokenizer, dataset or adapter from `../shared/data`, which is not part of the project.
 * @param path relative to `../shared/data/`.
 * @returns undefined where the file is absent: the test then skips, with that reason.
 */
export function loadShared(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return fetchBytes(`/@fs/${server.config.root.replace(/^\//, "")}/../shared/data/${path}`);
}
