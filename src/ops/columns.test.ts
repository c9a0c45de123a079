import { describe, expect, it } from "vitest";
import { activation, checkOp } from "./checkOp";
import { columns } from "./columns";
import { swiglu } from "./swiglu";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { swigluBackward, swigluForward } from "./twins/swiglu.twin";

const device = await defaultDevice(navigator.gpu);

describe("columns", () => {
  // The two halves of one tensor, made one again by another op, so that both get a gradient.
  it.each([
    [1, 1],
    [7, 13],
    [5, 64],
    [131, 6],
  ])("splits %i rows into halves of %i columns", async (N, C) => {
    const half = (values: Float64Array, first: number) =>
      Float64Array.from({ length: N * C }, (_, i) => values[Math.floor(i / C) * 2 * C + first + (i % C)]!);
    const errors = await checkOp(device, {
      operands: { x: activation(normal(`columns ${N} ${C}`, [N, 2 * C])) },
      dOutput: normal(`columns dy ${N} ${C}`, [N, C]),
      build: (trace, { x }) => {
        const [gate, up] = columns(trace, x, [
          ["gate", C],
          ["up", C],
        ]);
        return swiglu(trace, { gate: gate!, up: up! }, { label: "joined" });
      },
      twin: ({ x }, dOutput) => {
        const [gate, up] = [half(x, 0), half(x, C)];
        const d = swigluBackward(gate, up, dOutput);
        const joined = Float64Array.from({ length: N * 2 * C }, (_, i) => {
          const [n, c] = [Math.floor(i / (2 * C)), i % (2 * C)];
          return c < C ? d.gate[n * C + c]! : d.up[n * C + c - C]!;
        });
        return { output: swigluForward(gate, up), gradients: { x: joined } };
      },
      tolerance: { forward: 1e-6, backward: 1e-6 },
    });
    expect([...errors.keys()]).toEqual(["output", "d x"]);
  });
});
