// float64 twin of gelu.ts: y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))). Hendrycks & Gimpel 2016.
type Values = Float64Array;

const scale = Math.sqrt(2 / Math.PI);
const tanhOf = (x: number): number => Math.tanh(scale * (x + 0.044715 * x ** 3));

export const geluForward = (x: Values): Values => x.map((v) => (v / 2) * (1 + tanhOf(v)));

export const geluBackward = (x: Values, dy: Values): Values =>
  x.map((v, i) => {
    const t = tanhOf(v);
    const slope = scale * (1 + 3 * 0.044715 * v * v);
    return dy[i]! * ((1 + t) / 2 + (v / 2) * (1 - t * t) * slope);
  });
