import { describe, expect, it } from "vitest";
import { activation, checkOp } from "./checkOp";
import { swiglu } from "./swiglu";
import { normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { swigluBackward, swigluForward } from "./twins/swiglu.twin";

const device = await defaultDevice(navigator.gpu);

describe("swiglu", () => {
  // Gates of deviation 40 pass the point where exp overflows in f32.
  it.each([
    [1, 1, 1],
    [7, 101, 1],
    [3, 64, 40],
  ])("agrees with its twin: %i×%i, deviation %d", async (N, C, deviation) => {
    const name = `swiglu ${N} ${C}`;
    const errors = await checkOp(device, {
      operands: {
        gate: activation(normal(`${name} gate`, [N, C], { deviation })),
        up: activation(normal(`${name} up`, [N, C])),
      },
      dOutput: normal(`${name} dy`, [N, C]),
      build: (trace, { gate, up }) => swiglu(trace, { gate, up }, { label: "swiglu" }),
      twin: ({ gate, up }, dOutput) => ({
        output: swigluForward(gate, up),
        gradients: swigluBackward(gate, up, dOutput),
      }),
      tolerance: { forward: 1e-6, backward: 1e-6 },
    });
    expect([...errors.keys()]).toEqual(["output", "d gate", "d up"]);
  });
});
