// Starts a program in the foreground: its output is ours, and so are signals and exit code.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

const binaries = join(import.meta.dirname, "../node_modules/.bin");
const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);

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
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve) => {
    /** @param {number} code */
    const finish = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve(code);
    };
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      finish(127);
    });
    child.on("close", (code, signal) => finish(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
