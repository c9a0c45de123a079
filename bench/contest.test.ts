// How results are compared and samples taken, on contestants whose time is a counter.
import { describe, expect, it } from "vitest";
import { type Contestant, holdContest, largestDifference, quantile } from "./contest";

const effort = { samples: 5, msPerContestant: 1000, msPerSample: 1 };

/** A clock that only contestants move on. */
function clock() {
  let ms = 0;
  const log: string[] = [];
  const contestant = (name: string, runMs: number, values: readonly number[], closed: string[] = []) => ({
    name,
    open: async (): Promise<Contestant> => ({
      results: async () => new Map([["y", Float32Array.from(values)]]),
      run: () => {
        ms += runMs;
        log.push(name);
      },
      finish: async () => {},
      close: () => {
        closed.push(name);
      },
    }),
  });
  return { now: () => ms, log, contestant };
}

const about = { id: "case", title: "A case", flops: 10, tolerance: 1e-3 };

describe("holdContest", () => {
  it("gives each contestant's median, and how much longer than the first it takes", async () => {
    const { now, contestant } = clock();
    const entries = [contestant("ours", 2, [1, 2]), contestant("theirs", 7, [1, 2.001])];
    const result = await holdContest({ ...about, entries }, effort, now);
    const [ours, theirs] = result.contestants;
    expect(ours).toMatchObject({ timing: { medianMs: 2, lowMs: 2, highMs: 2, samples: 5 }, ratio: 1 });
    expect(theirs).toMatchObject({ timing: { medianMs: 7 }, ratio: 3.5 });
    expect(theirs!.difference).toBeCloseTo(5e-4, 6);
  });

  it("takes samples in turns and changes who begins", async () => {
    const { now, log, contestant } = clock();
    const entries = [contestant("a", 5, [1]), contestant("b", 5, [1]), contestant("c", 5, [1])];
    await holdContest({ ...about, entries }, { ...effort, samples: 3 }, now);
    // One run each finds out how often to repeat; then three rounds.
    expect(log.join("")).toBe("abcabcbcacab");
  });

  it("leaves out whoever computes something else, fails or has nothing to compare with, and says why", async () => {
    const { now, log, contestant } = clock();
    const closed: string[] = [];
    const refusing = { name: "absent", open: () => Promise.reject(new Error("no such backend")) };
    const wrong = [
      contestant("wrong", 1, [1, 3], closed),
      contestant("longer", 1, [1, 2, 3], closed),
      contestant("nothing", 1, [1, Number.NaN], closed),
    ];
    const entries = [contestant("ours", 1, [1, 2], closed), ...wrong, refusing];
    const { contestants } = await holdContest({ ...about, entries }, effort, now);
    expect(contestants.map(({ timing }) => timing !== undefined)).toEqual([true, false, false, false, false]);
    expect(contestants[1]!.skipped).toBe("results: expected within 0.001 of ours's, got 5.0e-1");
    expect(contestants[4]!.skipped).toBe("no such backend");
    expect(new Set(log)).toEqual(new Set(["ours"]));
    expect(closed.sort()).toEqual(["longer", "nothing", "ours", "wrong"]);
  });

  it("repeats short runs within a sample and stops early where runs are long", async () => {
    const { now, contestant } = clock();
    const entries = [contestant("short", 1, [1]), contestant("long", 600, [1])];
    const thorough = { samples: 9, msPerContestant: 1000, msPerSample: 20 };
    const { contestants } = await holdContest({ ...about, entries }, thorough, now);
    expect(contestants[0]!.timing).toMatchObject({ samples: 9, runsPerSample: 20, medianMs: 1 });
    expect(contestants[1]!.timing).toMatchObject({ samples: 3, runsPerSample: 1, medianMs: 600 });
  });
});

describe("quantile", () => {
  it("interpolates between neighbours", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([4, 1, 3, 2], 0.25)).toBe(1.75);
    expect(quantile([7], 0.75)).toBe(7);
  });
});

describe("largestDifference", () => {
  it("is relative to the largest value of the same array", () => {
    const wanted = new Map([["a", Float32Array.of(1, -10)], ["b", Float32Array.of(2)]]); // biome-ignore format: a table
    expect(largestDifference(new Map([["a", Float32Array.of(2, -10)]]), wanted)).toBeCloseTo(0.1);
    expect(largestDifference(new Map([["b", Float32Array.of(3)]]), wanted)).toBeCloseTo(0.5);
    expect(() => largestDifference(new Map([["c", Float32Array.of(3)]]), wanted)).toThrow("got c");
  });
});
