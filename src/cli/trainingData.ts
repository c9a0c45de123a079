// A run's examples on the command line: read and tokenized with a line of progress, and told what became of them.
import type { ByteSource } from "../data/byteSource";
import type { DataMapping, DataSettings } from "../data/config";
import { type Dataset, datasetOf } from "../data/dataset";
import { type PreparedData, prepareData } from "../data/prepare";
import type { Tokenizer } from "../formats/tokenizer";
import type { TrainConfig } from "../train/config";
import { sequencesOf } from "../train/sequences";

interface DataFiles {
  readonly data: ByteSource;
  readonly evalData: ByteSource | undefined;
  readonly settings: DataSettings;
}

/** Files that take less than this are not worth a line of progress. */
const quietMs = 2000;

/** @throws FormatError, BadRowsError or MappingError naming the file and what is wrong in it */
export async function prepareDataset(
  { data, evalData, settings }: DataFiles,
  tokenizer: Tokenizer,
  config: TrainConfig,
): Promise<Dataset> {
  const train = await prepare(data, tokenizer, settings);
  // The held-out file has the same columns; a guess from its own rows could differ.
  const { mapping } = train.sketch;
  const validation = evalData && (await prepare(evalData, tokenizer, { ...settings, mapping }));
  const dataset = datasetOf({ train, validation }, config, settings);
  describe(train, dataset, config);
  if (validation) console.log(`${validation.fileName}: ${dataset.evalExamples.length} examples held out`);
  return dataset;
}

async function prepare(
  source: ByteSource,
  tokenizer: Tokenizer,
  settings: DataSettings,
): Promise<PreparedData> {
  const startMs = performance.now();
  let shownPercent = 0;
  const onProgress = (fraction: number) => {
    const percent = Math.floor(fraction * 20) * 5;
    if (performance.now() - startMs < quietMs || percent <= shownPercent) return;
    shownPercent = percent;
    console.log(`${source.name}: ${percent} % read`);
  };
  return prepareData(source, tokenizer, { settings, onProgress });
}

function describe(
  train: PreparedData,
  { examples, evalExamples, report }: Dataset,
  config: TrainConfig,
): void {
  const { mapping } = train.sketch;
  if (mapping) console.log(`${train.fileName}: ${mappingText(mapping)}`);
  const parts = [`${examples.length} examples`, `${report.targetCount} of ${report.tokenCount} tokens count`];
  const add = (count: number, what: string) => count > 0 && parts.push(`${count} ${what}`);
  if (evalExamples.length > 0 && examples.length < report.keptCount) add(evalExamples.length, "held out");
  if (config.packing) {
    const packed = sequencesOf(config, { examples, evaluationExamples: [] }).examples;
    add(packed.length, "sequences once packed");
  }
  add(report.truncatedCount, `cut to ${config.sequenceLength} tokens`);
  add(report.droppedCount, `left out: no counted token in their first ${config.sequenceLength}`);
  add(train.emptyCount, "left out: nothing to learn in them");
  add(train.duplicateCount, "the same as one before");
  add(train.badRowCount, "bad rows skipped");
  console.log(`${train.fileName}: ${parts.join(", ")}`);
  for (const { place, problem } of train.badRows) console.log(`  skipped ${place}: ${problem}`);
}

function mappingText(mapping: DataMapping): string {
  if (mapping.kind === "template") {
    const learned = mapping.learn === "all" ? "all of it" : "its last column";
    return `template ${JSON.stringify(mapping.template)}, learning ${learned}`;
  }
  const { kind: _, ...columns } = mapping;
  const given = Object.entries(columns).filter(([, column]) => column !== "");
  return `columns ${given.map(([name, column]) => (name === column ? name : `${name}=${column}`)).join(",")}`;
}
