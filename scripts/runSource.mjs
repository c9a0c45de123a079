// Runs a TypeScript source of this project as it stands in Node, through Vite's module runner, so that the command
// line and the page share one source, its `?raw` shaders included. Where there is no GPU, on SwiftShader.
import { join } from "node:path";
import { runToEnd } from "./process.mjs";
import { lacksVulkanDriver, swiftShaderEnvironment } from "./vulkan.mjs";

const root = join(import.meta.dirname, "..");

/**
 * Runs `main(args: string[]): Promise<number | void>` of a source and returns its exit code.
 * @param {string} name of the command, for errors
 * @param {string} source path from the root, e.g. src/cli/finetune.ts
 * @param {string[]} args
 * @param {boolean} needsGpu
 * @returns {Promise<number>}
 */
export async function runSource(name, source, args, needsGpu) {
  const swiftShader = needsGpu ? swiftShaderEnvironment() : undefined;
  if (swiftShader && (lacksVulkanDriver() || !(await hasAdapter()))) {
    console.error(
      `No GPU found: using SwiftShader, a software Vulkan: correct, but slow (${swiftShader.VK_ICD_FILENAMES})`,
    );
    return runToEnd(process.execPath, process.argv.slice(1), swiftShader);
  }
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
    const { main } = await environment.runner.import(`/${source}`);
    return (await main(args)) ?? 0;
  } catch (error) {
    // A message is enough for what a person can mend; what only a programmer can mend shows where it happened.
    const mendable = error instanceof Error && (error.constructor !== TypeError || "code" in error);
    console.error(mendable ? `${name}: ${error.message}` : error);
    return 1;
  }
}

async function hasAdapter() {
  const { create } = await import("webgpu");
  return (await create([]).requestAdapter()) !== null;
}
