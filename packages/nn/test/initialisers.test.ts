/** Initialisers: moments, seeds, dtypes, and what they refuse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, random, ShapeError } from "@cotangent/core";
import { heNormal, lecunNormal, normalInit, xavierNormal, zerosInit, type Initialiser } from "@cotangent/nn";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** Each initialiser with the variance that its paper gives a weight of `fanIn` inputs and `fanOut` outputs. */
const cases: readonly [string, Initialiser, (fanIn: number, fanOut: number) => number][] = [
  ["zerosInit", zerosInit, () => 0],
  ["normalInit", normalInit({ std: 0.3 }), () => 0.09],
  ["xavierNormal", xavierNormal, (fanIn, fanOut) => 2 / (fanIn + fanOut)],
  ["heNormal", heNormal, (fanIn) => 2 / fanIn],
  ["lecunNormal", lecunNormal, (fanIn) => 1 / fanIn],
];

describe.each(cases)("%s", (name, init, variance) => {
  // 10 000 numbers each; the sides differ, so that fan-in and fan-out cannot be mistaken for each other.
  test.each([[25, 400], [400, 25], [100, 100]])("moments of a weight %d × %d", (fanIn, fanOut) => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const w = init(random(seed), [fanIn, fanOut]);
        const n = w.size;
        const sigma = Math.sqrt(variance(fanIn, fanOut));
        // Six standard deviations: σ/√n of the mean, σ²·√(2/n) of the variance, √(q(1-q)/n) of a share q. Each is
        // missed twice in 1e9 draws.
        expect(Math.abs(w.mean().item())).toBeLessThanOrEqual((6 * sigma) / Math.sqrt(n));
        const second = w.square().mean().item();
        expect(Math.abs(second - sigma ** 2)).toBeLessThanOrEqual(6 * sigma ** 2 * Math.sqrt(2 / n));
        if (sigma === 0) return;
        const q = 0.31731; // of normal numbers beyond one standard deviation
        const beyond = w.abs().greater(sigma).mean().item();
        expect(Math.abs(beyond - q)).toBeLessThan(6 * Math.sqrt((q * (1 - q)) / n));
      }),
      { numRuns: 5 },
    );
  }); // prettier-ignore

  test("the same seed gives the same bits; the stream goes on", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [a, b] = [random(seed), random(seed)];
        const first = init(a, [3, 4]).toArray();
        expect(init(b, [3, 4]).toArray()).toEqual(first);
        if (name === "zerosInit") return;
        expect(init(a, [3, 4]).toArray()).not.toEqual(first);
        expect(init(random(seed + 1), [3, 4]).toArray()).not.toEqual(first);
      }),
      { numRuns: 20 },
    );
  });

  test("float64 unless float32 is asked for, which is the float64 rounded", () => {
    const wide = init(random(7), [3, 4]);
    const narrow = init(random(7), [3, 4], { dtype: "float32" });
    expect([wide.dtype, narrow.dtype]).toEqual(["float64", "float32"]);
    expect([...narrow.toTypedArray()]).toEqual(Array.from(wide.toTypedArray(), Math.fround));
  });

  test("a shape of any number of axes from two", () => {
    expect(init(random(1), [2, 3]).shape).toEqual([2, 3]);
    expect(init(random(1), [2, 3, 4]).shape).toEqual([2, 3, 4]);
  });

  test.each([[[2, -1]], [[2.5, 2]]])("the shape %j is refused", (shape) => {
    expect(() => init(random(1), shape)).toThrow(ShapeError);
  });
});

const scaled = cases.filter(([name]) => !["zerosInit", "normalInit"].includes(name));
describe.each(scaled)("%s has no fans", (name, init) => {
  test.each([[[]], [[5]]])("in the shape %j", (shape) => {
    expect(() => init(random(1), shape)).toThrow(ArgumentError);
    expect(() => init(random(1), shape)).toThrow(`${name}: expected a weight with at least two axes`);
  });
});

// Text that reads as a number is none, though "1" >= 0 holds.
test.each([-1, NaN, Infinity, "1"])("normalInit refuses the standard deviation %s", (std) => {
  expect(() => normalInit({ std: std as number })).toThrow(ArgumentError);
  expect(() => normalInit({ std: std as number })).toThrow(/normalInit: expected a finite std from 0/);
});

test("normalInit takes 0, and no other option than std", () => {
  expect(normalInit({ std: 0 })(random(1), [2, 2]).abs().sum().item()).toBe(0);
  expect(() => normalInit({ std: 1, mean: 2 } as never)).toThrow(/unknown option "mean"/);
});
