// The --dtype flag of the commands that write model weights.
import type { FloatDtype } from "../formats/tensor";
import type { FlagValues } from "./flags";

const dtypes = { f32: "F32", f16: "F16", bf16: "BF16" } as const;

/** --dtype; F32 by default, because 16 bits round small updates away. @throws FlagError */
export function parseDtype(flags: FlagValues): FloatDtype {
  return dtypes[flags.choice("dtype", ["f32", "f16", "bf16"]) ?? "f32"];
}
