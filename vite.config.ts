import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** What the benchmark is held against; it reports which versions took part. */
const peers = ["@jax-js/jax", "@tensorflow/tfjs-backend-webgpu", "onnxruntime-web"];
const versionOf = (name: string): string =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

export default defineConfig({
  plugins: [react()],
  // Found only when the worker starts, its dependencies would be bundled then, and the page reloaded.
  optimizeDeps: {
    entries: ["index.html", "src/studio/!(*.test).ts", "bench/page.ts", "bench/worker.ts"],
    exclude: ["onnxruntime-web"], // finds its WebAssembly beside its own file
  },
  define: {
    __PEER_VERSIONS__: JSON.stringify(Object.fromEntries(peers.map((name) => [name, versionOf(name)]))),
  },
  worker: { format: "es" },
  build: { target: "es2023", sourcemap: true },
});
