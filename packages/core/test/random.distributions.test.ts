/** Ranges and moments. Seeds are fixed, so that a bound of five standard deviations holds or does not, once and for all. */
import { describe, expect, test } from "vitest";
import { ArgumentError, random, type DType, type Tensor } from "@cotangent/core";

const n = 100000;

/** Mean and variance lie within five standard deviations of those of the distribution, given its fourth central moment. */
function expectMoments(x: Tensor, mean: number, variance: number, fourth: number): void {
  expect(Math.abs(x.mean().item() - mean)).toBeLessThan(5 * Math.sqrt(variance / x.size));
  expect(Math.abs(x.variance().item() - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / x.size));
}

/** Each count is binomial with probability 1 / k. */
function expectEven(counts: readonly number[], total: number): void {
  const p = 1 / counts.length;
  for (const count of counts) expect(Math.abs(count - total * p)).toBeLessThan(5 * Math.sqrt(total * p * (1 - p)));
}

const between = (x: Tensor, low: number, high: number): number =>
  x.greaterEqual(low).logicalAnd(x.less(high)).sum().item();

describe("uniform", () => {
  test("fills [0, 1) evenly", () => {
    const x = random(1).uniform([n]);
    expect(between(x, 0, 1)).toBe(n);
    expectMoments(x, 1 / 2, 1 / 12, 1 / 80);
    expectEven(Array.from({ length: 16 }, (_, i) => between(x, i / 16, (i + 1) / 16)), n); // prettier-ignore
  });

  test("fills [low, high), uncorrelated from one to the next", () => {
    const x = random("b").uniform([n], { low: -3, high: 5 });
    expect(between(x, -3, 5)).toBe(n);
    expectMoments(x, 1, 64 / 12, 4096 / 80);
    const centred = x.sub(1);
    const lagged = centred.slice([[1]]).mul(centred.slice([[0, -1]]));
    expect(Math.abs(lagged.mean().item())).toBeLessThan((5 * (64 / 12)) / Math.sqrt(n));
  });

  test("has 53 random bits: the last bits of the significand are used", () => {
    const integers = random(2)
      .uniform([1000])
      .mul(2 ** 53)
      .toTypedArray();
    expect(integers.every(Number.isInteger)).toBe(true);
    const odd = integers.filter((v) => v % 2 === 1).length;
    expectEven([odd, 1000 - odd], 1000);
  });

  test.each<[string, number, number, DType]>([
    ["float32", 0, 1, "float32"],
    ["a narrow range in float32", 1, 1 + 2 ** -23, "float32"],
    ["a narrow range in float64", 1, 1 + 2 ** -52, "float64"],
    ["the widest range", -1.7e308, 1.7e308, "float64"],
  ])("never reaches high: %s", (_name, low, high, dtype) => {
    const x = random(3).uniform([1000], { low, high, dtype: dtype as "float64" });
    expect(between(x, low, high)).toBe(1000);
  });
});

describe("normal", () => {
  /** The octiles of the standard normal distribution. */
  const octiles = [-Infinity, -1.1503493803760079, -0.6744897501960817, -0.31863936396437514, 0];
  const edges = [...octiles, ...octiles.slice(0, -1).reverse().map((z) => -z)]; // prettier-ignore

  test("has the moments and the octiles of the standard normal", () => {
    const x = random(4).normal([n]);
    expectMoments(x, 0, 1, 3);
    expectEven(edges.slice(0, -1).map((low, i) => between(x, low, edges[i + 1]!)), n); // prettier-ignore
    // Beyond 3: probability 0.0027; the standard deviation of the count is its root.
    const tails = n - between(x, -3, 3);
    expect(Math.abs(tails - 0.0026998 * n)).toBeLessThan(5 * Math.sqrt(0.0026998 * n));
  });

  test("scales and shifts", () => {
    const [x, z] = [random(5).normal([100], { mean: -2, std: 3 }), random(5).normal([100])];
    expect(x.toTypedArray()).toEqual(z.mul(3).add(-2).toTypedArray());
  });

  test("truncated: within two standard deviations, with the variance that is left", () => {
    const x = random(6).truncatedNormal([n], { mean: 10, std: 2 });
    expect(x.sub(10).abs().max().item()).toBeLessThanOrEqual(4);
    // With φ(2) and Φ(2) - Φ(-2): variance 1 - 4 φ / p, fourth moment 3 - (3 · 4 + 16) φ / p.
    const ratio = 0.05399096651318806 / 0.9544997361036416;
    expectMoments(x, 10, 4 * (1 - 4 * ratio), 16 * (3 - 28 * ratio));
  });
});

describe("discrete draws", () => {
  test("bernoulli", () => {
    const x = random(7).bernoulli([n], { probability: 0.3 });
    expect(x.equal(0).logicalOr(x.equal(1)).all().item()).toBe(1);
    expect(Math.abs(x.sum().item() - 0.3 * n)).toBeLessThan(5 * Math.sqrt(0.21 * n));
  });

  test("integers reach both ends, evenly", () => {
    const x = random(8).integers([n], { low: -3, high: 4 });
    expect([x.min().item(), x.max().item(), x.dtype]).toEqual([-3, 3, "int32"]);
    expectEven([-3, -2, -1, 0, 1, 2, 3].map((v) => x.equal(v).sum().item()), n); // prettier-ignore
    expect(random(8).integers([1000], { low: -(2 ** 31), high: 2 ** 31 }).dtype).toBe("int32");
  });

  test("permutation: all 24 orders of four, evenly; large ones hold every index once", () => {
    const r = random(9);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12000; i++) {
      const order = r.permutation(4).toTypedArray().join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expectEven([...counts.values()], 12000);
    expect(r.permutation(1000).toTypedArray().sort()).toEqual(Int32Array.from({ length: 1000 }, (_, i) => i));
  });

  test("choice", () => {
    const r = random(10);
    const counts = { a: 0, b: 0, c: 0 };
    for (let i = 0; i < 3000; i++) counts[r.choice(["a", "b", "c"] as const)] += 1;
    expectEven(Object.values(counts), 3000);
  });
});

const r = random(0);
test.each<[string, () => unknown, RegExp]>([
  ["no seed", () => random(undefined as never), /random: .* seed .* got undefined/],
  ["a seed of NaN", () => random(NaN), /random: .* got NaN/],
  ["an infinite seed", () => random(Infinity), /random: .* got Infinity/],
  ["a BigInt as seed", () => random(1n as never), /random: .* got the BigInt 1n/],
  ["bounds in the wrong order", () => r.uniform([1], { low: 1, high: 0 }), /uniform: .*low ≤ high, got 1 and 0/],
  ["an infinite bound", () => r.uniform([1], { high: Infinity }), /uniform: .* got 0 and Infinity/],
  ["a misspelt option", () => r.uniform([1], { min: 0 } as never), /uniform: unknown option "min"; it takes low, high/],
  ["uniform in int32", () => r.uniform([1], { dtype: "int32" as never }), /uniform: .*dtype.*int32/],
  ["uniform in no dtype", () => r.uniform([1], { dtype: "f4" as never }), /uniform: .*dtype.*"f4"/],
  ["a negative std", () => r.normal([1], { std: -1 }), /normal: .* std .* got 0 and -1/],
  ["std null", () => r.normal([1], { std: null as never }), /normal: expected a value for the option std, got null/],
  ["a mean of NaN", () => r.truncatedNormal([1], { mean: NaN }), /truncatedNormal: .* got NaN and 1/],
  ["a probability above 1", () => r.bernoulli([1], { probability: 1.5 }), /bernoulli: .*from 0 to 1, got 1\.5/],
  ["no probability", () => r.bernoulli([1], {} as never), /bernoulli: .* got undefined/],
  ["no options for bernoulli", () => (r.bernoulli as (s: number[]) => unknown)([1]), /bernoulli: .*probability/],
  ["no options for integers", () => (r.integers as (s: number[]) => unknown)([1]), /integers: .*low < high/],
  ["fractional bounds", () => r.integers([1], { low: 0, high: 1.5 }), /integers: .* got 0 and 1\.5/],
  ["an empty range", () => r.integers([1], { low: 2, high: 2 }), /integers: .* got 2 and 2/],
  ["bounds beyond int32", () => r.integers([1], { low: 0, high: 2 ** 40 }), /integers: .*int32|integers: .*2\^31/],
  ["a fractional permutation", () => r.permutation(2.5), /permutation: .* got 2\.5/],
  ["a negative permutation", () => r.permutation(-1), /permutation: .* got -1/],
  ["a permutation beyond memory", () => r.permutation(1e11), /permutation: /],
  ["a choice of nothing", () => r.choice([]), /choice: .* got an array of length 0/],
  ["a choice from text", () => r.choice("abc" as never), /choice: .* got the string "abc"/],
  ["a fork without name", () => r.fork(undefined as never), /fork: expected a name, got undefined/],
])("refuses %s", (_name, call, message) => {
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(message);
});
