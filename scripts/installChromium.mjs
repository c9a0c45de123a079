// Installs a browser where none is found, in the way most likely to work on this machine, and says what it did.
import { existsSync, readFileSync } from "node:fs";
import { findChromium } from "./chromium.mjs";
import { runToEnd } from "./process.mjs";

const isRoot = process.getuid?.() === 0;

const debianPackage = {
  name: "Debian's chromium package",
  // Ubuntu's package of that name only points to a snap, so this asks for Debian itself.
  isPossible:
    isRoot && existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8")),
  commands: [
    ["apt-get", "update", "-q"],
    ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"],
  ],
};
const download = ["playwright", "install", "--no-shell", "chromium"];
const downloadWithLibraries = {
  name: "Playwright's Chromium with its system libraries",
  isPossible: isRoot && process.platform === "linux",
  commands: [[...download, "--with-deps"]],
};
const downloadAlone = { name: "Playwright's Chromium", isPossible: true, commands: [download] };
const ways = [debianPackage, downloadWithLibraries, downloadAlone].filter((way) => way.isPossible);

/**
 * Path of a browser, installed first where there is none.
 * @returns {Promise<string | undefined>} undefined when every way of installing one failed
 */
export async function findOrInstallChromium() {
  const found = findChromium();
  if (found) {
    console.log(`Browser: ${found}`);
    return found;
  }
  for (const { name, commands } of ways) {
    console.log(`Browser: none found, installing ${name}`);
    if (await runAll(commands)) {
      const installed = findChromium();
      console.log(`Browser: installed ${name}: ${installed ?? "but its program was not found"}`);
      if (installed) return installed;
    } else console.log(`Browser: installing ${name} failed`);
  }
  console.error(
    "Browser: expected Chrome or Chromium, found none and could install none. " +
      "Install one by hand, or set CHROME_PATH to the browser's program.",
  );
  return undefined;
}

/** @param {string[][]} commands */
async function runAll(commands) {
  for (const [command = "", ...args] of commands) {
    if ((await runToEnd(command, args, { DEBIAN_FRONTEND: "noninteractive" })) !== 0) return false;
  }
  return true;
}
