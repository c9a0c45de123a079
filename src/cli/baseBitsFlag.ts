// --base-bits and --double-quant of the commands that load a model to run it.
import { type QuantisedDtype, quantisationTexts } from "../gpu/quantised";
import { type Flag, FlagError, type FlagValues } from "./flags";

export const baseBitsFlags: readonly Flag[] = [
  {
    name: "base-bits",
    value: "N",
    about:
      "bits of the frozen linear weights on the GPU: 16 as in the file, 8 (int8, a scale per row), 4 (NF4, a scale " +
      "per 64 weights); embedding, head, norms and biases stay as they are",
    default: 16,
  },
  { name: "double-quant", about: "with --base-bits 4: the scales in 8 bits too, 0.4 bits a weight less" },
];

/** What the flags ask for; undefined keeps the file's own type. @throws FlagError */
export function quantisationOf(flags: FlagValues): QuantisedDtype | undefined {
  const bits = flags.choice("base-bits", ["16", "8", "4"]) ?? "16";
  if (flags.has("double-quant") && bits !== "4") {
    throw new FlagError("double-quant", `expected --base-bits 4 beside it, got ${bits}`);
  }
  if (bits === "16") return undefined;
  return bits === "8" ? "int8" : flags.has("double-quant") ? "nf4-double" : "nf4";
}

/** @throws FlagError when a flag asks for another base than the run that is resumed had */
export function checkBaseUnchanged(
  flags: FlagValues,
  { quantisation }: { readonly quantisation?: QuantisedDtype | null | undefined },
): void {
  if (!flags.has("base-bits") && !flags.has("double-quant")) return;
  const asked = quantisationOf(flags);
  if (asked === (quantisation ?? undefined)) return;
  const [was, is] = [quantisationText(quantisation), quantisationText(asked)];
  throw new FlagError("base-bits", `expected ${was} as in the run to resume, got ${is}`);
}

/** In words, for cards and complaints. */
export function quantisationText(quantisation: QuantisedDtype | null | undefined): string {
  return quantisation ? quantisationTexts[quantisation] : "16 bits or as in its file";
}
