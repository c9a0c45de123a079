// npm run analyze: what an adapter learned, in the figures of section 7 of the LoRA paper, as JSON.
import { join } from "node:path";
import { changeImage, type MatrixImage, weightImage } from "../lab/analysis/image";
import { type LowRankAdapter, type LowRankChange, readLowRankAdapter } from "../lab/analysis/lowRankAdapter";
import { analyse, type NamedAdapter } from "../lab/analysis/report";
import { analysisTable } from "./analyzeTable";
import { WeightFiles } from "./analyzeWeights";
import { readGivenFile, writeWhole } from "./files";
import { FlagError, helpText, parseFlags } from "./flags";
import { locateModel } from "./hubModel";

const command = {
  name: "analyze",
  usage: "--model DIR --adapter DIR [--against DIR] [--out FILE] [flags]",
  about:
    "Measures what a LoRA adapter learned (Hu et al. 2021, section 7): singular values of ΔW = scaling · B · A and " +
    "how many directions it uses, its size against W, how similar its directions are to another adapter's and to " +
    "random ones, and how much it amplifies what W already does. On the CPU; any PEFT LoRA adapter, of any model " +
    "whose folder has safetensors.",
  flags: [
    {
      name: "model",
      value: "DIR",
      about: "base model folder or Hub id; without it, what needs W is left out",
    },
    { name: "adapter", value: "DIR", about: "PEFT adapter folder" },
    { name: "against", value: "DIR", about: "adapter to compare with: another rank, or another seed" },
    {
      name: "modules",
      value: "LIST",
      about: "only modules whose path ends in one of these, e.g. q_proj,v_proj",
    },
    {
      name: "image",
      value: "MODULE",
      about: "also the values of ΔW (and W) of this module; end of its path",
    },
    {
      name: "block",
      value: "ROW,COLUMN,SIZE",
      about: "part of the image; over 256 values a side, each stands for the strongest of a patch",
      default: "0,0,256",
    },
    { name: "seed", value: "N", about: "of the random matrices that are compared with", default: 0 },
    {
      name: "out",
      value: "FILE",
      about: "write the JSON here and print a table; without it the JSON is printed",
    },
  ],
  examples: [
    ["--model public/models/fable-1m --adapter out/calendar --out analysis.json", "one adapter"],
    ["--model public/models/fable-1m --adapter out/seed-0 --against out/seed-1", "two seeds"],
  ] as const,
};

interface Image {
  readonly path: string;
  readonly change: MatrixImage;
  readonly weight: MatrixImage | null;
}

/** Runs the command. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  const given = parseFlags(command, args);
  if (!given) {
    console.log(helpText(command));
    return 0;
  }
  const adapterPath = given.required("adapter", "an adapter folder");
  const modelPath = given.text("model");
  const againstPath = given.text("against");
  const out = given.text("out");
  const seed = given.count("seed", 0) ?? 0;
  const block = blockOf(given.text("block"));
  const modules = given.list("modules");
  const files =
    modelPath === undefined ? undefined : await WeightFiles.open(await locateModel(modelPath), "model");
  const adapter = await openAdapter(adapterPath, "adapter", modules);
  const against = againstPath === undefined ? undefined : await openAdapter(againstPath, "against", modules);
  const weightOf = async (change: LowRankChange, { isTransposed }: LowRankAdapter) =>
    files?.weightOf(change, isTransposed);

  const imageModule = given.text("image");
  const shown = imageModule === undefined ? undefined : findModule(adapter.adapter, imageModule);
  const report = await analyse({ adapter, against, weightOf, seed }, showProgress);
  const weight = shown && (await weightOf(shown, adapter.adapter));
  const image: Image | undefined = shown && {
    path: shown.path,
    change: changeImage(shown, block),
    weight: weight ? weightImage(weight, block) : null,
  };
  const json = `${JSON.stringify({ ...report, model: modelPath ?? null, ...(image && { image }) }, compact, 1)}\n`;
  if (out === undefined) console.log(json);
  else {
    writeWhole(out, json);
    console.log(`${analysisTable(report)}\n\nwritten to ${out}`);
  }
  return 0;
}

/** Nine digits: past the rounding of the f32 factors, at half the size. Typed arrays as lists. */
function compact(_key: string, value: unknown): unknown {
  if (typeof value === "number") return Number(value.toPrecision(9));
  return value instanceof Float32Array ? [...value] : value;
}

async function openAdapter(
  folder: string,
  flag: string,
  modules: readonly string[] | undefined,
): Promise<NamedAdapter> {
  const read = (name: string) => readGivenFile(join(folder, name), flag);
  const adapter = readLowRankAdapter({
    "adapter_config.json": await read("adapter_config.json"),
    "adapter_model.safetensors": await read("adapter_model.safetensors"),
  });
  const changes = adapter.changes.filter(({ path }) => modules?.some((end) => endsIn(path, end)) ?? true);
  if (changes.length === 0) {
    const has = adapter.changes.map(({ path }) => path).slice(0, 3);
    throw new FlagError("modules", `expected ends of module paths such as ${has.join(", ")}, got ${modules}`);
  }
  return { name: folder, adapter: { ...adapter, changes } };
}

const endsIn = (path: string, end: string): boolean => path === end || path.endsWith(`.${end}`);

function findModule({ changes }: LowRankAdapter, end: string): LowRankChange {
  const found = changes.find(({ path }) => endsIn(path, end));
  if (found) return found;
  throw new FlagError("image", `expected the end of a module path such as ${changes[0]!.path}, got ${end}`);
}

function blockOf(text = "0,0,256") {
  const numbers = text.split(",").map(Number);
  const [row = 0, column = 0, size = 0] = numbers;
  if (numbers.length !== 3 || !numbers.every((number) => Number.isInteger(number) && number >= 0) || !size) {
    throw new FlagError("block", `expected ROW,COLUMN,SIZE such as 0,0,256, got ${text}`);
  }
  return { row, column, rows: size, columns: size };
}

/** On standard error, so that the JSON can be piped. */
function showProgress(done: number, all: number): void {
  const { stderr } = process;
  if (stderr.isTTY) stderr.write(`\r${done} of ${all} modules${done === all ? "\n" : ""}`);
  else if (done === all || done % Math.ceil(all / 10) === 0) stderr.write(`${done} of ${all} modules\n`);
}
