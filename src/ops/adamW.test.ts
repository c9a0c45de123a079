import { describe, expect, it } from "vitest";
import { parameterBytes } from "../gpu/tensor";
import { type AdamWAttributes, adamW, regionTable } from "./adamW";
import { relativeError } from "./checkOp";
import { array, normal, type TestArray } from "./testing/arrays";
import { defaultDevice } from "./testing/device";
import { type GoldenVariant, loadVariants } from "./testing/goldens";
import { Harness, type Result } from "./testing/harness";
import { adamWScalars, adamWTwin } from "./twins/adamW.twin";

const device = await defaultDevice(navigator.gpu);

const attributes: AdamWAttributes = { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0, maxGradNorm: 0 };

interface State {
  params: TestArray;
  m: TestArray;
  v: TestArray;
}

/** One update on the GPU; stats holds NaN before. */
async function update(state: State, grads: TestArray, t: number, rate: number, options: AdamWAttributes) {
  const harness = await Harness.open(device, { step: adamWScalars(t, rate, options), training: false });
  const stats = await harness.upload("stats", array([4], [7, Number.NaN, Number.NaN, 9]));
  const regionBytes = [parameterBytes(grads.shape)];
  const tensors = {
    params: await harness.upload("params", state.params),
    m: await harness.upload("m", state.m),
    v: await harness.upload("v", state.v),
    grads: await harness.upload("grads", grads),
    stats,
    regions: await harness.upload("regions", array([4], regionTable(regionBytes), "u32")),
    regionBytes,
  };
  adamW(harness.trace, tensors, options);
  for (const name of ["params", "m", "v", "stats"] as const) {
    await harness.keep(name, tensors[name], "parameter");
  }
  const results = await harness.run();
  return (name: "params" | "m" | "v" | "stats"): Result => results.get(name)!;
}

const zeros = (size: number): TestArray => array([size], new Float64Array(size));

describe.each(await loadVariants("adamw"))("adamW, golden $name", (variant: GoldenVariant) => {
  it("ends where PyTorch ends after 20 steps", async () => {
    const options = {
      ...attributes,
      weightDecay: variant.name.includes("decay") ? 0.1 : 0,
      maxGradNorm: variant.name.includes("clipped") ? 1 : 0,
    };
    const initial = variant.get("initial").values;
    const size = initial.length;
    const wanted = (tensor: string, step: number) =>
      variant.get(tensor).values.subarray(step * size, (step + 1) * size);
    let state: State = { params: array([size], initial), m: zeros(size), v: zeros(size) };
    let worst = 0;
    for (let step = 0; step < 20; step++) {
      const rate = variant.get("learning_rates").values[step]!;
      const result = await update(state, array([size], wanted("gradients", step)), step + 1, rate, options);
      const params = result("params").values;
      worst = Math.max(worst, relativeError(params, wanted("parameters", step)));
      const [untouched, norm] = result("stats").values;
      expect(untouched).toBe(7);
      expect(norm! / variant.get("grad_norms").values[step]!).toBeCloseTo(1, 5);
      state = {
        params: array([size], params),
        m: array([size], result("m").values),
        v: array([size], result("v").values),
      };
    }
    expect(worst).toBeLessThan(2e-6);
    expect(relativeError(state.m.values, variant.get("exp_avg").values)).toBeLessThan(2e-6);
    expect(relativeError(state.v.values, variant.get("exp_avg_sq").values)).toBeLessThan(2e-6);
  });
});

describe("adamW", () => {
  // More than 1024 parts of 64 vec4s: the norm's partial sums take more than one turn.
  it.each([1, 257, 300_001])("updates %i values as its twin does", async (size) => {
    const options = { ...attributes, weightDecay: 0.1, maxGradNorm: 1 };
    const state = {
      params: normal(`params ${size}`, [size]),
      m: normal(`m ${size}`, [size], { deviation: 0.1 }),
      v: array(
        [size],
        normal(`v ${size}`, [size]).values.map((value) => value ** 2),
      ),
    };
    const grads = normal(`grads ${size}`, [size]);
    const result = await update(state, grads, 3, 0.01, options);
    const twin = adamWTwin(
      { params: state.params.values, m: state.m.values, v: state.v.values },
      grads.values,
      3,
      0.01,
      options,
    );
    for (const name of ["params", "m", "v"] as const) {
      expect(relativeError(result(name).values, twin[name]), name).toBeLessThan(1e-6);
    }
    expect(result("stats").values[1]! / twin.gradNorm).toBeCloseTo(1, 6);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e30])("a gradient of %d changes nothing", async (bad) => {
    const size = 70;
    const state = {
      params: normal("bad params", [size]),
      m: normal("bad m", [size]),
      v: array([size], normal("bad v", [size]).values.map(Math.abs)),
    };
    const values = normal("bad grads", [size]).values;
    values[33] = bad; // 1e30 is finite, but its square is not
    const result = await update(state, array([size], values), 5, 0.01, { ...attributes, maxGradNorm: 1 });
    for (const name of ["params", "m", "v"] as const) {
      expect(result(name).values, name).toEqual(state[name].values);
    }
    expect(Number.isFinite(result("stats").values[1])).toBe(false);
  });

  it("updates each cell of a race as if it were alone, and leaves those that have ended", async () => {
    const options = { ...attributes, weightDecay: 0.1, maxGradNorm: 1 };
    const rates = [0.01, 0.3, 0.02, 0.02];
    const sizes = [70_000, 64, 300, 640];
    const cells = sizes.map((size, c) => ({
      state: {
        params: normal(`cell params ${c}`, [size]),
        m: normal(`cell m ${c}`, [size], { deviation: 0.1 }),
        v: array([size], normal(`cell v ${c}`, [size]).values.map(Math.abs)),
      },
      grads: normal(`cell grads ${c}`, [size]),
    }));
    cells[2]!.grads.values[11] = Number.NaN;
    const bothScalars = rates.map((rate) => adamWScalars(3, rate, options));
    const harness = await Harness.open(device, {
      step: {
        ...bothScalars[0]!,
        cells: bothScalars.map(({ learningRate, stepSize }, c) => ({
          ...{ learningRate, stepSize, trains: c === 3 ? 0 : 1 },
        })),
      },
      training: false,
    });
    const joined = (arrays: TestArray[]) => {
      const values = arrays.flatMap((part) => [...part.values]);
      return array([values.length], values);
    };
    const regionBytes = sizes.map((size) => size * 4);
    const tensors = {
      params: await harness.upload("params", joined(cells.map(({ state }) => state.params))),
      m: await harness.upload("m", joined(cells.map(({ state }) => state.m))),
      v: await harness.upload("v", joined(cells.map(({ state }) => state.v))),
      grads: await harness.upload("grads", joined(cells.map(({ grads }) => grads))),
      stats: await harness.upload("stats", array([16], new Float64Array(16))),
      regions: await harness.upload("regions", array([16], regionTable(regionBytes), "u32")),
      regionBytes,
    };
    adamW(harness.trace, tensors, options);
    for (const name of ["params", "m", "v", "stats"] as const)
      await harness.keep(name, tensors[name], "parameter");
    const together = await harness.run();
    let first = 0;
    for (const [c, { state, grads }] of cells.entries()) {
      const alone = await update(state, grads, 3, rates[c]!, options);
      for (const name of ["params", "m", "v"] as const) {
        const actual = together.get(name)!.values.slice(first, first + sizes[c]!);
        expect(actual, `${name} of cell ${c}`).toEqual(c === 3 ? state[name].values : alone(name).values);
      }
      const norms = together.get("stats")!.values.slice(4 * c + 1, 4 * c + 3);
      expect(norms).toEqual(alone("stats").values.slice(1, 3));
      first += sizes[c]!;
    }
  });
});
