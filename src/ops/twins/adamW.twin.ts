// float64 twin of adamW.ts: clipping as torch.nn.utils.clip_grad_norm_, the update as torch.optim.AdamW.
import type { AdamWAttributes } from "../adamW";

export interface AdamWTwinState {
  readonly params: Float64Array;
  readonly m: Float64Array;
  readonly v: Float64Array;
}

/** The scalars of step `t` (from 1) that a kernel gets ready-made. */
export function adamWScalars(t: number, learningRate: number, { beta1, beta2 }: AdamWAttributes) {
  return {
    learningRate,
    stepSize: learningRate / (1 - beta1 ** t),
    sqrtBiasCorrection2: Math.sqrt(1 - beta2 ** t),
  };
}

export function adamWTwin(
  { params, m, v }: AdamWTwinState,
  gradient: Float64Array,
  t: number,
  rate: number,
  attributes: AdamWAttributes,
): AdamWTwinState & { gradNorm: number } {
  const { beta1, beta2, eps, weightDecay, maxGradNorm } = attributes;
  const gradNorm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (gradNorm + 1e-6)) : 1;
  const g = gradient.map((value) => value * clip);
  const newM = m.map((value, i) => beta1 * value + (1 - beta1) * g[i]!);
  const newV = v.map((value, i) => beta2 * value + (1 - beta2) * g[i]! ** 2);
  const { stepSize, sqrtBiasCorrection2 } = adamWScalars(t, rate, attributes);
  return {
    params: params.map(
      (value, i) =>
        value * (1 - rate * weightDecay) -
        (stepSize * newM[i]!) / (Math.sqrt(newV[i]!) / sqrtBiasCorrection2 + eps),
    ),
    m: newM,
    v: newV,
    gradNorm,
  };
}
