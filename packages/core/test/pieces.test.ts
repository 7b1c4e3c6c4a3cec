/** Many slices of one tensor: what they give back is added up at once, and is what it would be part by part. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  backward,
  concat,
  detectAnomaly,
  grad,
  hvp,
  jvp,
  stack,
  tensor,
  variable,
  vjp,
  vmap,
  withBackend,
  type Tensor,
} from "@cotangent/core";
import { bits } from "./bits.js";
import { elements } from "./elements.js";

const [rows, columns] = [5, 4];

/** A use of `[rows, columns]`: a slice, overlapping others, in any direction; or all of it. */
type Use = {
  readonly row: readonly [number, number, number];
  readonly column: readonly [number, number, number];
} | null;

const range = (n: number): fc.Arbitrary<readonly [number, number, number]> =>
  fc.tuple(fc.nat(n - 1), fc.nat(n - 1), fc.constantFrom(1, 1, 2, -1, -2)).map(([a, b, step]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    return step > 0 ? [low, high + 1, step] : [high, low === 0 ? -n - 1 : low - 1, step];
  });
const uses = fc.array(fc.option(fc.record({ row: range(rows), column: range(columns) }), { freq: 6 }), {
  minLength: 1,
  maxLength: 12,
});

/** A cubic of the uses, each with a weight of its own. */
function costOf(x: Tensor, list: readonly Use[]): Tensor {
  const parts = list.map((use, i) => {
    const part = use === null ? x : x.slice([[...use.row], [...use.column]]);
    return part
      .square()
      .mul(part)
      .mul(0.1 + i / 7)
      .sum();
  });
  return parts.reduce((sum, part) => sum.add(part));
}

describe("gradients of slices", () => {
  test("have the bits of one addition after the other, recorded or not, on any backend", () => {
    fc.assert(
      fc.property(uses, fc.nat(1000), fc.constantFrom("float64" as const, "float32" as const), (list, seed, dtype) => {
        const x = variable(elements([rows, columns], dtype, seed, false));
        const cost = costOf(x, list);
        // Who watches rules sees every slice's own.
        const one = bits(detectAnomaly(() => backward(cost).get(x)));
        expect(bits(backward(cost).get(x))).toBe(one);
        expect(bits(backward(cost, { createGraph: true }).get(x))).toBe(one);
        expect(withBackend("reference", () => bits(backward(cost).get(x)))).toBe(one);
      }),
    );
  });

  test("differentiate again, in both modes", () => {
    fc.assert(
      fc.property(uses, fc.nat(1000), (list, seed) => {
        const x = elements([rows, columns], "float64", seed, false);
        const v = elements([rows, columns], "float64", seed + 1, false);
        const gradient = grad((t: Tensor) => costOf(t, list));
        const weights = tensor(
          Float64Array.from({ length: rows * columns }, (_, at) => {
            const unit = tensor(Float64Array.from({ length: rows * columns }, (_, i) => (i === at ? 1 : 0)));
            return costOf(unit.reshape([rows, columns]), list).item();
          }),
          { shape: [rows, columns] },
        );
        const expected = weights.mul(6).mul(x).mul(v);
        for (const product of [
          hvp((t: Tensor) => costOf(t, list))(x, v),
          jvp(gradient, [x], [v])[1],
          vjp(gradient, x)[1](v)[0],
        ])
          expect(product.sub(expected).abs().lessEqual(expected.abs().mul(1e-13)).all().item()).toBe(1);
      }),
      { numRuns: 30 },
    );
  });

  test("over examples are those of a loop", () => {
    const x = elements([3, rows, columns], "float64", 1, false);
    const gradient = grad((t: Tensor) => t.unstack().reduce((sum, row, i) => sum.add(row.square().mul(i + 1).sum()), tensor(0))); // prettier-ignore
    expect(bits(vmap(gradient)(x))).toBe(bits(stack(x.unstack().map((one) => gradient(one)))));
  });

  test("are joined with what other operators give, before and after", () => {
    const x = variable([1, 2, 3, 4]);
    const [a, b] = x.split({ sizes: 2 }) as [Tensor, Tensor];
    const cost = concat([x.mul(10), a.mul(b), x.slice([[1, 3]])]).sum();
    expect(backward(cost).get(x).toArray()).toEqual([13, 15, 12, 12]);
    expect(backward(cost).get(a).toArray()).toEqual([3, 4]);
  });

  test("are zero where there is nothing to slice", () => {
    const x = variable(elements([0, 3], "float64", 1, false));
    const cost = x.unstack({ axis: 1 }).reduce((sum, column) => sum.add(column.sum()), tensor(0));
    expect(bits(backward(cost).get(x))).toBe("float64 [0, 3] ");
  });
});
