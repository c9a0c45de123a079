// What was measured about this machine's GPUs, kept beside the downloaded models so that it is measured once.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Gpu } from "../gpu/device";
import { cacheFolder } from "./cacheFolder";

/** A file for each GPU, by its name. */
const fileOf = (name: string): string =>
  join(cacheFolder(process.env), "gpus", `${name.replaceAll(/[^\w.-]+/g, "_")}.json`);

/** Gives the GPU what is known of it, and keeps what it learns; without a place to write it is measured each time. */
export function keepChoices({ name, tuner }: Gpu, file = fileOf(name)): void {
  try {
    tuner.restore(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    // Not there, or cut short: measured again.
  }
  tuner.onMeasured = (choices) => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${JSON.stringify(choices, null, 2)}\n`);
    } catch {
      // A machine without a writable home.
    }
  };
}
