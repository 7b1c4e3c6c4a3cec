/** Random shapes and tensors: within what was asked, shrinking to what is readable, and properties that reproduce. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tensor, zeros, type Tensor } from "@cotangent/core";
import {
  broadcastableShapes, broadcastableTensors, gradientProperty, shapes, tensors,
} from "@cotangent/core/check"; // prettier-ignore

test("shapes keep to the ranks and sizes asked for, and reach their ends", () => {
  const list = fc.sample(shapes({ minRank: 1, maxRank: 2, minSize: 0, maxSize: 3 }), { numRuns: 300, seed: 1 });
  expect([...new Set(list.map((s) => s.length))].sort()).toEqual([1, 2]);
  expect([...new Set(list.flat())].sort()).toEqual([0, 1, 2, 3]);
});

test("pairs broadcast, with axes of size 1 and missing ones on both sides", () => {
  const pairs = fc.sample(broadcastableShapes({ minSize: 0 }), { numRuns: 300, seed: 1 });
  for (const [a, b] of pairs) expect(() => zeros(a).add(zeros(b))).not.toThrow();
  expect(pairs.some(([a, b]) => a.length < b.length)).toBe(true);
  expect(pairs.some(([a, b]) => a.length > b.length)).toBe(true);
  expect(pairs.some(([a, b]) => a.length === b.length && a.some((n, i) => n === 1 && b[i]! > 1))).toBe(true);
});

test("values lie on the grid, between the bounds, away from what is avoided, and distinct on request", () => {
  fc.assert(
    fc.property(tensors({ min: -1, max: 2, step: 1 / 16, avoid: [0, 1], gap: 0.25 }), (x) => {
      for (const v of x.toTypedArray()) {
        expect(v >= -1 && v <= 2 && Number.isInteger(v * 16)).toBe(true);
        expect(Math.abs(v) >= 0.25 && Math.abs(v - 1) >= 0.25).toBe(true);
      }
    }),
  );
  fc.assert(
    fc.property(tensors({ shape: [6], distinct: true }), (x) => {
      expect(new Set(x.toTypedArray()).size).toBe(6);
    }),
  );
});

test.each(["float64", "float32", "int32", "bool"] as const)("%s", (dtype) => {
  const list = fc.sample(tensors({ dtype, shape: shapes({ minSize: 0 }) }), { numRuns: 50, seed: 1 });
  expect(list.every((x) => x.dtype === dtype)).toBe(true);
});

/** The smallest counterexample that fast-check finds. */
function smallest(arbitrary: fc.Arbitrary<Tensor>, holds: (x: Tensor) => boolean): Tensor {
  return fc.check(fc.property(arbitrary, holds), { seed: 1, numRuns: 1000 }).counterexample![0];
}

test("they shrink to the smallest shape and the roundest values", () => {
  expect(smallest(tensors(), (x) => x.rank < 2).toArray()).toEqual([[0]]);
  expect(smallest(tensors({ shape: [3] }), (x) => x.max().item() < 3).toArray()).toEqual([3, 0, 0]);
  expect(smallest(tensors({ shape: [2], avoid: [0] }), () => false).toArray()).toEqual([1 / 8, 1 / 8]);
});

describe("gradientProperty", () => {
  const f = (x: Tensor, y: Tensor): Tensor => x.mul(y.sum().item()).sum();
  const inputs = [tensors({ shape: shapes({ maxRank: 2 }) }), tensors({ shape: shapes({ maxRank: 2 }) })];

  test("passes what is right, over broadcasting pairs", () => {
    const pair = broadcastableTensors();
    expect(gradientProperty((p: Tensor[]) => p[0]!.mul(p[1]!).tanh(), [pair], { numRuns: 20, order: 2 })).toBe(20);
  });

  test("a failure tells seed and path, which give the same inputs at once", () => {
    const caught = (options: object): Error & { counterexample: Tensor[] } => {
      try {
        gradientProperty(f, inputs, options);
      } catch (error) {
        return error as never;
      }
      throw new Error("passed");
    };
    const first = caught({ seed: 3 });
    expect(first.counterexample.map((x) => x.size)).toEqual([1, 1]);
    const [, seed, path] = /seed: (-?\d+), path: "([\d:]*)"/.exec(first.message)!;
    expect(caught({ seed: Number(seed), path }).message).toContain(/gradcheck\(f, .*\)/.exec(first.message)![0]);
    expect(first.message).toMatch(/gradcheck\(f, \[tensor\([-\d.]+\), tensor\([-\d.]+\)\]\)/);
  });

  test("what the function throws is told too", () => {
    expect(() => gradientProperty((x) => x.matmul(tensor([1, 2, 3])), [tensors({ shape: [2] })])).toThrow(
      /ShapeError: matmul/,
    );
  });
});

test.each<[RegExp, () => unknown]>([
  [/shapes: expected minRank to be at most maxRank, got 4 and 3/, () => shapes({ minRank: 4 })],
  [/shapes: expected minSize to be an integer from 0, got -1/, () => shapes({ minSize: -1 })],
  [/shapes: unknown option "rank"/, () => shapes({ rank: 2 } as never)],
  [/tensors: expected a multiple of the step/, () => tensors({ min: 0.01, max: 0.02 })],
  [/tensors: expected a positive step, got 0/, () => tensors({ step: 0 })],
  [/tensors: expected room/, () => tensors({ min: 0, max: 1, avoid: [0.5], gap: 2 })],
  [/tensors: expected a dtype/, () => tensors({ dtype: "float16" as never })],
  [/gradientProperty: expected a list of arbitraries/, () => gradientProperty((x) => x, [])],
  [/gradientProperty: unknown option "runs"/, () => gradientProperty((x) => x, [tensors()], { runs: 1 } as never)],
])("%s", (says, run) => expect(run).toThrow(says));
