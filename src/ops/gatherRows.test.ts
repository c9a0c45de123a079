import { describe, expect, it } from "vitest";
import { activation, checkOp, frozen } from "./checkOp";
import { gatherRows } from "./gatherRows";
import { array, normal } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { gatherBackward, gatherForward } from "./twins/gatherRows.twin";
import { matrix } from "./twins/matrix.twin";

const device = await defaultDevice(navigator.gpu);

describe("gatherRows", () => {
  it.each([
    { N: 1, C: 1, R: 1, kept: [0] },
    { N: 9, C: 13, R: 5, kept: [8, 2, 3] },
    { N: 70, C: 66, R: 68, kept: [69, 0, 33, 34] },
    { N: 5, C: 3, R: 5, kept: [] },
  ])("moves rows exactly: %j", async ({ N, C, R, kept }) => {
    const name = `gather ${N} ${C}`;
    const lossRows = kept.length;
    // Entries past lossRows point anywhere: nothing of them may reach y.
    const rowIndex = Array.from({ length: R }, (_, r) => kept[r] ?? N - 1);
    const rowSlot = Array.from({ length: N }, (_, n) => kept.indexOf(n) + 1);
    const errors = await checkOp(device, {
      operands: {
        x: activation(normal(`${name} x`, [N, C])),
        rowIndex: frozen(array([R], rowIndex, "u32")),
        rowSlot: frozen(array([N], rowSlot, "u32")),
      },
      step: { lossRows },
      dOutput: normal(`${name} dy`, [R, C]),
      build: (trace, operands) => gatherRows(trace, operands, { label: "rows" }),
      twin: ({ x }, dOutput) => ({
        output: gatherForward(matrix(x, N, C), rowIndex, lossRows).values,
        gradients: { x: gatherBackward(matrix(x, N, C), rowIndex, lossRows, matrix(dOutput, R, C)).values },
      }),
      tolerance: { forward: 0, backward: 0 },
    });
    expect([...errors.keys()]).toEqual(["output", "d x"]);
  });
});
