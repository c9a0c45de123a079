// `npm test`: everything CI checks, each step even where an earlier one failed, and one line of counts at the end.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOrInstallChromium } from "./installChromium.mjs";
import { runToEnd } from "./process.mjs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

const reports = mkdtempSync(join(tmpdir(), "lora-studio-test-"));
const unitReport = join(reports, "unit.json");
const e2eReport = join(reports, "e2e.json");
const e2e = join(import.meta.dirname, "../e2e");
const hasE2e = existsSync(e2e) && readdirSync(e2e).some((name) => name.endsWith(".spec.ts"));

const browser = await findOrInstallChromium();
const withBrowser = { ...(browser && { CHROME_PATH: browser }), PLAYWRIGHT_JSON_OUTPUT_FILE: e2eReport };

const results = [
  await runStep("format", [], single),
  await runStep("lint", [], single),
  await runStep("types", [], single),
  await runStep(
    "unit",
    ["--reporter=default", "--reporter=json", `--outputFile.json=${unitReport}`],
    countVitest,
  ),
];
if (hasE2e) results.push(await runStep("e2e", ["--reporter=list,json"], countPlaywright));
rmSync(reports, { recursive: true });

console.log("");
for (const { name, seconds, counts } of results) {
  console.log(`${name.padEnd(7)}${seconds.toFixed(1).padStart(7)} s   ${countsLine(counts)}`);
}
/** @param {keyof Counts} kind */
const total = (kind) => results.reduce((sum, { counts }) => sum + counts[kind], 0);
const all = { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
console.log(`\n${countsLine(all)}`);
process.exit(all.failed === 0 && all.passed > 0 ? 0 : 1);

/**
 * Runs the npm script `test:NAME`. A step that fails without a failed test in its report counts as one.
 * @param {string} name
 * @param {string[]} args
 * @param {(succeeded: boolean) => Counts} count
 */
async function runStep(name, args, count) {
  console.log(`\n── ${name} ${"─".repeat(100 - name.length)}`);
  const start = performance.now();
  const code = await runToEnd("npm", ["run", "--silent", `test:${name}`, "--", ...args], withBrowser);
  const seconds = (performance.now() - start) / 1000;
  const counts = count(code === 0);
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  console.log(`${name}: ${code === 0 ? "passed" : `failed (exit code ${code})`} in ${seconds.toFixed(1)} s`);
  return { name, seconds, counts };
}

/** @param {boolean} succeeded */
function single(succeeded) {
  return { passed: Number(succeeded), failed: Number(!succeeded), skipped: 0 };
}

function countVitest() {
  const report = readReport(unitReport);
  return {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
}

function countPlaywright() {
  const stats = readReport(e2eReport)?.stats;
  return {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  };
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // The runner died before its report: the step's exit code counts as the failure.
  }
}

/** @param {Counts} counts */
function countsLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`;
}
