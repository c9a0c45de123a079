// Finds a Chrome or Chromium to test with, and says how to start it with WebGPU.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Flags that give headless Chromium a WebGPU adapter (SwiftShader where there is no GPU). */
export const chromiumArguments = [
  "--no-sandbox",
  "--enable-unsafe-webgpu",
  "--disable-background-networking",
  "--disable-component-update",
];

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe",
];

/**
 * Path of a browser that is already here, or undefined. CHROME_PATH wins.
 * @returns {string | undefined}
 * @throws when CHROME_PATH names no file
 */
export function findChromium() {
  const asked = process.env.CHROME_PATH;
  if (asked) {
    if (!existsSync(asked))
      throw new Error(`CHROME_PATH: expected a browser, got ${asked}, which does not exist`);
    return asked;
  }
  const installed = usualPlaces.find((path) => existsSync(path));
  if (installed) return installed;
  // Loaded late: Playwright takes most of a second, which every command line would pay for.
  /** @type {typeof import("playwright")} */
  const { chromium } = require("playwright");
  return existsSync(chromium.executablePath()) ? chromium.executablePath() : undefined;
}
