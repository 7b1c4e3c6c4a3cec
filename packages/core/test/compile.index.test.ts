/** Picking and adding by index: rows at a time, element by element, eagerly and in programs, with the bits of the reference. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile, grad, random, ShapeError, tensor, withBackend, zeros, type Tensor } from "@cotangent/core";
import { bits } from "./bits.js";

const sizes = fc.constantFrom<number[]>(1, 2, 3, 5, 17, 64, 65, 130);
const cases = fc.record({
  shape: fc.array(sizes, { minLength: 1, maxLength: 3 }).filter((s) => s.reduce((a, b) => a * b, 1) <= 20_000),
  axis: fc.nat(2),
  count: fc.integer({ min: 0, max: 9 }),
  turned: fc.boolean(),
  dtype: fc.constantFrom("float64" as const, "float32" as const, "int32" as const),
  seed: fc.integer(),
});

test("take, gather, scatterAdd and gradients of embeddings", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(cases, ({ shape, axis: at, count, turned, dtype, seed }) => {
      const axis = at % shape.length;
      const r = random(seed);
      const filled = (s: readonly number[]): Tensor =>
        (turned && s.length > 1
          ? r.normal([...s.slice(0, -2), s.at(-1)!, s.at(-2)!], { std: 9 }).transpose()
          : r.normal(s, { std: 9 })
        ).astype(dtype);
      const n = shape[axis]!;
      const rows = r.integers([count], { low: -n, high: n });
      const picked = shape.map((size, i) => (i === axis ? count : size));
      const single = r.integers(picked, { low: -n, high: n });
      const f = (x: Tensor, updates: Tensor, rows: Tensor, single: Tensor): Tensor[] => [
        x.take(rows, { axis }),
        x.gather(single, { axis }),
        x.scatterAdd(single, updates, { axis }),
        zeros(shape, { dtype }).scatterAdd(single, updates, { axis }),
        ...(dtype === "int32" ? [] : [grad((v: Tensor) => v.take(rows, { axis }).square().sum())(x)]),
      ];
      const args = [filled(shape), filled(picked), rows, single] as const;
      const expected = withBackend("reference", () => f(...args).map(bits));
      expect(f(...args).map(bits)).toEqual(expected);
      const program = compile(f);
      for (let i = 0; i < 2; i++) expect(program(...args).map(bits)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

describe("an index out of range", () => {
  const table = random(1).normal([10, 100]);
  test.each<[string, (i: Tensor) => Tensor, RegExp]>([
    ["take of rows", (i) => table.add(0).take(i), /^take: expected indices from -10 to 9, got (10|-11);/],
    ["gather", (i) => table.transpose().add(0).gather(i.reshape([1, 3]).broadcastTo([5, 3]), { axis: 1 }), /^gather: .*got (10|-11);/],
    ["scatterAdd", (i) => zeros([10]).scatterAdd(i, tensor([1, 2, 3])), /^scatterAdd: .*got (10|-11);/],
  ])("%s is the error of eager work, and the program runs again", (_, f, says) => {
    const program = compile(f);
    const good = tensor([0, -10, 9], { dtype: "int32" });
    expect(bits(program(good))).toBe(bits(f(good)));
    for (const bad of [tensor([0, 10, 1], { dtype: "int32" }), tensor([0, 3, -11], { dtype: "int32" })]) {
      expect(() => f(bad)).toThrow(says);
      expect(() => program(bad)).toThrow(ShapeError);
      expect(() => program(bad)).toThrow(says);
    }
    expect(bits(program(good))).toBe(bits(f(good)));
  }); // prettier-ignore
});
