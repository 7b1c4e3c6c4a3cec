/** Random shapes and tensors: within what was asked, shrinking to what is readable, and properties that reproduce. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defineOp, ShapeError, tensor, zeros, type Tensor } from "@cotangent/core";
import {
  broadcastableShapes, broadcastableTensors, gradcheck, gradientProperty, shapes, tensors, type GradientReport,
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

  /** Runs what is printed as somebody who pasted it would, where the names of the message are known. */
  const pasted = (line: string, names: object): unknown => {
    const known = { gradcheck, gradientProperty, tensor, ...names };
    return (new Function(...Object.keys(known), `return ${line};`) as (...values: unknown[]) => unknown)(
      ...Object.values(known),
    );
  };
  const thrown = (run: () => unknown): Error & { counterexample: unknown[]; report: GradientReport } => {
    try {
      run();
    } catch (error) {
      return error as never;
    }
    throw new Error("passed");
  };

  const twice = defineOp({
    name: "twice",
    forward: (x: Tensor, y: Tensor) => x.mul(y).mul(2),
    // The product's rule, without the 2 for x, and with the operands of y's transposed.
    vjp: (ct, [x, y]) => [ct.mul(y), ct.mul(x).mul(2)],
  });
  const square = shapes({ minRank: 2, maxRank: 2, minSize: 2, maxSize: 3 });
  const cut = (x: Tensor): Tensor => x.mul(x.sum().item());
  const rows: readonly (readonly [string, (...args: never[]) => Tensor, readonly fc.Arbitrary<unknown>[], object])[] = [
    ["two tensors", f, inputs, {}],
    ["an operator", (x: Tensor) => twice(x, x.tanh()).sum(), [tensors({ min: 0.5, shape: shapes({ minRank: 1 }) })], { mode: "full", order: 2, projections: 1 }],
    ["pairs that broadcast", ([x, y]: [Tensor, Tensor]) => x.mul(y).mul(y.sum().item()), [broadcastableTensors()], {}],
    ["a tree", ({ w, b }: { w: Tensor; b: Tensor[] }) => cut(w.matmul(w.transpose())).sum().add(b[0]!.sum()), [fc.record({ w: tensors({ shape: square }), b: fc.tuple(tensors({ shape: [1] })) })], {}],
    ["float32, indices, numbers, masks", (x: Tensor, i: Tensor, c: Tensor, mask: Tensor) => cut(x).take(i).mul(c).mul(mask.astype("float64")).sum(), [tensors({ shape: [3], dtype: "float32", min: 1 }), tensors({ shape: [2], dtype: "int32", min: 0, max: 2 }), fc.constantFrom(1, -0, 2.5), tensors({ shape: [2], dtype: "bool" })], {}],
    ["empty ones beside", (x: Tensor, none: Tensor) => cut(x).add(none.sum()), [tensors(), tensors({ shape: [0, 2] })], {}],
    ["what throws", (x: Tensor) => (x.size > 2 ? x.matmul(tensor([1])) : x), [tensors({ shape: shapes({ maxRank: 1 }) })], {}],
  ]; // prettier-ignore

  test.each(rows)("the lines printed for %s reproduce the failure", (name, g, arbitraries, how) => {
    const error = thrown(() => gradientProperty(g, arbitraries, { seed: 5, ...how }));
    const [, one, all] = error.message.split("\n").map((line) => line.trim());
    expect(one).toMatch(/^gradcheck\(f, \[/);
    expect(all).toMatch(/^gradientProperty\(f, arbitraries, \{ seed: 5, path: "/);
    const sizes = JSON.stringify(error.counterexample, function (this: Record<string, unknown>, key, x: unknown) {
      // Before toJSON gives the elements.
      const held = this[key];
      return held instanceof Object && "size" in held ? held.size : x;
    });
    for (const size of sizes.match(/\d+/g)!) expect(Number(size)).toBeLessThanOrEqual(4);
    const again = thrown(() => pasted(all!, { f: g, arbitraries }));
    expect(again.message.split("\n")[1]!.trim()).toBe(one);
    if (name === "what throws") expect(() => pasted(one!, { f: g })).toThrow(ShapeError);
    else {
      const report = pasted(one!, { f: g }) as GradientReport;
      expect(report.ok).toBe(false);
      expect(report.failures).toEqual(error.report.failures);
    }
  }); // prettier-ignore

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
  [
    /^gradientProperty: expected arbitraries such as tensors\(\), got 3 for argument 0/,
    () => gradientProperty((x) => x, [3] as never),
  ],
  [
    /^gradientProperty: expected arbitraries such as tensors\(\), got a Tensor for argument 1/,
    () => gradientProperty((x) => x, [tensors(), tensor(1)] as never),
  ],
  [
    /^gradientProperty: expected mode "fast" or "full", got 3/,
    () => gradientProperty((x) => x, [tensors()], { mode: 3 as never }),
  ],
  [
    /^gradientProperty: expected numRuns to be an integer from 1, got 0/,
    () => gradientProperty((x) => x, [tensors()], { numRuns: 0 }),
  ],
  [
    /^gradientProperty: expected a seed that is an integer, got 1.5/,
    () => gradientProperty((x) => x, [tensors()], { seed: 1.5 }),
  ],
  [
    /^gradientProperty: expected a path such as "3:0:1", .*got the string "x"/,
    () => gradientProperty((x) => x, [tensors()], { path: "x" }),
  ],
  [
    /^gradientProperty: expected a path that belongs to the seed/,
    () => gradientProperty((x) => x, [tensors({ shape: [] })], { seed: 1, path: "0:99999" }),
  ],
  [
    /^tensors: expected a shape such as \[2, 3\], or an arbitrary such as shapes\(\), got 3/,
    () => tensors({ shape: 3 as never }),
  ],
  [/^tensors: expected a list of values to avoid, such as \[0\], got 0/, () => tensors({ avoid: 0 as never })],
  [/^tensors: expected min to be a finite number, got -Infinity/, () => tensors({ min: -Infinity })],
  [/^tensors: expected distinct to be true or false, got 1/, () => tensors({ distinct: 1 as never })],
  [
    /^broadcastableTensors: expected minSize to be an integer from 0, got -1/,
    () => broadcastableTensors({ shapes: { minSize: -1 } }),
  ],
  [/gradientProperty: unknown option "runs"/, () => gradientProperty((x) => x, [tensors()], { runs: 1 } as never)],
])("%s", (says, run) => expect(run).toThrow(says));
