// Writes what the grammar generates: the corpus for the Python side, and the fine-tuning sets in public/datasets.
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";

const usage = `Usage: node corpus/build.mjs corpus --out DIR   corpus/recipe.json's documents, one JSON string per line,
                                                as DIR/train.jsonl and DIR/validation.jsonl
       node corpus/build.mjs datasets           the fine-tuning sets, into public/datasets
       node corpus/build.mjs sample [--count N] N documents on the terminal (20)`;

const here = import.meta.dirname;

/** @param {string} path a TypeScript module beside this file */
async function load(path) {
  const loaded = await runnerImport(join(here, path), {
    configFile: false,
    root: join(here, ".."),
    logLevel: "error",
  });
  return loaded.module;
}

/** @param {string} out a folder */
async function writeCorpus(out) {
  const recipe = JSON.parse(await readFile(join(here, "recipe.json"), "utf8"));
  const { generateCorpus } = await load("generateCorpus.ts");
  await mkdir(out, { recursive: true });
  for (const split of ["train", "validation"]) {
    const file = createWriteStream(join(out, `${split}.jsonl`));
    const documentCount = recipe.corpus[`${split}Documents`];
    for (const document of generateCorpus(recipe.corpus.seed, documentCount, split)) {
      if (!file.write(`${JSON.stringify(document)}\n`)) await once(file, "drain");
    }
    file.end();
    await once(file, "finish");
    console.log(`${split}: ${documentCount} documents in ${join(out, `${split}.jsonl`)}`);
  }
}

async function writeDatasets() {
  const { datasetFiles } = await load("tasks/datasets.ts");
  for (const [path, text] of Object.entries(datasetFiles())) {
    const file = join(here, "../public/datasets", path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
    console.log(`${path}: ${text.length} characters`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: "string" }, count: { type: "string" }, help: { type: "boolean" } },
});
const [command] = positionals;
if (command === "corpus" && values.out) await writeCorpus(values.out);
else if (command === "datasets") await writeDatasets();
else if (command === "sample") {
  const { generateCorpus } = await load("generateCorpus.ts");
  for (const document of generateCorpus(1, Number(values.count ?? 20)))
    console.log(`${document}\n\n${"-".repeat(20)}\n`);
} else {
  console.log(usage);
  if (!values.help) process.exitCode = 1;
}
