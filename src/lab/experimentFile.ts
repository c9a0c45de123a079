// An experiment as one JSON file: what was asked, on what, and what came of it. The page and the command line write
// the same file and open each other's.
import { z } from "zod";
import { checkSchema, decodeUtf8, parseJson } from "../formats/jsonFile";
import { quantisedDtypes } from "../gpu/quantised";
import type { BaseResult } from "./events";
import { type Experiment, experimentSchema } from "./experiment";
import { type CellResult, cellResultSchema, taskScoreSchema } from "./results";
import { type CellSeries, type Curve, curveOf } from "./series";

const numbers = z.array(z.number());
/** JSON has no NaN: null stands for a loss that was none. */
const curveShape = { step: numbers, loss: z.array(z.number().nullable()), timeMs: numbers, tokens: numbers };
const seriesSchema = z.strictObject({ ...curveShape, validation: z.strictObject(curveShape) });

const fileSchema = z.strictObject({
  format: z.literal("lora-studio-experiment"),
  version: z.literal(1),
  /** ISO 8601. */
  createdAt: z.iso.datetime(),
  experiment: experimentSchema,
  /** `quantisation`: how its linear weights were kept; absent: as in its file. */
  model: z.strictObject({
    name: z.string(),
    parameterCount: z.int(),
    quantisation: z.enum(quantisedDtypes).optional(),
  }),
  /** Name, and the fingerprint of the tokens that were trained and evaluated on (train/checkpoint). */
  data: z.strictObject({ name: z.string(), fingerprint: z.string(), evaluationFingerprint: z.string() }),
  base: z
    .strictObject({ validationLoss: z.number().nullable(), task: taskScoreSchema.nullable() })
    .nullable(),
  results: z.array(cellResultSchema),
  series: z.record(z.string(), seriesSchema),
});

type FileContent = z.infer<typeof fileSchema>;

/** What was run on what, and what came of it. */
export interface ExperimentContent {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly experiment: Experiment;
  readonly model: FileContent["model"];
  readonly data: FileContent["data"];
  readonly base: BaseResult | null;
  readonly results: readonly CellResult[];
  /** Curves by cell id. */
  readonly series: Readonly<Record<string, CellSeries>>;
}

export function writeExperimentFile(content: ExperimentContent): string {
  const { createdAt, series, ...rest } = content;
  const head = {
    format: "lora-studio-experiment",
    version: 1,
    createdAt: new Date(createdAt).toISOString(),
    ...rest,
  };
  // A cell's curves on one line: a file that a person can still scroll through.
  const lines = Object.entries(series).map(
    ([id, each]) => `    ${JSON.stringify(id)}: ${JSON.stringify(plainSeries(each))}`,
  );
  const indented = JSON.stringify(head, null, 2).replace(/\n\}$/, "");
  return `${indented},\n  "series": {\n${lines.join(",\n")}\n  }\n}\n`;
}

/** @throws FormatError naming the field that is not as an experiment has it */
export function readExperimentFile(bytes: Uint8Array, fileName: string): ExperimentContent {
  const value = parseJson(decodeUtf8(bytes, fileName), fileName);
  const { createdAt, series, format: _, version: __, ...rest } = checkSchema(fileSchema, value, fileName);
  return {
    ...rest,
    createdAt: Date.parse(createdAt),
    series: Object.fromEntries(
      Object.entries(series).map(([id, { validation, ...training }]) => [
        id,
        { ...curveOf(training), validation: curveOf(validation) },
      ]),
    ),
  };
}

const plainCurve = ({ step, loss, timeMs, tokens }: Curve) => ({
  step: [...step],
  loss: [...loss],
  timeMs: [...timeMs],
  tokens: [...tokens],
});

const plainSeries = (series: CellSeries) => ({
  ...plainCurve(series),
  validation: plainCurve(series.validation),
});
