// `npm run bench`: the benchmark of bench/ in headless Chromium, this engine beside its peers; prints tables and
// writes the report as JSON. In a browser of its own, so that the first step starts from nothing.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright";
import { createServer, isRunnableDevEnvironment } from "vite";
import { chromiumArguments } from "./chromium.mjs";
import { findOrInstallChromium } from "./installChromium.mjs";

const help = `Usage: npm run bench -- [flags]

  --quick        small sizes and few samples: whether all works, not how fast
  --only TEXT    only parts whose id contains this, e.g. linear, step-256, generate, long-run
  --alone        this engine without its peers
  --against LIST only beside these peers, of jax-js,tfjs,onnxruntime-web
  --json FILE    where to write the report (default out/bench.json)
  --help         print this`;

const { values: flags } = parseArgs({
  options: {
    quick: { type: "boolean" },
    only: { type: "string" },
    alone: { type: "boolean" },
    against: { type: "string" },
    json: { type: "string", default: "out/bench.json" },
    help: { type: "boolean" },
  },
});
if (flags.help) {
  console.log(help);
  process.exit(0);
}

const executablePath = await findOrInstallChromium();
if (!executablePath) process.exit(1);
const root = join(import.meta.dirname, "..");
const server = await createServer({
  root,
  logLevel: "warn",
  server: { host: "localhost", port: 0, hmr: false, watch: null },
});
const ssr = server.environments.ssr;
if (!isRunnableDevEnvironment(ssr)) throw new Error("Vite: expected a runnable environment");
/** @type {typeof import("../bench/table.ts")} */
const { caseLines, reportText } = await ssr.runner.import("/bench/table.ts");
await server.listen();

const browser = await chromium.launch({ executablePath, args: chromiumArguments });
let exitCode = 1;
try {
  const page = await browser.newPage();
  page.on("console", (message) => message.type() === "error" && console.error(message.text()));
  await page.exposeFunction("onBenchEvent", report);
  const query = new URLSearchParams();
  if (flags.quick) query.set("quick", "");
  if (flags.alone) query.set("alone", "");
  if (flags.against) query.set("against", flags.against);
  if (flags.only) query.set("only", flags.only);
  await page.goto(`${server.resolvedUrls?.local[0]}bench/page.html?${query}`, { timeout: 0 });
  await page.waitForFunction(() => /^(done|failed)/.test(document.title), undefined, { timeout: 0 });
  const title = await page.title();
  if (title === "done") exitCode = 0;
  else console.error(`bench: ${title}`);
} finally {
  await browser.close();
  await server.close();
}
process.exit(exitCode);

/** @param {import("../bench/report.ts").BenchEvent} event */
function report(event) {
  if (event.type === "progress") console.log(`… ${Math.round(100 * event.fraction)} % ${event.text}`);
  if (event.type === "case") console.log(`\n${caseLines(event.result).join("\n")}`);
  if (event.type !== "report") return;
  const path = resolve(flags.json);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(event.report, null, 2)}\n`);
  console.log(`\n${reportText(event.report)}\n\nWritten to ${flags.json}`);
}
