/** Views, and views of views, against a model in plain arrays. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arange, tensor, variable, withBackend, type DType, type NestedArray, type Tensor } from "@cotangent/core";
import { picked, views } from "./views.js";

const numRuns = 400;
const sizes = fc.constantFrom(0, 1, 1, 2, 2, 3, 4, 5, 6);
const backends = ["reference", "source"] as const;

function nested(flat: readonly number[], shape: readonly number[]): NestedArray {
  if (shape.length === 0) return flat[0]!;
  const [n, ...rest] = shape as [number, ...number[]];
  const step = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: n }, (_, i) => nested(flat.slice(i * step, (i + 1) * step), rest));
}

function numbered(shape: readonly number[], dtype: DType = "float64"): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  return arange(0, size).reshape(shape).astype(dtype);
}

describe.each(backends)("on the %s backend", (backend) => {
  test("views of views hold the elements of the model", () => {
    fc.assert(
      fc.property(views(6, sizes), fc.constantFrom<DType>("float64", "float32", "int32"), (view, dtype) => {
        withBackend(backend, () => {
          const y = view.take(numbered(view.base, dtype));
          const { shape, positions } = view.model;
          expect(y.shape).toEqual(shape);
          expect([y.rank, y.size, y.dtype]).toEqual([shape.length, positions.length, dtype]);
          expect(Array.from(y.toTypedArray())).toEqual(positions);
          expect(y.toArray()).toEqual(nested(positions, shape));
          expect(JSON.parse(JSON.stringify({ y }))).toEqual({ y: nested(positions, shape) });
          if (y.size === 1) expect(y.item()).toBe(positions[0]);
        });
      }),
      { numRuns },
    );
  });

  test("the cotangent of a view goes back to the element that each one is of", () => {
    fc.assert(
      fc.property(views(6, sizes), (view) => {
        withBackend(backend, () => {
          const x = variable(numbered(view.base));
          const { shape, positions } = view.model;
          const y = view.take(x);
          const expected = new Float64Array(x.size);
          positions.forEach((position, i) => (expected[position]! += i + 1));
          const cotangent = numbered(shape).add(1);
          // Sums of a few thousand integers at most: exact.
          expect(y.backward({ cotangent }).get(x).toTypedArray()).toEqual(expected);
        });
      }),
      { numRuns },
    );
  });

  test("an operator on a view sees what it shows, and so do further views", () => {
    fc.assert(
      fc.property(views(4, sizes), (view) => {
        withBackend(backend, () => {
          const y = view.take(numbered(view.base));
          const { shape, positions } = view.model;
          const doubled = y.mul(2).add(y);
          expect(doubled.shape).toEqual(shape);
          expect(Array.from(doubled.toTypedArray())).toEqual(positions.map((p) => 3 * p));
          if (shape.length > 0)
            expect(
              doubled
                .slice([[null, null, -1]])
                .slice([[null, null, -1]])
                .toArray(),
            ).toEqual(doubled.toArray());
        });
      }),
      { numRuns },
    );
  });
});

describe("slice", () => {
  // From CPython: list(range(n))[start:stop:step].
  test.each([
    [5, [1, 4], [1, 2, 3]],
    [5, [null, null, 2], [0, 2, 4]],
    [5, [null, null, -1], [4, 3, 2, 1, 0]],
    [5, [-2, null], [3, 4]],
    [5, [-100, 100], [0, 1, 2, 3, 4]],
    [5, [100, -100, -2], [4, 2, 0]],
    [5, [3, 1], []],
    [5, [1, 3, -1], []],
    [5, [3, null, -2], [3, 1]],
    [5, [null, -3, -1], [4, 3]],
    [5, [4, -6, -3], [4, 1]],
    [5, [0, null, 7], [0]],
    [0, [null, null, -1], []],
    [0, [-1, 1], []],
  ])("of %i elements by %j: %j", (n, range, expected) => {
    expect(picked(n, range)).toEqual(expected);
    expect(arange(0, n).slice([range]).toArray()).toEqual(expected);
  });

  test("leaves undefined and short entries open, and drops numbered axes", () => {
    const x = arange(0, 24).reshape([2, 3, 4]);
    expect(x.slice([]).toArray()).toEqual(x.toArray());
    expect(x.slice([[], [undefined, 2], [3]]).toArray()).toEqual([[[3], [7]], [[15], [19]]]); // prettier-ignore
    expect(x.slice([-1, null, 0]).toArray()).toEqual([12, 16, 20]);
    expect(x.slice([1, 2, -1]).shape).toEqual([]);
    expect(x.slice([1, 2, -1]).item()).toBe(23);
  });
});

describe("views are tensors like any other", () => {
  test("they outlive what they are views of, unchanged", () => {
    const data = new Float64Array([1, 2, 3, 4]);
    const view = tensor(data, { shape: [2, 2] }).transpose();
    data.fill(9);
    view.toTypedArray().fill(9);
    (view.toArray() as number[][])[0]![0] = 9;
    expect(view.toArray()).toEqual([[1, 3], [2, 4]]); // prettier-ignore
  });

  test("the shape given is copied, the shape shown is frozen", () => {
    const wanted = [2, 3];
    const x = arange(0, 6).reshape(wanted);
    wanted[0] = 7;
    expect(x.shape).toEqual([2, 3]);
    expect(() => ((x.shape as number[])[0] = 7)).toThrow(TypeError);
    for (const y of [x.transpose(), x.slice([0]), x.broadcastTo([2, 2, 3]), x.sum({ axis: 0 }), x.add(1)])
      expect(Object.isFrozen(y.shape)).toBe(true);
  });

  test("undoing a view gives the tensor back: twice transposed, permuted and permuted back", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (axes) => {
        const x = numbered([2, 3, 1, 4]);
        const back = axes.map((_, axis) => axes.indexOf(axis));
        expect(x.permute(axes).permute(back).toArray()).toEqual(x.toArray());
        expect(x.transpose().transpose().toArray()).toEqual(x.toArray());
      }),
    );
  });
});

test("JSON has text for what it has no numbers for, and keeps booleans and empty axes", () => {
  const json = (x: Tensor): string => JSON.stringify(x);
  expect(json(tensor([NaN, Infinity, -Infinity, 0.5]))).toBe('["NaN","Infinity","-Infinity",0.5]');
  expect([json(tensor(NaN)), json(variable(2)), json(tensor([[true], [false]]))]).toEqual(['"NaN"', "2", "[[true],[false]]"]); // prettier-ignore
  expect(json(tensor([], { shape: [2, 0] }))).toBe("[[],[]]");
});
