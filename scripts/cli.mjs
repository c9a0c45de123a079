// Runs src/cli/NAME.ts:  node scripts/cli.mjs NAME ARGUMENTS…
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runSource } from "./runSource.mjs";

const [name = "", ...args] = process.argv.slice(2);
const source = `src/cli/${name}.ts`;
if (!existsSync(join(import.meta.dirname, "..", source))) {
  console.error(`command: expected the name of a file in src/cli, got "${name}"`);
  process.exit(2);
}

/** Commands that compute on the CPU alone. */
const withoutGpu = ["analyze", "memory"];
const needsGpu = !withoutGpu.includes(name) && !args.includes("--help");
process.exit(await runSource(name, source, args, needsGpu));
