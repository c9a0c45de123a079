// Runs src/cli/NAME.ts as it stands, through Vite's module runner, so that the command line and the page share
// one source, its `?raw` shaders included:  node scripts/cli.mjs NAME ARGUMENTS…
// Such a file exports main(args: string[]): Promise<number | void>, which gives the exit code.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "./process.mjs";
import { lacksVulkanDriver, swiftShaderEnvironment } from "./vulkan.mjs";

const root = join(import.meta.dirname, "..");
const [name = "", ...args] = process.argv.slice(2);
if (!existsSync(join(root, `src/cli/${name}.ts`))) {
  console.error(`command: expected the name of a file in src/cli, got "${name}"`);
  process.exit(2);
}

/** Commands that compute on the CPU alone. */
const withoutGpu = ["analyze", "memory"];
const needsGpu = !withoutGpu.includes(name) && !args.includes("--help");
const swiftShader = needsGpu ? swiftShaderEnvironment() : undefined;
if (swiftShader && (lacksVulkanDriver() || !(await hasAdapter()))) {
  console.error(
    `No GPU found: using SwiftShader, a software Vulkan: correct, but slow (${swiftShader.VK_ICD_FILENAMES})`,
  );
  process.exit(await runToEnd(process.execPath, process.argv.slice(1), swiftShader));
}

process.exit(await runCommand());

async function hasAdapter() {
  const { create } = await import("webgpu");
  return (await create([]).requestAdapter()) !== null;
}

async function runCommand() {
  const { createServer, isRunnableDevEnvironment } = await import("vite");
  const server = await createServer({
    root,
    configFile: false,
    appType: "custom",
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  const environment = server.environments.ssr;
  if (!isRunnableDevEnvironment(environment)) throw new Error("Vite: expected a runnable environment");
  try {
    const { main } = await environment.runner.import(`/src/cli/${name}.ts`);
    return (await main(args)) ?? 0;
  } catch (error) {
    // A message is enough for what a person can mend; what only a programmer can mend shows where it happened.
    const mendable = error instanceof Error && (error.constructor !== TypeError || "code" in error);
    console.error(mendable ? `${name}: ${error.message}` : error);
    return 1;
  }
}
