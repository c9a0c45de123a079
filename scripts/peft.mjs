// `npm run test:peft`: adapters and merged folders as this engine writes them, opened by PEFT and Transformers.
// Needs a Python with them: the one in PYTHON, in .venv or oracle/.venv, or python3. Without one it skips.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runToEnd } from "./process.mjs";

const root = join(import.meta.dirname, "..");
const modules = "torch, transformers, peft, safetensors";

process.chdir(root);
const program = findPython();
if (!program) {
  console.log(`skipped: no Python with ${modules} was found. To have one:
  python3 -m venv .venv && .venv/bin/pip install -r oracle/requirements.txt
or name one: PYTHON=/path/to/python npm run test:peft`);
  process.exit(0);
}
const work = mkdtempSync(join(tmpdir(), "lora-studio-peft-"));
try {
  let code = await runToEnd(process.execPath, [
    join(root, "scripts/cli.mjs"),
    "exportForPeft",
    "--out",
    work,
    ...process.argv.slice(2), // e.g. --cases gpt2-tied-f32
  ]);
  if (code === 0) code = await runToEnd(program, ["oracle/checkPeft.py", work]);
  process.exitCode = code;
} finally {
  rmSync(work, { recursive: true });
}

/** The first that can import what the check needs. A PYTHON that cannot is an error, not a reason to skip. */
function findPython() {
  const named = process.env.PYTHON;
  if (named) {
    const { status, stderr, error } = tryPython(named);
    if (status === 0) return named;
    console.error(
      `PYTHON: expected a Python with ${modules}, got ${named}: ${error?.message ?? stderr.trim()}`,
    );
    process.exit(1);
  }
  const folder = process.platform === "win32" ? "Scripts/python.exe" : "bin/python";
  const candidates = [join(".venv", folder), join("oracle/.venv", folder), "python3"];
  return candidates.find((candidate) => tryPython(candidate).status === 0);
}

/** @param {string} python */
function tryPython(python) {
  return spawnSync(python, ["-c", `import ${modules}`], { encoding: "utf8" });
}
