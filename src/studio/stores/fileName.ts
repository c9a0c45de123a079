// What exported files are called: the page suggests the names that the worker gives them.
import type { CurrentAdapter } from "../messages";

/** A name as a person wrote it, fit for a file; `otherwise` when nothing of it is. */
export function fileStem(name: string, otherwise: string): string {
  const stem = name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "");
  return stem || otherwise;
}

export const zipName = ({ name }: CurrentAdapter): string => `${fileStem(name, "adapter")}.zip`;
