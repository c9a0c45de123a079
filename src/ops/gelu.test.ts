import { describe, expect, it } from "vitest";
import { activation, checkOp } from "./checkOp";
import { gelu } from "./gelu";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { geluBackward, geluForward } from "./twins/gelu.twin";

const device = await defaultDevice(navigator.gpu);

describe("gelu", () => {
  // Inputs of deviation 40 pass the point where exp overflows in f32; of 1e13, where x³ does.
  it.each([
    [1, 1, 1],
    [7, 101, 1],
    [3, 64, 40],
    [2, 9, 1e13],
  ])("agrees with its twin: %i×%i, deviation %d", async (N, C, deviation) => {
    const name = `gelu ${N} ${C}`;
    const errors = await checkOp(device, {
      operands: { x: activation(normal(`${name} x`, [N, C], { deviation })) },
      dOutput: normal(`${name} dy`, [N, C]),
      build: (trace, { x }) => gelu(trace, { x }, { label: "gelu" }),
      twin: ({ x }, dOutput) => ({ output: geluForward(x), gradients: { x: geluBackward(x, dOutput) } }),
      tolerance: { forward: 1e-6, backward: 2e-6 },
    });
    expect([...errors.keys()]).toEqual(["output", "d x"]);
  });
});
