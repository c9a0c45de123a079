// An experiment's ways out of the studio and in again: JSON, tables, the adapters of the grid in one zip.
import type { ByteSource } from "../formats/byteSource";
import { unpackedBytes, zipParts } from "../formats/zipStream";
import { cellsOf } from "../lab/experiment";
import { type ExperimentContent, readExperimentFile, writeExperimentFile } from "../lab/experimentFile";
import { resultsCsv, resultsMarkdown } from "../lab/tables";
import { exportFile } from "./exportFile";
import { weightsFolder } from "./exportZip";
import type { CellWeights } from "./labCells";
import type { ExperimentSnapshot, LabExport, LabFile } from "./labMessages";
import type { StoredExperiment } from "./labStorage";
import { describeIdentity, type LoadedModel } from "./loadedModel";
import { fileStem } from "./stores/fileName";

/** The experiment as JSON, CSV or Markdown. */
export function experimentFile(
  what: Exclude<LabExport, "adapters">,
  { model, data }: StoredExperiment,
  { record, series, results, base }: ExperimentSnapshot,
): LabFile {
  const { experiment, createdAt, name } = record;
  const file = (ending: string, mimeType: string, text: string): LabFile => ({
    fileName: `${fileStem(name, "experiment")}.${ending}`,
    file: new Blob([text], { type: mimeType }),
  });
  const cells = cellsOf(experiment);
  if (what === "csv") return file("csv", "text/csv", resultsCsv(cells, results));
  if (what === "markdown") {
    return file("md", "text/markdown", resultsMarkdown(name, cells, results, base));
  }
  const { key: _, ...fingerprints } = data;
  const { fingerprint: __, ...baseModel } = model;
  const content = { createdAt, experiment, base, results, series, model: baseModel, data: fingerprints };
  return file("json", "application/json", writeExperimentFile(content));
}

/** A folder per cell, each as its own export would be. */
export async function adaptersZip(
  name: string,
  cells: ReadonlyMap<string, CellWeights>,
  model: LoadedModel,
): Promise<LabFile> {
  const files = new Map<string, Uint8Array | ByteSource>();
  for (const [cellId, { tuned, history }] of cells) {
    for (const [path, bytes] of weightsFolder(tuned, model, history)) {
      files.set(`${cellId}/${path}`, bytes);
    }
  }
  const fileName = `${fileStem(name, "experiment")}-adapters.zip`;
  const file = await exportFile(fileName, zipParts(fileName, files), unpackedBytes(files));
  return { fileName, file: file! }; // no place was chosen for it
}

/** What has to be loaded before an opened experiment can be run to the same numbers; undefined when it is. */
export function missingFor(
  { model, data }: ExperimentContent,
  loaded: LoadedModel | undefined,
  fingerprints: { readonly fingerprint: string; readonly evaluationFingerprint: string } | undefined,
): string | undefined {
  const { info, folder } = loaded ?? {};
  const isModel =
    info && shortName(info.name) === shortName(model.name) && info.parameterCount === model.parameterCount;
  const missing = [
    ...(isModel && folder?.quantisation === model.quantisation
      ? []
      : [`the model ${describeIdentity(model.name, `:${model.quantisation ?? ""}`)}`]),
    ...(fingerprints?.fingerprint === data.fingerprint &&
    fingerprints.evaluationFingerprint === data.evaluationFingerprint
      ? []
      : [`the training data ${data.name}`]),
  ];
  if (missing.length === 0) return undefined;
  return `The experiment was made with ${missing.join(" and ")}. Load it to run the experiment to the same numbers.`;
}

/** The command line knows a model by its path, the page by its folder. */
const shortName = (name: string) => name.split(/[\\/]/).at(-1);

/** @throws FormatError naming the field */
export async function readOpenedFile(file: File): Promise<ExperimentContent> {
  return readExperimentFile(new Uint8Array(await file.arrayBuffer()), file.name);
}
