// float64 twin of swiglu.ts: y = gate·sigmoid(gate)·up. Shazeer 2020.
type Values = Float64Array;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const swigluForward = (gate: Values, up: Values): Values =>
  gate.map((g, i) => g * sigmoid(g) * up[i]!);

export function swigluBackward(gate: Values, up: Values, dy: Values): { gate: Values; up: Values } {
  return {
    gate: gate.map((g, i) => {
      const s = sigmoid(g);
      return dy[i]! * up[i]! * (s + g * s * (1 - s));
    }),
    up: gate.map((g, i) => dy[i]! * g * sigmoid(g)),
  };
}
