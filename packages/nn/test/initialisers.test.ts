/** Initialisers: moments, seeds, dtypes, and what they refuse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, random, ShapeError } from "@cotangent/core";
import {
  constantInit,
  heNormal,
  heUniform,
  lecunNormal,
  normalInit,
  orthogonal,
  uniformInit,
  xavierNormal,
  xavierUniform,
  zerosInit,
  type Initialiser,
} from "@cotangent/nn";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** The share of numbers beyond one standard deviation: of normal ones, and 1 - 1 / √3 of uniform ones. */
const beyondNormal = 0.31731;
const beyondUniform = 0.42265;

/**
 * Each initialiser with the variance that its paper gives a weight of `fanIn` inputs and `fanOut` outputs, and the share
 * of numbers beyond its root.
 */
const cases: readonly [string, Initialiser, (fanIn: number, fanOut: number) => number, number?][] = [
  ["zerosInit", zerosInit, () => 0],
  ["normalInit", normalInit({ std: 0.3 }), () => 0.09],
  ["xavierNormal", xavierNormal, (fanIn, fanOut) => 2 / (fanIn + fanOut)],
  ["heNormal", heNormal, (fanIn) => 2 / fanIn],
  ["lecunNormal", lecunNormal, (fanIn) => 1 / fanIn],
  ["uniformInit", uniformInit({ low: -0.3, high: 0.3 }), () => 0.03, beyondUniform],
  ["xavierUniform", xavierUniform, (fanIn, fanOut) => 2 / (fanIn + fanOut), beyondUniform],
  ["heUniform", heUniform, (fanIn) => 2 / fanIn, beyondUniform],
];

describe.each(cases)("%s", (name, init, variance, q = beyondNormal) => {
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
    const [a, b] = [narrow.toTypedArray(), wide.toTypedArray()];
    if (q === beyondNormal) return expect([...a]).toEqual(Array.from(b, Math.fround));
    // Of uniform numbers the bounds are rounded too.
    a.forEach((v, i) => expect(Math.abs(v - b[i]!)).toBeLessThan(2 ** -22));
  });

  test("a shape of any number of axes from two", () => {
    expect(init(random(1), [2, 3]).shape).toEqual([2, 3]);
    expect(init(random(1), [2, 3, 4]).shape).toEqual([2, 3, 4]);
  });

  test.each([[[2, -1]], [[2.5, 2]]])("the shape %j is refused", (shape) => {
    expect(() => init(random(1), shape)).toThrow(ShapeError);
  });
});

const scaled = cases.filter(([name]) => !["zerosInit", "normalInit", "uniformInit"].includes(name));
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

describe("options of their own", () => {
  test("given alone they make an initialiser, given behind a shape the numbers: the same", () => {
    expect(normalInit({ std: 2 })(random(3), [4, 2]).toArray()).toEqual(
      normalInit(random(3), [4, 2], { std: 2 }).toArray(),
    );
    const bounds = { low: -2, high: -1 };
    const narrow = uniformInit(random(3), [50], { ...bounds, dtype: "float32" });
    expect(narrow.dtype).toBe("float32");
    expect(narrow.toArray()).toEqual(uniformInit(bounds)(random(3), [50], { dtype: "float32" }).toArray());
    expect(constantInit(random(1), [2], { value: 3 }).toArray()).toEqual([3, 3]);
    expect(constantInit({ value: -0.5 })(random(1), [1, 2], { dtype: "float32" }).toArray()).toEqual([[-0.5, -0.5]]);
  });

  test("uniform numbers lie within their bounds, by default 0 and 1", () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: -9, max: 9, noNaN: true }), (seed, low) => {
        const w = uniformInit({ low, high: low + 2 })(random(seed), [200]);
        expect(w.min().item()).toBeGreaterThanOrEqual(low);
        expect(w.max().item()).toBeLessThan(low + 2);
      }),
      { numRuns: 30 },
    );
    const unit = uniformInit(random(1), [1000]);
    expect([unit.min().item() >= 0, unit.max().item() < 1, unit.max().item() > 0.9]).toEqual([true, true, true]);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["no value", () => constantInit({} as never), /constantInit: expected the option value/],
    ["an infinite value", () => constantInit({ value: Infinity }), /constantInit: expected value to be a finite number/],
    ["bounds upside down", () => uniformInit({ low: 2, high: 1 }), /uniformInit: expected high.*from 2, got 1/],
    ["no std behind a shape", () => normalInit(random(1), [2], {} as never), /normalInit: expected the option std/],
    ["an unknown one", () => uniformInit(random(1), [2], { min: 1 } as never), /uniformInit: unknown option "min"/],
    ["a gain of 0", () => orthogonal(random(1), [2, 2], { gain: 0 }), /orthogonal: expected gain.*above 0, got 0/],
    ["a vector", () => orthogonal(random(1), [2]), /orthogonal: expected a weight with at least two axes/],
    ["no generator", () => orthogonal(1 as never, [2, 2]), /orthogonal: expected a generator/],
  ])("%s", (_name, run, message) => {
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(message);
  }); // prettier-ignore
});

describe("orthogonal", () => {
  const side = fc.integer({ min: 1, max: 12 });

  test("rows, or columns where there are fewer, are orthonormal vectors times the gain", () => {
    fc.assert(
      fc.property(seeds, side, side, fc.constantFrom(1, 0.5, 3), (seed, rows, columns, gain) => {
        const w = orthogonal(random(seed), [rows, columns], { gain });
        const products = rows <= columns ? w.matmul(w.transpose()) : w.transpose().matmul(w);
        const found = products.toArray() as number[][];
        found.forEach((row, i) => {
          row.forEach((v, j) => {
            expect(Math.abs(v - (i === j ? gain ** 2 : 0))).toBeLessThan(1e-14 * gain ** 2 * 12);
          });
        });
      }),
    );
  });

  test("axes after the first are columns; the seed gives the bits; float32 is the float64 rounded", () => {
    const w = orthogonal(random(5), [2, 3, 4]);
    expect(w.shape).toEqual([2, 3, 4]);
    expect(w.toTypedArray()).toEqual(orthogonal(random(5), [2, 12]).toTypedArray());
    const narrow = orthogonal(random(5), [2, 12], { dtype: "float32" });
    expect([...narrow.toTypedArray()]).toEqual(Array.from(w.toTypedArray(), Math.fround));
  });

  test("no direction is preferred: the first element is as often negative as positive", () => {
    const positive = Array.from({ length: 400 }, (_, seed) => orthogonal(random(seed), [3, 3]).toTypedArray()[0]! > 0);
    // Six standard deviations of a fair coin.
    expect(Math.abs(positive.filter(Boolean).length - 200)).toBeLessThan(60);
  });
});
