// Large files of examples, made for measurements.
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export const formats = ["jsonl", "csv", "txt"];

/**
 * Rows of an instruction and an answer of some hundred bytes, in this project's own words; or a text of them.
 * @param {string} path
 * @param {number} size in bytes, at least
 * @param {string} format
 */
export function writeExamples(path, size, format) {
  const words = readFileSync(join(import.meta.dirname, "../ARCHITECTURE.md"), "utf8").match(/\p{L}+/gu) ?? [];
  let state = 1;
  const random = (/** @type {number} */ most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
  const sentence = (/** @type {number} */ count) =>
    Array.from({ length: count }, () => words[random(words.length)]).join(" ");
  const row = () => {
    const [instruction, output] = [sentence(5 + random(20)), sentence(10 + random(60))];
    if (format === "jsonl") return `${JSON.stringify({ instruction, input: "", output })}\n`;
    return format === "csv" ? `"${instruction}?",,"${output}, and so on."\n` : `${instruction}. ${output}.\n`;
  };
  const file = openSync(path, "w");
  if (format === "csv") writeSync(file, "instruction,input,output\n");
  for (let written = 0; written < size; ) {
    let part = "";
    while (part.length < 1 << 20 && written + part.length < size) part += row();
    written += writeSync(file, part);
  }
  closeSync(file);
}
