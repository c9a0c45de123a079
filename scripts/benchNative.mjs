// `npm run bench:native`: the benchmark of bench/native, in Node through Dawn.
import { runSource } from "./runSource.mjs";

const args = process.argv.slice(2);
process.exit(await runSource("bench:native", "bench/native/main.ts", args, !args.includes("--help")));
