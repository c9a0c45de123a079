// The built studio in a headless browser of its own, ready to train, for measurements of what a person would see.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright";
import { build, preview } from "vite";
import { chromiumArguments } from "./chromium.mjs";
import { findOrInstallChromium } from "./installChromium.mjs";

/** Builds into a temporary folder, serves it and opens it. Close it in any case. */
export async function openStudioPage() {
  const executablePath = await findOrInstallChromium();
  if (!executablePath) process.exit(1);
  const root = join(import.meta.dirname, "..");
  const outDir = mkdtempSync(join(tmpdir(), "lora-studio-build-"));
  await build({ root, logLevel: "error", build: { outDir, emptyOutDir: true } });
  const server = await preview({ root, logLevel: "warn", build: { outDir }, preview: { port: 0 } });
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  const close = async () => {
    await browser.close();
    await server.close();
    rmSync(outDir, { recursive: true });
  };
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.on("console", (message) => message.type() === "error" && console.error(message.text()));
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    await page
      .getByRole("status")
      .getByText(/^Ready/)
      .waitFor({ timeout: 120_000 });
    return { browser, page, close };
  } catch (error) {
    await close();
    throw error;
  }
}
