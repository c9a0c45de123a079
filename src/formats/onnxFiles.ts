// Which files of a folder are an ONNX export, by the names that Optimum, transformers.js and onnxruntime-genai give
// them, and which of several exports keeps most of the weights.

/** From all bits of the weights to few of them. Exports of a decoder's later tokens alone hold the same once more. */
const endings = ["", "_fp16", "_int8", "_uint8", "_quantized", "_q4", "_q4f16"];
const stems = ["model", "decoder_model_merged", "decoder_model"];
const ranking = endings.flatMap((ending) => stems.map((stem) => `${stem}${ending}.onnx`));

/** An export, or a file that a large one keeps its weights in. */
export const isOnnxFile = (name: string): boolean => /\.onnx([._]data(_\d+)?)?$/.test(name);

/**
 * The best export among `names`, and the files that belong to it.
 * @returns undefined where there is none, or several of names that say nothing of what they are
 */
export function bestExport(
  names: Iterable<string>,
): { readonly name: string; readonly files: string[] } | undefined {
  const all = [...names];
  const exports = all.filter((name) => name.endsWith(".onnx"));
  const best =
    ranking.find((name) => exports.includes(name)) ?? (exports.length === 1 ? exports[0] : undefined);
  if (best === undefined) return undefined;
  return {
    name: best,
    files: all.filter((name) => isOnnxFile(name) && (name === best || isDataOf(best, name))),
  };
}

const isDataOf = (name: string, other: string): boolean =>
  other.startsWith(`${name}_data`) || other.startsWith(`${name}.data`);
