// The rotary angles of a model's positions, with the scaling its config asks for.
// Source: transformers, modeling_rope_utils.py.
import type { Llama3Scaling, ModelConfig, Rope } from "../formats/modelConfig";
import { rotaryAngles } from "../ops/rotary";

type RotaryConfig = Pick<ModelConfig, "rope" | "headDim">;

/** Values that rotaryTable gives. */
export function rotaryTableSize({ rope, headDim }: RotaryConfig, positions: number): number {
  return rope ? positions * headDim : 4; // a buffer of some size is bound all the same
}

/** Pairs (cos, sin) by position and frequency [positions, D/2]; zeros for a model with learned positions. */
export function rotaryTable(config: RotaryConfig, positions: number): Float32Array<ArrayBuffer> {
  const { rope, headDim } = config;
  return rope
    ? rotaryAngles(positions, rotaryFrequencies(rope, headDim))
    : new Float32Array(rotaryTableSize(config, positions));
}

/** Radians per position of each pair of features [D/2]. Rounded to f32 as in transformers, so that far positions stay in step. */
export function rotaryFrequencies({ theta, scaling }: Rope, headDim: number): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, i) => {
    const frequency = Math.fround(1 / theta ** ((2 * i) / headDim));
    if (!scaling) return frequency;
    return scaling.type === "linear" ? frequency / scaling.factor : llama3Frequency(frequency, scaling);
  });
}

function llama3Frequency(frequency: number, scaling: Llama3Scaling): number {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositionEmbeddings } = scaling;
  const turns = (originalMaxPositionEmbeddings * frequency) / (2 * Math.PI); // within the original length
  if (turns < lowFreqFactor) return frequency / factor;
  if (turns > highFreqFactor) return frequency;
  const smooth = (turns - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
  return ((1 - smooth) * frequency) / factor + smooth * frequency;
}
