/** Clipping: what it limits, what it leaves alone, and what it refuses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, grad, leavesOf, tensor, variable, type Tensor } from "@cotangent/core";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "@cotangent/optim";
import { elements } from "./problems.js";

// Powers of smaller numbers would vanish in the plain formulas.
const value = fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((x) => (Math.abs(x) < 1e-50 ? 0 : x));
const values = fc.array(value, { minLength: 1, maxLength: 5 });
const limits = fc.double({ min: 0, max: 100, noNaN: true });
const tree = (a: readonly number[], b: readonly number[]): { a: Tensor; b: readonly Tensor[] } => ({
  a: tensor([...a]),
  b: [tensor([...b])],
});
const euclid = (x: readonly number[]): number => Math.hypot(...x);

describe("by value", () => {
  test("is the nearest number within the limit", () => {
    fc.assert(
      fc.property(values, values, limits, (a, b, limit) => {
        const expected = [...a, ...b].map((x) => Math.max(-limit, Math.min(limit, x)));
        elements(clipByValue(tree(a, b), limit)).forEach((x, i) => expect(x - expected[i]!).toBe(0));
      }),
    );
  });
});

describe("by norms", () => {
  const near = (actual: readonly number[], expected: readonly number[]): void =>
    actual.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-13 * Math.abs(expected[i]!)));
  const scaled = (x: readonly number[], norm: number, limit: number): number[] =>
    x.map((each) => each * Math.min(1, limit / (norm + 1e-6)));

  test("of each leaf by itself", () => {
    fc.assert(
      fc.property(values, values, limits, (a, b, limit) => {
        const { a: first, b: others } = clipByNorm(tree(a, b), limit);
        near(elements(first), scaled(a, euclid(a), limit));
        near(elements(others), scaled(b, euclid(b), limit));
      }),
    );
  });

  test.each<[number, (x: readonly number[]) => number]>([
    [1, (x) => x.reduce((sum, each) => sum + Math.abs(each), 0)],
    [2, euclid],
    [3, (x) => x.reduce((sum, each) => sum + Math.abs(each) ** 3, 0) ** (1 / 3)],
    [Infinity, (x) => Math.max(...x.map(Math.abs))],
  ])("of all leaves together, of order %s", (p, normOf) => {
    fc.assert(
      fc.property(values, values, limits, (a, b, limit) => {
        const { gradients, norm } = clipByGlobalNorm(tree(a, b), limit, { p });
        near([norm.item()], [normOf([...a, ...b])]);
        near(elements(gradients), scaled([...a, ...b], normOf([...a, ...b]), limit));
        if (p === 2) expect(elements(clipByGlobalNorm(tree(a, b), limit).gradients)).toEqual(elements(gradients));
      }),
    );
  });

  test("of nothing and of zeros", () => {
    expect(clipByGlobalNorm({}, 1).norm.item()).toBe(0);
    expect(elements(clipByGlobalNorm(tree([0], [0]), 1).gradients)).toEqual([0, 0]);
    expect(elements(clipByNorm(tree([0], [0]), 0))).toEqual([0, 0]);
  });

  test("keep dtypes, of float32 beside float64 too", () => {
    const mixed = { a: tensor([30], { dtype: "float32" }), b: tensor([40]) };
    for (const clipped of [clipByValue(mixed, 1), clipByNorm(mixed, 1), clipByGlobalNorm(mixed, 1).gradients])
      expect(leavesOf(clipped).map(({ leaf }) => (leaf as Tensor).dtype)).toEqual(["float32", "float64"]);
  });

  test("derivatives flow through, of the norm too", () => {
    const clippedFirst = (x: Tensor): Tensor => clipByGlobalNorm([x], 1).gradients[0]!.slice([0]);
    const derivative = grad(clippedFirst)(tensor([3, 4])).toTypedArray();
    // d/dx of x / (r + ε) is 1 / r - x² / r³, and d/dy is -x y / r³.
    near([...derivative].map((d) => Math.round(d * 1e6) / 1e6), [0.2 - 9 / 125, -12 / 125]); // prettier-ignore
    expect(clipByValue([variable(1)], 2)[0]!.requiresGrad).toBe(true);
    expect(clipByGlobalNorm([tensor(1)], 2).gradients[0]!.requiresGrad).toBe(false);
  });
});

test.each<[RegExp, () => unknown]>([
  [/^clipByValue: expected a limit that is a finite number from 0, got -1/, () => clipByValue({}, -1)],
  [/^clipByNorm: expected a limit that is .*, got NaN/, () => clipByNorm({}, NaN)],
  [/^clipByGlobalNorm: expected a limit that is .*, got undefined/, () => clipByGlobalNorm({}, undefined as never)],
  [/^clipByGlobalNorm: expected a p that is a number above 0, got 0/, () => clipByGlobalNorm({}, 1, { p: 0 })],
  [/^clipByGlobalNorm: unknown option "order"/, () => clipByGlobalNorm({}, 1, { order: 2 } as never)],
  [/^clipByValue: expected a tensor.* at "w", got the string "1"/, () => clipByValue({ w: "1" }, 1)],
  [/^clipByNorm: expected a tensor.* at "w", got null/, () => clipByNorm({ w: null }, 1)],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore
