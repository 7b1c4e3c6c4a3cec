/** Reductions at the edges: empty and size-1 axes, scalars, kinks, ties, NaN and infinities. */
import { expect, test } from "vitest";
import { grad, hessian, jvp, random, tensor, type Tensor } from "@cotangent/core";
import type { reduction } from "./cases/reduction.js";
import { empty, i32, inf, nan, runTable, shape, slopes, t, weighted, type Row } from "./conventions.table.js";

// prettier-ignore
const table: Readonly<Record<keyof typeof reduction, readonly Row[]>> = {
  sum: [
    ["of nothing is 0", () => empty(2, 0).sum({ axis: 1 }), [0, 0]],
    ["over no rows has the columns", () => empty(2, 0).sum({ axis: 0 }), shape(0)],
    ["of a scalar is the scalar", () => t(3).sum(), 3],
    ["of bool counts", () => t([true, true]).sum(), 2],
    ["of size 1 keeps the axis if asked", () => t([[5]]).sum({ axis: 1, keepDims: true }), [[5]]],
  ],
  mean: [
    ["of nothing is NaN", () => empty(0).mean(), nan],
    ["of a scalar is the scalar", () => t(3).mean(), 3],
    ["of int32 is a float", () => i32([1, 2]).mean(), 1.5],
  ],
  max: [
    ["shares the derivative among ties", () => slopes((x) => x.max(), [3, 1, 3]), [0.5, 0, 0.5]],
    ["is NaN where one is", () => t([1, nan]).max(), nan],
    ["of a scalar has slope 1", () => slopes((x) => x.max(), 3), 1],
    ["over no rows of no columns has no columns", () => empty(2, 0).max({ axis: 0 }), shape(0)],
  ],
  min: [
    ["shares the derivative among ties", () => slopes((x) => x.min(), [3, 1, 1]), [0, 0.5, 0.5]],
    ["is NaN where one is", () => t([1, nan]).min(), nan],
    ["of size 1 is the element", () => t([[4], [5]]).min({ axis: 1 }), [4, 5]],
  ],
  argmax: [
    ["takes the first of ties", () => t([1, 3, 3]).argmax(), 1],
    ["takes NaN for the largest", () => t([1, nan, 3]).argmax(), 1],
    ["of a scalar is 0", () => t(3).argmax(), 0],
  ],
  argmin: [
    ["takes the first of ties", () => t([3, 1, 1]).argmin(), 1],
    ["takes NaN for the smallest", () => t([1, nan, 3]).argmin(), 1],
    ["of size 1 is 0", () => t([[4], [5]]).argmin({ axis: 1 }), [0, 0]],
  ],
  any: [
    ["of nothing is false", () => empty(0).any(), false],
    ["counts NaN as true", () => t([0, nan]).any(), true],
    ["of a scalar", () => t(2).any(), true],
  ],
  all: [
    ["of nothing is true", () => empty(2, 0).all({ axis: 1 }), [true, true]],
    ["of a scalar", () => t(0).all(), false],
  ],
  logSumExp: [
    ["of nothing is -Infinity", () => empty(0).logSumExp(), -inf],
    ["of -Infinity is -Infinity", () => t([-inf, -inf]).logSumExp(), -inf],
    ["of Infinity is Infinity", () => t([inf, 0]).logSumExp(), inf],
    ["of a scalar is the scalar", () => t(-1000).logSumExp(), -1000],
    ["is finite and has finite slopes at ±1000", () => slopes((x) => x.logSumExp(), [1000, -1000]), [1, 0]],
  ],
  norm: [
    ["of nothing is 0", () => empty(2, 0).norm({ axis: 1 }), [0, 0]],
    ["of nothing is 0 in order 3", () => empty(0).norm({ p: 3 }), 0],
    ["of a scalar is its magnitude", () => t(-3).norm(), 3],
    ["at 0 has gradient 0", () => slopes((x) => x.norm(), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order 1", () => slopes((x) => x.norm({ p: 1 }), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order 3", () => slopes((x) => x.norm({ p: 3 }), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order 1/2", () => slopes((x) => x.norm({ p: 0.5 }), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order -1", () => slopes((x) => x.norm({ p: -1 }), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order Infinity", () => slopes((x) => x.norm({ p: inf }), [0, 0]), [0, 0]],
    ["at 0 has gradient 0 in order -Infinity", () => slopes((x) => x.norm({ p: -inf }), [0, 0]), [0, 0]],
    ["at 0 has second derivative 0", () => hessian((x) => x.norm())(t([0, 0])), [[0, 0], [0, 0]]],
    ["of order 1/2 is flat at the elements that are 0", () => slopes((x) => x.norm({ p: 0.5 }), [4, 0]), [1, 0]],
    ["of order 0 counts and is flat", () => t([0, -2, nan]).norm({ p: 0 }), 2],
    ["of order 0 has gradient 0", () => slopes((x) => x.norm({ p: 0 }), [0, -2]), [0, 0]],
    ["of order -1 is 0 where an element is", () => t([0, 2]).norm({ p: -1 }), 0],
    ["of order Infinity shares ties", () => slopes((x) => x.norm({ p: inf }), [2, -2, 1]), [0.5, -0.5, 0]],
    ["of order -Infinity", () => t([3, -4]).norm({ p: -inf }), 3],
    ["does not overflow", () => t([3, 4]).mul(2 ** 1000).norm().div(2 ** 1000), 5],
    ["does not vanish", () => t([3, 4]).mul(2 ** -1000).norm().mul(2 ** 1000), 5],
    ["of denormal numbers does not vanish", () => t([3e-320, 4e-320]).norm(), 5e-320],
    ["has the right slopes where squares overflow", () => slopes((x) => x.norm(), [0, -(2 ** 1000)]), [0, -1]],
    ["has the right slopes where squares vanish", () => slopes((x) => x.norm(), [0, -(2 ** -1000)]), [0, -1]],
    ["of order 3 does not overflow", () => t([1e200, 0]).norm({ p: 3 }), 1e200],
    ["of order -2 does not vanish", () => t([1e-200, inf]).norm({ p: -2 }), 1e-200],
    ["in float32 does not overflow", () => t([3, 4], "float32").mul(2 ** 100).norm().div(2 ** 100), 5],
    ["is NaN where an element is", () => t([nan, inf]).norm(), nan],
    ["is Infinity where an element is", () => t([1, -inf]).norm(), inf],
    ["of int32 is a float", () => i32([3, 4]).norm(), 5],
  ],
  variance: [
    ["of one element is NaN", () => t([1]).variance(), nan],
    ["of one element without correction is 0", () => t([1]).variance({ correction: 0 }), 0],
    ["of nothing is NaN", () => empty(0).variance(), nan],
    ["takes two passes", () => t([1e9, 1e9 + 1, 1e9 + 2]).variance(), 1],
  ],
  std: [
    ["of equal elements is 0, with gradient 0", () => slopes((x) => x.std(), [2, 2, 2]), [0, 0, 0]],
    ["of one element is NaN", () => t([1]).std(), nan],
    ["of a scalar without correction is 0", () => t(3).std({ correction: 0 }), 0],
  ],
  prod: [
    ["of nothing is 1", () => empty(2, 0).prod({ axis: 1 }), [1, 1]],
    ["of nothing has an empty gradient", () => slopes((x) => x.prod(), []), shape(0)],
    ["of a scalar has slope 1", () => slopes((x) => x.prod(), 0), 1],
    ["with one 0 has the product of the others", () => slopes((x) => x.prod(), [2, 0, 3]), [0, 6, 0]],
    ["with two 0 has gradient 0", () => slopes((x) => x.prod(), [2, 0, 0]), [0, 0, 0]],
    ["with 0 has the right second derivatives",
      () => hessian((x) => x.prod())(t([2, 0, 0])), [[0, 0, 0], [0, 0, 2], [0, 2, 0]]],
    ["of bool is int32", () => t([true, false]).prod(), 0],
    ["of int32 wraps around", () => i32([65536, 65536, 3]).prod(), 0],
    ["is NaN where an element is", () => t([0, nan]).prod(), nan],
  ],
  cumsum: [
    ["of nothing is empty", () => empty(2, 0).cumsum(), shape(2, 0)],
    ["of a scalar is the scalar", () => t(3).cumsum(), 3],
    ["of size 1 is the same", () => t([[4], [5]]).cumsum(), [[4], [5]]],
    ["of bool counts", () => t([true, false, true]).cumsum(), [1, 1, 2]],
    ["is NaN from the first NaN on", () => t([1, nan, 1]).cumsum(), [1, nan, nan]],
    ["adds from the first element on", () => t([1e16, 1, -1e16, 1]).cumsum(), [1e16, 1e16, 0, 1]],
  ],
  cumprod: [
    ["of nothing is empty, as is its gradient", () => grad((x: Tensor) => x.cumprod().sum())(empty(2, 0)), shape(2, 0)],
    ["of a scalar has slope 1", () => slopes((x) => x.cumprod(), 3), 1],
    ["of size 1 has slope 1", () => slopes((x) => x.cumprod(), [[4], [5]]), [[1], [1]]],
    ["with zeros has the products of the others", () => weighted((x) => x.cumprod(), [2, 0, 3, 0]), [1, 620, 0, 0]],
    ["with 0 first", () => slopes((x) => x.cumprod(), [0, 3, 4]), [16, 0, 0]],
    ["with zeros has the right second derivatives",
      () => hessian((x) => x.cumprod().sum())(t([0, 0, 3])), [[0, 4, 0], [4, 0, 0], [0, 0, 0]]],
    ["of bool is int32", () => t([true, true, false]).cumprod(), [1, 1, 0]],
  ],
  sort: [
    ["of nothing is empty", () => empty(2, 0).sort(), shape(2, 0)],
    ["along another axis than the empty one", () => empty(2, 0).sort({ axis: 0 }), shape(2, 0)],
    ["of a scalar is the scalar", () => t(3).sort(), 3],
    ["of size 1 is the same", () => t([[4], [5]]).sort(), [[4], [5]]],
    ["puts NaN last", () => t([nan, 1, inf, -inf]).sort(), [-inf, 1, inf, nan]],
    ["puts NaN first in descending order", () => t([1, nan, 2]).sort({ descending: true }), [nan, 2, 1]],
    ["leaves zeros of both signs as they stand", () => t([0, -0, -1]).sort(), [-1, 0, -0]],
    ["gives each of ties its own derivative", () => weighted((x) => x.sort(), [2, 1, 2, 1]), [100, 1, 1000, 10]],
    ["of bool puts false first", () => t([true, false]).sort(), [false, true]],
  ],
  argsort: [
    ["of nothing is empty", () => empty(0).argsort(), shape(0)],
    ["of a scalar is 0", () => t(3).argsort(), 0],
    ["keeps ties in their order", () => t([1, 0, 1, 0]).argsort(), [1, 3, 0, 2]],
    ["keeps ties in their order, also descending", () => t([1, 0, 1, 0]).argsort({ descending: true }), [0, 2, 1, 3]],
    ["puts several NaN in their order", () => t([nan, 1, nan]).argsort(), [1, 0, 2]],
  ],
  topK: [
    ["of none is empty", () => t([[1, 2]]).topK({ k: 0 }).values, shape(1, 0)],
    ["of all is a descending sort", () => t([1, 3, 2]).topK({ k: 3 }).values, [3, 2, 1]],
    ["takes the first of ties", () => t([2, 3, 3]).topK({ k: 1 }).indices, [1]],
    ["takes the first of ties for the smallest", () => t([2, 2, 3]).topK({ k: 1, largest: false }).indices, [0]],
    ["counts NaN as largest", () => t([1, nan, 2]).topK({ k: 2 }).values, [nan, 2]],
    ["counts NaN as largest, where the smallest are wanted",
      () => t([nan, 1]).topK({ k: 1, largest: false }).values, [1]],
    ["gives the derivative to what it took", () => slopes((x) => x.topK({ k: 2 }).values, [2, 3, 3, 1]), [0, 1, 1, 0]],
  ],
  median: [
    ["takes the lower one of two", () => t([4, 1, 3, 2]).median(), 2],
    ["of a scalar is the scalar", () => t(3).median(), 3],
    ["of size 1 is the element", () => t([[4], [5]]).median({ axis: 1 }), [4, 5]],
    ["is NaN where one is", () => t([[1, nan, 2], [1, 5, 2]]).median({ axis: 1 }), [nan, 2]],
    ["shares the derivative among ties", () => slopes((x) => x.median(), [1, 2, 2, 3]), [0, 0.5, 0.5, 0]],
    ["over several axes",
      () => t([[[1, 9], [2, 8]], [[3, 7], [4, 6]]]).median({ axis: [0, 2], keepDims: true }), [[[3], [4]]]],
    ["of int32 is int32", () => i32([7, 5, 6]).median(), 6],
    ["over no rows of no columns has no columns", () => empty(2, 0).median({ axis: 0 }), shape(0)],
  ],
  quantile: [
    ["at 0 and 1 is the smallest and the largest", () => t([3, 1, 2]).quantile([0, 1]), [1, 3]],
    ["of one element is the element", () => t([[4], [5]]).quantile(0.3, { axis: 1 }), [4, 5]],
    ["of a scalar is the scalar", () => t(3).quantile(0.3), 3],
    ["keeps the axes behind that of a list",
      () => t([[1, 2], [3, 4]]).quantile([0.5, 1], { axis: 1, keepDims: true }), [[[1.5], [3.5]], [[2], [4]]]],
    ["for an empty list is empty", () => t([[1, 2]]).quantile([], { axis: 1 }), shape(0, 1)],
    ["is NaN where one is", () => t([1, nan, 2]).quantile(0), nan],
    ["goes to the neighbours by weight", () => slopes((x) => x.quantile(0.25), [5, 1, 2]), [0, 0.5, 0.5]],
    ["of equal elements is exactly that", () => t([0.1, 0.1, 0.1]).quantile(0.3), 0.1],
    ["between infinities", () => t([-inf, -inf, 1, inf]).quantile([0.1, 0.4, 1]), [-inf, -inf, inf]],
    ["does not overflow", () => t([-1e308, 1e308]).quantile(0.5), 0],
    ["of int32 is a float", () => i32([1, 2]).quantile(0.5), 1.5],
  ],
};

runTable(table);

const kinks: readonly (readonly [says: string, f: (x: Tensor) => Tensor, at: readonly number[]])[] = [
  ["max at a tie", (x) => x.max(), [3, 1, 3]],
  ["min at a tie", (x) => x.min(), [3, 1, 1]],
  ["median at a tie", (x) => x.median(), [1, 2, 2]],
  ["quantile at a tie", (x) => x.quantile(0.3), [2, 1, 1]],
  ["sort at a tie", (x) => x.sort().mul(t([1, 2, 4])).sum(), [2, 1, 2]], // prettier-ignore
  ["topK at a tie", (x) => x.topK({ k: 1 }).values.sum(), [2, 3, 3]],
  ["norm at 0", (x) => x.norm(), [0, 0, 0]],
  ["norm of order 1 at 0", (x) => x.norm({ p: 1 }), [0, 1, -1]],
  ["norm of order 3/2 at 0", (x) => x.norm({ p: 1.5 }), [0, 1, -1]],
  ["norm of order Infinity at a tie", (x) => x.norm({ p: inf }), [2, -2, 0]],
  ["std of equal elements", (x) => x.std(), [2, 2, 2]],
  ["prod with zeros", (x) => x.prod(), [2, 0, 3]],
  ["cumprod with zeros", (x) => x.cumprod().sum(), [2, 0, 3]],
  ["logSumExp of infinities", (x) => x.logSumExp(), [-inf, 0, 1]],
];

test.each(kinks)("forward and reverse mode agree: %s", (_, f, at) => {
  const x = tensor(at);
  const v = random(1).normal(x.shape);
  expect(jvp(f, [x], [v])[1].item()).toBeCloseTo(grad(f)(x).mul(v).sum().item(), 12);
});
