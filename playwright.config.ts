// End-to-end tests: the built studio, in the browser that scripts/withBrowser.mjs found, with real WebGPU.
import { defineConfig } from "@playwright/test";
import { chromiumArguments } from "./scripts/chromium.mjs";

const port = 41731;

export default defineConfig({
  testDir: "e2e",
  // One after the other: a software adapter trains on all cores of the machine.
  workers: 1,
  timeout: 10 * 60_000,
  // As in vitest.config.ts; the report tells a test that passed the second time as flaky.
  retries: 1,
  expect: { timeout: 60_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: {
    baseURL: `http://localhost:${port}`,
    browserName: "chromium",
    launchOptions: { executablePath: process.env.CHROME_PATH, args: chromiumArguments },
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
  },
  webServer: {
    command: `vite build --logLevel warn && vite preview --port ${port} --strictPort`,
    url: `http://localhost:${port}`,
    timeout: 120_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: "SIGTERM", timeout: 2000 },
  },
});
