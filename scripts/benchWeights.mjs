// `npm run bench:weights`: a model folder of random weights loaded from disk in the built studio. Prints the memory that
// it takes at most while the weights stream to the GPU, beside the largest tensor.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { memoryText, PageWatch } from "./pageWatch.mjs";
import { openStudioPage } from "./studioPage.mjs";

const ways = ["file", "int8", "nf4", "nf4-double"];
const help = `Usage: npm run bench:weights -- [flags]

  --layers N    layers of 26 MB each (default 12)
  --vocab N     rows of the embedding, of 2 kB each (default 49152)
  --kept HOW    how the base is kept on the GPU: ${ways.join(", ")} (default file)
  --help        print this`;

const { values: flags } = parseArgs({
  options: {
    layers: { type: "string", default: "12" },
    vocab: { type: "string", default: "49152" },
    kept: { type: "string", default: "file" },
    help: { type: "boolean" },
  },
});
const [layers, vocabulary] = [Number(flags.layers), Number(flags.vocab)];
if (flags.help || !(layers > 0 && vocabulary >= 2000) || !ways.includes(flags.kept)) {
  console.log(help);
  process.exit(flags.help ? 0 : 2);
}

const root = join(import.meta.dirname, "..");
const embedded = join(root, "public/models/fable-1m");
const folder = mkdtempSync(join(tmpdir(), "lora-studio-weights-"));
/** @type {Awaited<ReturnType<typeof openStudioPage>> | undefined} */
let studio;
try {
  const { totalBytes, largestBytes } = writeModel();
  studio = await openStudioPage();
  const { page } = studio;
  await page.getByLabel("Base weights").selectOption(flags.kept);
  await page
    .getByRole("status")
    .getByText(/^Ready/)
    .waitFor();
  const watch = await PageWatch.start(studio);
  await page.waitForTimeout(500);
  const mb = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(
    `\n${mb(totalBytes)} of weights, the largest tensor ${mb(largestBytes)}, kept as ${flags.kept}`,
  );
  console.log(`before: memory ${memoryText(watch.takePeak())}`);
  await page.getByRole("button", { name: "Choose a model" }).click();
  const dialog = page.getByRole("dialog", { name: "Choose a model" });
  await dialog.getByRole("tab", { name: "From disk" }).click();
  await page.waitForTimeout(500);
  watch.takePeak();
  const start = performance.now();
  await dialog
    .getByLabel("Model files")
    .setInputFiles(
      ["config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"].map((name) =>
        join(folder, name),
      ),
    );
  await dialog.waitFor({ state: "hidden", timeout: 0 });
  const peak = watch.takePeak();
  console.log(`loaded in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(`  memory, at most: ${memoryText(peak)}`);
  const allowedBytes = largestBytes + 64 * 2 ** 20;
  console.log(
    `  the engine's ${mb(peak.engineBytes)} are ${peak.engineBytes <= allowedBytes ? "within" : "OVER"} ` +
      `the largest tensor and 64 MiB, ${mb(allowedBytes)}`,
  );
  console.log(`  the page computed at most ${peak.computedMs.toFixed(0)} ms at a time`);
  await watch.stop();
} finally {
  await studio?.close();
  rmSync(folder, { recursive: true });
}

/** A Llama of 1024 wide layers in 16 bits, with the embedded model's tokenizer. */
function writeModel() {
  const [hidden, intermediate] = [1024, 2816];
  const config = {
    ...JSON.parse(readFileSync(join(embedded, "config.json"), "utf8")),
    ...{
      hidden_size: hidden,
      intermediate_size: intermediate,
      num_hidden_layers: layers,
      vocab_size: vocabulary,
    },
    ...{ num_attention_heads: 16, num_key_value_heads: 16, head_dim: 64, tie_word_embeddings: true },
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    writeFileSync(join(folder, name), readFileSync(join(embedded, name)));
  }
  /** @type {Record<string, readonly number[]>} */
  const shapes = { "model.embed_tokens.weight": [vocabulary, hidden], "model.norm.weight": [hidden] };
  for (let layer = 0; layer < layers; layer++) {
    const name = (/** @type {string} */ rest) => `model.layers.${layer}.${rest}.weight`;
    for (const part of ["q", "k", "v", "o"]) shapes[name(`self_attn.${part}_proj`)] = [hidden, hidden];
    for (const part of ["gate", "up"]) shapes[name(`mlp.${part}_proj`)] = [intermediate, hidden];
    shapes[name("mlp.down_proj")] = [hidden, intermediate];
    for (const part of ["input", "post_attention"]) shapes[name(`${part}_layernorm`)] = [hidden];
  }
  /** @type {Record<string, object>} */
  const header = {};
  let [totalBytes, largestBytes] = [0, 0];
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = 2 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: "F16", shape, data_offsets: [totalBytes, totalBytes + bytes] };
    totalBytes += bytes;
    largestBytes = Math.max(largestBytes, bytes);
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(8 * Math.ceil(text.length / 8)));
  const file = openSync(join(folder, "model.safetensors"), "w");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  writeSync(file, length);
  writeSync(file, head);
  // Of either sign and below 2 in size.
  const noise = Uint16Array.from(
    { length: 2 ** 20 },
    (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 0xbfff,
  );
  for (let at = 0; at < totalBytes; ) {
    at += writeSync(file, new Uint8Array(noise.buffer, 0, Math.min(noise.byteLength, totalBytes - at)));
  }
  closeSync(file);
  return { totalBytes, largestBytes };
}
