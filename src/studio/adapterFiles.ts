// An adapter as a person chooses it: one zip, or the two files of PEFT.
import { FormatError } from "../formats/formatError";
import type { PeftAdapterFiles } from "../formats/peft";
import { unpackAdapterZip } from "../formats/zip";

export interface ChosenAdapter {
  /** The zip's name without its ending; absent for two files. */
  readonly zipName: string | undefined;
  readonly files: PeftAdapterFiles;
}

/** @throws FormatError naming the file that is missing or damaged */
export async function readPeftFiles(files: readonly File[]): Promise<ChosenAdapter> {
  const zip = files.find(({ name }) => /\.zip$/i.test(name));
  if (!zip) return { zipName: undefined, files: await pairOf(files) };
  return { zipName: zip.name.replace(/\.zip$/i, ""), files: unpackAdapterZip(await bytesOf(zip), zip.name) };
}

const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());

async function pairOf(files: readonly File[]): Promise<PeftAdapterFiles> {
  const find = async (name: keyof PeftAdapterFiles) => {
    const file = files.find((candidate) => candidate.name === name);
    if (file) return bytesOf(file);
    const got = files.map((candidate) => candidate.name).join(", ") || "none";
    throw new FormatError(
      name,
      "",
      `expected a zip, or this file beside the other of the adapter, got ${got}.`,
    );
  };
  return {
    "adapter_config.json": await find("adapter_config.json"),
    "adapter_model.safetensors": await find("adapter_model.safetensors"),
  };
}
