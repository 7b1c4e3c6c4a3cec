import { describe, expect, it } from "vitest";
import { numbers } from "../../src/readings/numbers.js";
import { fromNumber, minus } from "./real.js";
import { polygamma, toNumber, ulpError } from "./references.js";
import { between, rounding, wordsFrom } from "./samples.js";

/** Largest errors allowed, in units in the last place, by order. */
const bounds = { 1: 4.6, 2: 5.5, 3: 7, 4: 8, 7: 12 };

describe.each(["float64", "float32"] as const)("polygamma in %s", (precision) => {
  const s = numbers(precision);
  const orders = Object.keys(bounds).map(Number) as (keyof typeof bounds)[];

  it.each(orders)("of order %i is within its bound of the exact value at positive numbers", (order) => {
    const word = wordsFrom(order);
    const hard = [1e-3, 0.5, 1, 2, 11.9, 12.1, 1e3, 1e5].map(rounding[precision]);
    const drawn = Array.from({ length: 300 }, (_, i) => between(precision, word, 0.01, i % 2 === 0 ? 4 : 40));
    let [worst, at] = [0, NaN];
    for (const x of [...hard, ...drawn]) {
      const error = ulpError(s.polygamma(order, x), polygamma(order, fromNumber(x)), precision);
      if (!(error <= worst)) [worst, at] = [error, x];
    }
    expect(worst, `worst at ${at}`).toBeLessThanOrEqual(bounds[order]);
  });

  it.each(orders)("of order %i errs by units of the terms that cancel at negative numbers", (order) => {
    const word = wordsFrom(100 + order);
    const unit = precision === "float64" ? 2 ** -52 : 2 ** -23;
    for (let i = 0; i < 200; i++) {
      const x = between(precision, word, -8, 0);
      const distance = Math.abs(x - Math.round(x));
      if (distance < 0.01) continue;
      const error = toNumber(minus(fromNumber(s.polygamma(order, x)), polygamma(order, fromNumber(x))));
      const factorial = Array.from({ length: order }, (_, k) => k + 1).reduce((a, b) => a * b);
      // The distance to the pole is known to a unit of x.
      const size = factorial * distance ** -(order + 1) * (4 + (order + 1) * (4 + Math.abs(x) / distance));
      expect(Math.abs(error), `${x}`).toBeLessThan(2 * unit * size);
    }
  });

  it("has the right values at the edges", () => {
    const inf = Infinity;
    const at = (order: number): number[] => [0, -0, -1, -7, inf, -inf, NaN].map((x) => s.polygamma(order, x));
    expect(at(1)).toEqual([inf, inf, inf, inf, 0, NaN, NaN]);
    expect(at(2)).toEqual([-inf, inf, NaN, NaN, -0, NaN, NaN]);
    expect(at(3)).toEqual([inf, inf, inf, inf, 0, NaN, NaN]);
  });
});
