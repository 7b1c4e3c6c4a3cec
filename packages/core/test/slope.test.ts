/** Numeric derivatives with error bars: near the truth, and honest about how near. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { slopeOf } from "../src/check/slope.js";

const point = fc.double({ min: -3, max: 3, noNaN: true });

test.each<[string, (x: number) => number, (x: number) => number]>([
  ["a cube", (x) => x ** 3 - x, (x) => 3 * x * x - 1],
  ["the exponential", Math.exp, Math.exp],
  ["a sine", (x) => Math.sin(4 * x), (x) => 4 * Math.cos(4 * x)],
  ["tanh", Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  ["a large offset", (x) => 1e6 + x * x, (x) => 2 * x],
  ["a constant", () => 3, () => 0],
])("%s", (_name, f, derivative) => {
  fc.assert(
    fc.property(point, (x) => {
      const { value, bar } = slopeOf((t) => f(x + t));
      const error = Math.abs(value - derivative(x));
      // Of a step h a few roundings of f remain; x + t rounds too, which the slope itself multiplies.
      expect(error).toBeLessThanOrEqual(4 * bar + 1e-11 * (1 + Math.abs(derivative(x))));
      expect(bar).toBeLessThanOrEqual(1e-8 * (1 + Math.abs(f(x))));
    }),
  );
});

test("a jump between the steps has a wide bar", () => {
  expect(slopeOf((t) => (t > 1e-5 ? 1 : 0)).bar).toBeGreaterThan(1);
});

test("what is not finite has no slope", () => {
  expect(slopeOf(() => NaN)).toMatchObject({ value: NaN, bar: Infinity });
});
