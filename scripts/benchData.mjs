// `npm run bench:data`: a large file of examples chosen in the built studio, and a run begun on it. Prints how long it
// takes, how much memory at most, and how busy it keeps the page.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formats, writeExamples } from "./exampleFile.mjs";
import { memoryText, PageWatch } from "./pageWatch.mjs";
import { openStudioPage } from "./studioPage.mjs";

const help = `Usage: npm run bench:data -- [flags]

  --size-mb N      size of the file in millions of bytes (default 100)
  --format FORMAT  ${formats.join(", ")} (default jsonl)
  --help           print this`;

const { values: flags } = parseArgs({
  options: {
    "size-mb": { type: "string", default: "100" },
    format: { type: "string", default: "jsonl" },
    help: { type: "boolean" },
  },
});
const size = 1e6 * Number(flags["size-mb"]);
if (flags.help || !(size > 0) || !formats.includes(flags.format)) {
  console.log(help);
  process.exit(flags.help ? 0 : 2);
}

const folder = mkdtempSync(join(tmpdir(), "lora-studio-data-"));
const path = join(folder, `examples.${flags.format}`);
/** @type {Awaited<ReturnType<typeof openStudioPage>> | undefined} */
let studio;
try {
  writeExamples(path, size, flags.format);
  studio = await openStudioPage();
  await measure(studio);
} finally {
  await studio?.close();
  rmSync(folder, { recursive: true });
}

/** @param {Awaited<ReturnType<typeof openStudioPage>>} studio */
async function measure(studio) {
  const { page } = studio;
  const watch = await PageWatch.start(studio);
  await page.waitForTimeout(500);
  console.log(`\n${flags.format}, ${(statSync(path).size / 1e6).toFixed(0)} MB`);
  console.log(`before: memory ${memoryText(watch.takePeak())}`);
  /** @param {string} what @param {() => Promise<void>} act */
  const timed = async (what, act) => {
    const startMs = performance.now();
    const before = await watch.computedMs();
    const secondsBefore = await watch.processSeconds();
    await act();
    const seconds = (performance.now() - startMs) / 1000;
    const computed = (await watch.computedMs()) - before;
    const peak = watch.takePeak();
    const computing = ((await watch.processSeconds()) - secondsBefore).toFixed(1);
    console.log(`${what}: ${seconds.toFixed(1)} s, of which the page and its engine computed ${computing} s`);
    console.log(`  memory, at most: ${memoryText(peak)}`);
    console.log(
      `  the page computed ${computed.toFixed(0)} ms, at most ${peak.computedMs.toFixed(0)} ms at a time`,
    );
  };

  // Long enough for every prompt of the file.
  await page.getByLabel("Sequence length").fill("192");
  await page.getByLabel("Steps").fill("3");
  await page.getByLabel("Batch size").fill("1");
  const data = page.getByRole("region", { name: "Data", exact: true });
  await page.getByLabel("Training data").setInputFiles(path);
  const cancel = data.getByRole("button", { name: "Cancel reading" });
  if (
    await cancel.waitFor({ timeout: 5000 }).then(
      () => true,
      () => false,
    )
  ) {
    await page.waitForTimeout(2000);
    await timed("cancelled", async () => {
      await cancel.click();
      await data.getByText("Reading…").waitFor({ state: "hidden" });
    });
  }
  await timed("read", async () => {
    await page.getByLabel("Training data").setInputFiles(path);
    await data.getByText("Reading…").waitFor();
    await data.getByText("Reading…").waitFor({ state: "hidden", timeout: 0 });
  });
  console.log(`  ${await data.getByText(/held out$/).textContent()}`);
  await timed("run of 3 steps", async () => {
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByRole("status").getByText(/^Done/).waitFor({ timeout: 0 });
  });
  await watch.stop();
}
