/** Scaling: what it does to the fitted rows, to other rows, and back. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, random, ShapeError, tensor, type Tensor } from "@cotangent/core";
import { minMaxScaler, standardScaler } from "@cotangent/data";

/** Features of any size and spread; some columns far from zero. */
const features = fc
  .record({
    rows: fc.integer({ min: 2, max: 40 }),
    columns: fc.integer({ min: 1, max: 5 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    exponent: fc.integer({ min: -6, max: 6 }),
  })
  .map(({ rows, columns, seed, exponent }) => {
    const source = random(seed);
    const centre = source.uniform([columns], { low: -10, high: 10 });
    return source.normal([rows, columns]).add(centre).mul(10 ** exponent);
  }); // prettier-ignore

const largest = (x: Tensor): number => x.abs().max().item();
/** x and its centre are off by some 2⁻⁵³ x, which a spread below x makes the larger. */
const roundings = (x: Tensor, scale: Tensor): number => 1e-14 * (1 + largest(x) / scale.min().item());
const scalers = { standardScaler, minMaxScaler };

test("standardised columns have mean 0 and standard deviation 1, divisor n", () => {
  fc.assert(
    fc.property(features, (x) => {
      const { transform, scale } = standardScaler(x);
      const y = transform(x);
      expect(largest(y.mean({ axis: 0 }))).toBeLessThan(roundings(x, scale));
      expect(largest(y.std({ axis: 0, correction: 0 }).sub(1))).toBeLessThan(roundings(x, scale));
    }),
  );
});

test("min-max scaled columns reach from 0 to 1 exactly", () => {
  fc.assert(
    fc.property(features, (x) => {
      const y = minMaxScaler(x).transform(x);
      expect(largest(y.min({ axis: 0 }))).toBe(0);
      expect(largest(y.max({ axis: 0 }).sub(1))).toBe(0);
    }),
  );
});

describe.each(Object.entries(scalers))("%s", (name, scaler) => {
  test("inverse undoes transform", () => {
    fc.assert(
      fc.property(features, (x) => {
        const { transform, inverse, scale } = scaler(x);
        expect(largest(inverse(transform(x)).sub(x))).toBeLessThan(1e-14 * largest(x));
        expect(largest(transform(inverse(x)).sub(x))).toBeLessThan(roundings(x, scale) * (1 + largest(x)));
      }),
    );
  });

  test("other rows are scaled by the rows fitted, not by themselves", () => {
    fc.assert(
      fc.property(features, features, (x, other) => {
        const rows = other.slice([null, [0, 1]]);
        const first = x.slice([null, [0, 1]]);
        const { centre, scale, transform } = scaler(first);
        const [c, s] = [centre.item(), scale.item()];
        expect([...transform(rows).toTypedArray()]).toEqual(Array.from(rows.toTypedArray(), (v) => (v - c) / s));
        expect(transform(rows.reshape([rows.size, 1, 1])).shape).toEqual([rows.size, 1, 1]);
      }),
    );
  });

  test("what was fitted does not change", () => {
    const x = tensor([[1, 2], [3, 5]]); // prettier-ignore
    scaler(x).transform(x);
    expect(x.toArray()).toEqual([[1, 2], [3, 5]]); // prettier-ignore
  });

  test("a single row: every column is constant", () => {
    const { transform, scale } = scaler(tensor([[3, -2]]));
    expect(scale.toArray()).toEqual([1, 1]);
    expect(transform(tensor([[3, -2], [4, 0]])).toArray()).toEqual([[0, 0], [1, 2]]); // prettier-ignore
  });

  // The mean of equal numbers may be off by a rounding; divided by a deviation of 1e-17 the next value would be 1e16.
  test("a constant column is only centred, whatever its value", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 100 }), (value, n) => {
        const { transform, scale } = scaler(tensor(Array.from({ length: n }, () => [value])));
        expect(scale.item()).toBe(1);
        const [[same], [next]] = transform(tensor([[value], [value + 1]])).toArray() as [[number], [number]];
        expect(Math.abs(same)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
        expect(Math.abs(next - 1)).toBeLessThanOrEqual(1e-14 * (1 + Math.abs(value)));
      }),
    );
  });

  test.each([[[2]], [[0, 2]], [[2, 0]], [[2, 2, 2]]])("features of shape %j are refused", (shape) => {
    const x = tensor(new Float64Array(shape.reduce((a, b) => a * b, 1)), { shape });
    expect(() => scaler(x)).toThrow(DataError);
    expect(() => scaler(x)).toThrow(`${name}: expected features of shape [samples, features]`);
  });

  test.each([NaN, Infinity, -Infinity])("%s is named with its row and column", (value) => {
    expect(() => scaler(tensor([[1, 2], [3, value]]))).toThrow(DataError); // prettier-ignore
    expect(() => scaler(tensor([[1, 2], [3, value]]))).toThrow(`${name}: expected finite features, got ${value} in row 1, column 1`); // prettier-ignore
  });

  // Broadcast, one column would become the two that were fitted.
  test("rows of another number of columns are refused", () => {
    const { transform, inverse } = scaler(tensor([[1, 2], [3, 5]])); // prettier-ignore
    for (const apply of [transform, inverse]) expect(() => apply(tensor([[1], [2]]))).toThrow(ShapeError);
  });
});
