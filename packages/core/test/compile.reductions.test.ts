/** Sums and extremes over what elementwise equations make: part by part in a program, with the bits of the whole. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, grad, random, softmax, tensor, withBackend, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";

const reduced = /reduced part by part/;

type Reduce = (x: Tensor) => Tensor;
const reductions: Record<string, Reduce> = {
  "sum of all": (x) => x.sum(),
  "mean of all": (x) => x.mean(),
  "largest of all": (x) => x.max(),
  "sum of rows": (x) => x.sum({ axis: -1 }),
  "least of rows": (x) => x.min({ axis: -1 }),
  "sum of both last axes": (x) => x.sum({ axis: [-2, -1] }),
};
const maps: Record<string, (x: Tensor, row: Tensor, column: Tensor) => Tensor> = {
  square: (x) => x.square(),
  "with a row": (x, row) => x.mul(row).add(1),
  "with a column": (x, _, column) => x.sub(column).tanh(),
  "with both and a mask": (x, row, column) => x.greater(row).astype(x.dtype).mul(column).add(x),
};

describe("equal bits", () => {
  // Lengths around the parts of 2048 elements, blocks of 128 and lanes of 8; whole sizes from 32768 on.
  const length = fc.oneof(
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom(127, 128, 129, 1000, 2047, 2048, 2049, 4096, 5000, 6145, 33000),
  );

  test("of every kind, for any lengths, whether the elements are wanted too or not", { timeout: 120_000 }, () => {
    let tiles = 0;
    fc.assert(
      fc.property(
        length,
        fc.constantFrom(...Object.keys(maps)),
        fc.array(fc.constantFrom(...Object.keys(reductions)), { minLength: 1, maxLength: 3 }),
        fc.constantFrom("float64" as const, "float32" as const),
        fc.boolean(),
        fc.integer(),
        (n, map, kinds, dtype, wanted, seed) => {
          const m = Math.max(2, Math.ceil(33000 / n / 2));
          const r = random(seed);
          const [x, row, column] = [r.normal([2, m, n], { dtype }), r.normal([n], { dtype }), r.normal([m, 1], { dtype })];
          const f = (x: Tensor, row: Tensor, column: Tensor): Tensor[] => {
            const y = maps[map]!(x, row, column);
            return [...kinds.map((kind) => reductions[kind]!(y)), ...(wanted ? [y] : [])];
          };
          const program = compile(f);
          const eager = f(x, row, column).map(bits);
          expect(program(x, row, column).map(bits)).toEqual(eager);
          expect(program(x.neg(), row, column).map(bits)).toEqual(f(x.neg(), row, column).map(bits));
          expect(program(x, row, column).map(bits)).toEqual(eager);
          if (reduced.test(String(program))) tiles++;
        },
      ),
      { numRuns: 60 },
    );
    expect(tiles).toBeGreaterThan(15);
  }); // prettier-ignore

  test("NaN, infinities and both zeros", () => {
    const special = [NaN, Infinity, -Infinity, 0, -0, 1e308, -1e308, 5e-324];
    fc.assert(
      fc.property(fc.constantFrom(...special), fc.constantFrom(...special), fc.nat(40_000), fc.nat(40_000), (a, b, i, j) => {
        const data = random(1).normal([40_001]).toTypedArray();
        data[i] = a;
        data[j] = b;
        const x = tensor(data as Float64Array);
        const f = (x: Tensor): Tensor[] => [x.abs().sum(), x.neg().max(), x.neg().min(), x.mul(0).min(), x.mul(0).max()];
        expect(compile(f)(x).map(bits)).toEqual(withBackend("reference", () => f(x)).map(bits));
      }),
      { numRuns: 30 },
    );
  }); // prettier-ignore

  test("softmax with its gradient, the norm of gradients, a mean of squared errors", () => {
    const [x, y] = [random(1).normal([130, 300]), random(2).normal([130, 300])];
    const cases: ((x: Tensor, y: Tensor) => unknown)[] = [
      (x, y) => [softmax(x, { axis: 1 }), grad((v: Tensor) => softmax(v, { axis: 1 }).mul(y).sum())(x)],
      (x, y) => x.mul(x.mul(y).square().sum().sqrt().maximum(1).reciprocal()),
      (x, y) => [x.sub(y).square().mean(), grad((v: Tensor) => v.sub(y).square().mean())(x)],
    ];
    for (const f of cases) {
      const program = compile(f as (x: Tensor, y: Tensor) => Tensor[]);
      expect([program(x, y)].flat().map(bits)).toEqual([f(x, y) as Tensor].flat().map(bits));
      expect(String(program)).toMatch(reduced);
    }
  });
});

test("elements that nothing but a sum reads take no memory", () => {
  const [square, both] = [(x: Tensor) => x.square().sum(), (x: Tensor) => [x.square().sum(), x.square()]];
  const x = random(1).normal([100_000]);
  const memoryOf = (f: unknown): number => {
    const program = compile(f as (x: Tensor) => Tensor);
    program(x);
    return Number(/([\d.]+) MB of memory/.exec(String(program))![1]);
  };
  expect(memoryOf(square)).toBeLessThan(0.85);
  expect(memoryOf(both)).toBeGreaterThan(1.5);
});
