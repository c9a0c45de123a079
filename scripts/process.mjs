// Starts a program in the foreground: its output is ours, and so are signals and exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

const binaries = join(import.meta.dirname, "../node_modules/.bin");

/**
 * Runs a program to its end. Programs of node_modules/.bin are found by name.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [environment] added to this process's own
 * @returns {Promise<number>} its exit code; 128 + signal where a signal ended it, 127 where it did not start
 */
export function runToEnd(command, args, environment) {
  const child = spawn(command, args, {
    stdio: "inherit",
    shell: process.platform === "win32",
    env: { ...process.env, ...environment, PATH: `${binaries}${delimiter}${process.env.PATH}` },
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve) => {
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(127);
    });
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
