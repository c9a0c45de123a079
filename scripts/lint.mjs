// House rules that neither Biome nor dependency-cruiser can state; the last part of `npm run test:lint`.
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";

const root = join(import.meta.dirname, "..");
const testFiles = /[.](test|twin)[.]tsx?$|\/testing\/|\/check[A-Z][A-Za-z]*[.]ts$/;
const pageSide = /^src\/studio\/([A-Za-z]*[mM]essages[.]ts$|client[.]ts$|stores\/)/;

/** One rule a line of code can break: where it holds, what breaks it, what to do instead. */
const lineRules = [
  {
    within: /^(src(?!\/gpu\/)|corpus)/,
    pattern:
      /[.](create(Buffer|BindGroup|(Compute|Render)Pipeline|ShaderModule|QuerySet|Texture|CommandEncoder)(Async|Layout)?|requestDevice)\(/,
    message: "only src/gpu creates WebGPU objects: ask its device, arena or program for it",
  },
  {
    within: /^(src|corpus)/,
    pattern: /\bMath[.]random\b/,
    message: "expected a seeded generator from src/random, got Math.random: the run could not be repeated",
  },
];

const violations = ["src", "corpus"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile() && /[.]tsx?$/.test(entry.name))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
  .filter((file) => !testFiles.test(file))
  .flatMap((file) => check(file, readFileSync(join(root, file), "utf8")));

for (const violation of violations) console.error(violation);
process.exit(violations.length === 0 ? 0 : 1);

/**
 * @param {string} file
 * @param {string} text
 */
function check(file, text) {
  const found = text
    .split("\n")
    .flatMap((line, index) =>
      lineRules
        .filter(
          (rule) => rule.within.test(file) && !/^\s*(\/\/|\*|\/\*)/.test(line) && rule.pattern.test(line),
        )
        .map((rule) => `${file}:${index + 1}: ${rule.message}`),
    );
  if (!pageSide.test(file)) return found;
  // The page loads what its side of the studio imports. Types vanish; schemas and the lab's arithmetic are small.
  for (const [, from = ""] of text.matchAll(/^(?:import|export)\s(?!type\b)[^;"]*?"([.][^"]+)"/gm)) {
    const target = posix.join(posix.dirname(file), from);
    const allowed =
      /^src\/(studio|random)\/|^src\/[a-z]+\/config$|^src\/lab\/(experiment|presets|results|series|verdictText)$|^src\/hub\/knownModels$/.test(
        target.replace(/[.]ts$/, ""),
      );
    if (!allowed)
      found.push(`${file}: the page must not load ${target}: import its types, or use the worker`);
  }
  return found;
}
