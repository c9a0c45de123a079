import { playwright } from "@vitest/browser-playwright";
import { defineConfig } from "vitest/config";
import { chromiumArguments } from "./scripts/chromium.mjs";

// Unit tests run in a real Chromium with real WebGPU; scripts/withBrowser.mjs sets CHROME_PATH.
// "node" holds what only exists there: the command line, file-system readers.
export default defineConfig(({ mode }) => ({
  test: {
    projects: [
      {
        // Whole runs against PEFT take minutes on a software adapter: `npm run test:parity` asks for them.
        define: { "import.meta.env.WHOLE_RUNS": JSON.stringify(mode === "parity") },
        // oracle/goldens.ts reads real models and datasets from ../shared/data where it is present.
        server: { fs: { allow: [".", "../shared/data"] } },
        // Bundled ahead: a dependency found only in mid-run makes Vite reload the page under the tests.
        optimizeDeps: {
          exclude: ["onnxruntime-web"], // finds its WebAssembly beside its own file
          include: [
            "@bufbuild/protobuf/wire",
            "@huggingface/hub",
            "@huggingface/jinja",
            "@huggingface/tokenizers",
            "@jax-js/jax",
            "@mantine/core",
            "@noble/hashes/legacy.js",
            "@noble/hashes/sha2.js",
            "@noble/hashes/utils.js",
            "@tensorflow/tfjs-backend-webgpu",
            "@tensorflow/tfjs-core",
            "@tensorflow/tfjs-core/dist/register_all_gradients",
            "comlink",
            "fast-check",
            "fflate",
            "hyparquet",
            "hyparquet-compressors",
            "hyparquet-writer",
            "idb",
            "ml-matrix",
            "papaparse",
            "react",
            "react/jsx-dev-runtime",
            "react-dom",
            "react-dom/client",
            "zod",
            "zustand",
          ],
        },
        test: {
          name: "browser",
          include: ["{src,corpus,oracle,bench}/**/*.test.{ts,tsx}"],
          exclude: ["src/cli/**"],
          setupFiles: ["vitest.setup.ts"],
          globalSetup: ["src/hub/testing/serveHub.ts"],
          // Software adapters on shared machines stall at times: a test gets more time than it needs, and a second go.
          testTimeout: 120_000,
          retry: 1,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: process.env.CHROME_PATH, args: chromiumArguments },
            }),
            instances: [{ browser: "chromium" }],
          },
        },
      },
      {
        test: {
          name: "node",
          include: ["src/cli/**/*.test.ts"],
          setupFiles: ["vitest.setup.ts"],
          testTimeout: 240_000,
          retry: 1,
        },
      },
    ],
  },
}));
