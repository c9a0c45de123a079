// The page that `npm run bench` opens: nothing but the benchmark. scripts/bench.mjs puts `onBenchEvent` in place.
import { startBench } from "./client";
import type { BenchEvent } from "./report";

declare global {
  interface Window {
    onBenchEvent(event: BenchEvent): Promise<void>;
  }
}

const asked = new URLSearchParams(window.location.search);
const options = {
  quick: asked.has("quick"),
  peers: asked.get("against")?.split(",") ?? !asked.has("alone"),
  ...(asked.has("only") && { only: asked.get("only")! }),
};
const told: Promise<void>[] = [];
startBench(options, (event) => told.push(window.onBenchEvent(event))).done.then(
  async () => {
    await Promise.all(told);
    document.title = "done";
  },
  (error: Error) => {
    document.title = `failed: ${error.message}`;
  },
);
