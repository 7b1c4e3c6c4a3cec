/**
 * Reductions, shape and indexing at the edges: empty and size-1 axes, scalars, kinks, ties, NaN and infinities. A missing
 * operator is a compile error.
 */
import { describe, expect, test } from "vitest";
import {
  concat,
  grad,
  hessian,
  meshgrid,
  stack,
  stopGradient,
  tensor,
  zeros,
  type DType,
  type Tensor,
} from "@cotangent/core";
import type { indexing } from "./cases/indexing.js";
import type { reduction } from "./cases/reduction.js";
import type { shaping } from "./cases/shaping.js";

type Name = keyof typeof reduction | keyof typeof shaping | keyof typeof indexing;

/** What is expected: the elements, nested; or, of something empty, its shape. */
type Expected = number | boolean | readonly unknown[] | { readonly shape: readonly number[] };
type Row = readonly [says: string, run: () => Tensor | readonly Tensor[], expected: Expected];

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const t = (data: unknown, dtype?: DType): Tensor => tensor(data as number[], { dtype });
const i32 = (data: unknown): Tensor => t(data, "int32");
const empty = (...shape: number[]): Tensor => zeros(shape);
const shape = (...sizes: number[]): Expected => ({ shape: sizes });
/** The gradient of the sum of what `f` gives. */
const slopes = (f: (x: Tensor) => Tensor, x: unknown): Tensor => grad((v: Tensor) => f(v).sum())(t(x));
/** The gradient of what `f` gives, weighted with 1, 10, 100, … in row-major order. */
const weighted = (f: (x: Tensor) => Tensor, x: unknown): Tensor =>
  slopes((v) => {
    const y = f(v).flatten();
    return y.mul(t(Array.from({ length: y.size }, (_, i) => 10 ** i)));
  }, x);

// prettier-ignore
const table: Readonly<Record<Name, readonly Row[]>> = {
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
    ["with 0 has the right second derivatives", () => hessian((x) => x.prod())(t([2, 0, 0])), [[0, 0, 0], [0, 0, 2], [0, 2, 0]]],
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
    ["with zeros has the right second derivatives", () => hessian((x) => x.cumprod().sum())(t([0, 0, 3])), [[0, 4, 0], [4, 0, 0], [0, 0, 0]]],
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
    ["counts NaN as largest, where the smallest are wanted", () => t([nan, 1]).topK({ k: 1, largest: false }).values, [1]],
    ["gives the derivative to what it took", () => slopes((x) => x.topK({ k: 2 }).values, [2, 3, 3, 1]), [0, 1, 1, 0]],
  ],
  median: [
    ["takes the lower one of two", () => t([4, 1, 3, 2]).median(), 2],
    ["of a scalar is the scalar", () => t(3).median(), 3],
    ["of size 1 is the element", () => t([[4], [5]]).median({ axis: 1 }), [4, 5]],
    ["is NaN where one is", () => t([[1, nan, 2], [1, 5, 2]]).median({ axis: 1 }), [nan, 2]],
    ["shares the derivative among ties", () => slopes((x) => x.median(), [1, 2, 2, 3]), [0, 0.5, 0.5, 0]],
    ["over several axes", () => t([[[1, 9], [2, 8]], [[3, 7], [4, 6]]]).median({ axis: [0, 2], keepDims: true }), [[[3], [4]]]],
    ["of int32 is int32", () => i32([7, 5, 6]).median(), 6],
    ["over no rows of no columns has no columns", () => empty(2, 0).median({ axis: 0 }), shape(0)],
  ],
  quantile: [
    ["at 0 and 1 is the smallest and the largest", () => t([3, 1, 2]).quantile([0, 1]), [1, 3]],
    ["of one element is the element", () => t([[4], [5]]).quantile(0.3, { axis: 1 }), [4, 5]],
    ["of a scalar is the scalar", () => t(3).quantile(0.3), 3],
    ["keeps the axes behind that of a list", () => t([[1, 2], [3, 4]]).quantile([0.5, 1], { axis: 1, keepDims: true }), [[[1.5], [3.5]], [[2], [4]]]],
    ["for an empty list is empty", () => t([[1, 2]]).quantile([], { axis: 1 }), shape(0, 1)],
    ["is NaN where one is", () => t([1, nan, 2]).quantile(0), nan],
    ["goes to the neighbours by weight", () => slopes((x) => x.quantile(0.25), [5, 1, 2]), [0, 0.5, 0.5]],
    ["of equal elements is exactly that", () => t([0.1, 0.1, 0.1]).quantile(0.3), 0.1],
    ["between infinities", () => t([-inf, -inf, 1, inf]).quantile([0.1, 0.4, 1]), [-inf, -inf, inf]],
    ["does not overflow", () => t([-1e308, 1e308]).quantile(0.5), 0],
    ["of int32 is a float", () => i32([1, 2]).quantile(0.5), 1.5],
  ],

  astype: [
    ["of nothing is empty", () => empty(2, 0).astype("int32"), shape(2, 0)],
    ["truncates a scalar towards 0", () => t(-1.5).astype("int32"), -1],
    ["counts NaN as true", () => t([nan, 0]).astype("bool"), [true, false]],
  ],
  broadcastTo: [
    ["stretches a scalar", () => t(3).broadcastTo([2, 1]), [[3], [3]]],
    ["stretches size 1 to nothing", () => t([3]).broadcastTo([0]), shape(0)],
    ["sums where it repeats", () => slopes((x) => x.broadcastTo([4, 2]), [[5, 6]]), [[4, 4]]],
    ["to nothing has slope 0", () => slopes((x) => x.broadcastTo([0, 2]), [5, 6]), [0, 0]],
  ],
  permute: [
    ["of a scalar", () => t(3).permute([]), 3],
    ["of nothing", () => empty(2, 0, 3).permute([2, 0, 1]), shape(3, 2, 0)],
    ["takes negative axes", () => t([[1, 2]]).permute([-1, -2]), [[1], [2]]],
  ],
  reshape: [
    ["makes a scalar a vector", () => t(3).reshape([1]), [3]],
    ["makes size 1 a scalar", () => t([[3]]).reshape([]), 3],
    ["of nothing", () => empty(2, 0).reshape([0, 5]), shape(0, 5)],
  ],
  stopGradient: [
    ["of nothing is empty", () => stopGradient(empty(2, 0)), shape(2, 0)],
    ["of a scalar is a constant", () => slopes((x) => stopGradient(x).mul(x), 3), 3],
  ],
  transpose: [
    ["of nothing", () => empty(2, 0).transpose(), shape(0, 2)],
    ["of a row", () => t([[1, 2]]).transpose(), [[1], [2]]],
  ],
  swapAxes: [
    ["of an axis with itself is the same", () => t([[1, 2]]).swapAxes(0, -2), [[1, 2]]],
    ["of nothing", () => empty(2, 0, 3).swapAxes(0, -1), shape(3, 0, 2)],
  ],
  moveAxis: [
    ["to its own place is the same", () => t([[1, 2]]).moveAxis(-1, 1), [[1, 2]]],
    ["of nothing", () => empty(2, 0, 3).moveAxis(0, -1), shape(0, 3, 2)],
  ],
  flatten: [
    ["of a scalar has one element", () => t(3).flatten(), [3]],
    ["of nothing", () => empty(2, 0, 3).flatten({ start: 1 }), shape(2, 0)],
  ],
  squeeze: [
    ["of a scalar is the scalar", () => t(3).squeeze(), 3],
    ["of one element is a scalar", () => t([[3]]).squeeze(), 3],
    ["keeps empty axes", () => empty(1, 0).squeeze(), shape(0)],
  ],
  unsqueeze: [
    ["of a scalar has one element", () => t(3).unsqueeze(-1), [3]],
    ["of nothing", () => empty(0).unsqueeze(0), shape(1, 0)],
  ],
  concat: [
    ["with nothing is the same", () => concat([t([1, 2]), empty(0)]), [1, 2]],
    ["of nothing is empty", () => concat([empty(2, 0), empty(3, 0)]), shape(5, 0)],
    ["of one tensor is that", () => concat([t([1])]), [1]],
    ["promotes", () => concat([t([true]), i32([3])]), [1, 3]],
  ],
  stack: [
    ["of scalars is a vector", () => stack([t(1), 2]), [1, 2]],
    ["of nothing", () => stack([empty(0), empty(0)], { axis: -1 }), shape(0, 2)],
  ],
  slice: [
    ["of a scalar takes no ranges", () => t(3).slice([]), 3],
    ["past the end is empty", () => t([1, 2]).slice([[5, 9]]), shape(0)],
    ["of nothing backwards is empty", () => empty(0).slice([[null, null, -1]]), shape(0)],
    ["backwards from the end", () => t([1, 2, 3, 4]).slice([[null, null, -1]]), [4, 3, 2, 1]],
    ["backwards with negative bounds", () => t([1, 2, 3, 4]).slice([[-1, -4, -2]]), [4, 2]],
    ["backwards down to the first", () => t([1, 2, 3]).slice([[1, null, -1]]), [2, 1]],
    ["backwards from a bound past the end", () => t([1, 2, 3]).slice([[9, 0, -1]]), [3, 2]],
    ["backwards to a bound before the beginning", () => t([1, 2, 3]).slice([[1, -9, -1]]), [2, 1]],
    ["backwards in the wrong direction is empty", () => t([1, 2, 3]).slice([[0, 2, -1]]), shape(0)],
    ["backwards gives the derivative to where it was", () => weighted((x) => x.slice([[null, null, -2]]), [1, 2, 3, 4]), [0, 10, 0, 1]],
    ["to a scalar", () => t([[1, 2]]).slice([-1, -2]), 1],
  ],
  meshgrid: [
    ["of scalars has one element", () => meshgrid(1, 2), [[[1]], [[2]]]],
    ["with nothing is empty", () => meshgrid(t([1, 2]), empty(0))[0], shape(2, 0)],
    ["has rows along xs", () => meshgrid(t([1, 2]), t([3, 4])), [[[1, 1], [2, 2]], [[3, 4], [3, 4]]]],
  ],
  split: [
    ["leaves a smaller part at the end", () => t([1, 2, 3]).split({ sizes: 2 }), [[1, 2], [3]]],
    ["allows empty parts", () => t([1, 2]).split({ sizes: [0, 2, 0] }), [[], [1, 2], []]],
    ["of nothing is one empty part", () => empty(0).split({ sizes: 2 }), [[]]],
    ["of nothing into no parts", () => empty(0).split({ sizes: [] }), []],
    ["into a size above the axis is one part", () => t([1, 2]).split({ sizes: 5 }), [[1, 2]]],
  ],
  chunk: [
    ["leaves a smaller part at the end", () => t([1, 2, 3]).chunk({ chunks: 2 }), [[1, 2], [3]]],
    ["gives fewer parts where the elements run out", () => t([1, 2, 3, 4, 5]).chunk({ chunks: 4 }), [[1, 2], [3, 4], [5]]],
    ["gives fewer parts than asked for", () => t([1, 2]).chunk({ chunks: 5 }), [[1], [2]]],
    ["of nothing gives empty parts", () => empty(0).chunk({ chunks: 3 }), [[], [], []]],
  ],
  unstack: [
    ["of a vector gives scalars", () => t([1, 2]).unstack(), [1, 2]],
    ["of nothing gives none", () => empty(0, 3).unstack(), []],
    ["of empty rows", () => empty(2, 0).unstack(), [[], []]],
  ],
  flip: [
    ["of a scalar is the scalar", () => t(3).flip(), 3],
    ["of nothing is empty", () => empty(2, 0).flip(), shape(2, 0)],
    ["without an axis turns all", () => t([[1, 2], [3, 4]]).flip(), [[4, 3], [2, 1]]],
    ["takes several axes", () => t([[[1, 2]], [[3, 4]]]).flip({ axis: [0, -1] }), [[[4, 3]], [[2, 1]]]],
  ],
  roll: [
    ["of a scalar is the scalar", () => t(3).roll({ shift: 1 }), 3],
    ["of nothing is empty", () => empty(2, 0).roll({ shift: 1, axis: 1 }), shape(2, 0)],
    ["takes all elements as one line", () => t([[1, 2], [3, 4]]).roll({ shift: 1 }), [[4, 1], [2, 3]]],
    ["goes around", () => t([1, 2, 3]).roll({ shift: -7, axis: 0 }), [2, 3, 1]],
    ["by the size is the same", () => t([1, 2, 3]).roll({ shift: 3 }), [1, 2, 3]],
    ["adds up for an axis that comes twice", () => t([1, 2, 3]).roll({ shift: [1, 1], axis: [0, 0] }), [2, 3, 1]],
  ],
  tile: [
    ["of a scalar is a vector", () => t(3).tile([2]), [3, 3]],
    ["by nothing is the same", () => t([1, 2]).tile([]), [1, 2]],
    ["by 0 is empty", () => t([[1, 2]]).tile([0]), shape(1, 0)],
    ["takes a number for the last axis", () => t([[1], [2]]).tile(2), [[1, 1], [2, 2]]],
    ["puts new axes in front", () => t([1, 2]).tile([2, 1]), [[1, 2], [1, 2]]],
    ["sums the derivatives of the copies", () => slopes((x) => x.tile([2, 3]), [1, 2]), [6, 6]],
  ],
  repeat: [
    ["of a scalar is a vector", () => t(3).repeat({ repeats: 2 }), [3, 3]],
    ["takes all elements as one line", () => t([[1, 2], [3, 4]]).repeat({ repeats: [0, 1, 2, 0] }), [2, 3, 3]],
    ["by 0 is empty", () => t([[1, 2]]).repeat({ repeats: 0, axis: 1 }), shape(1, 0)],
    ["of nothing is empty", () => empty(2, 0).repeat({ repeats: 3, axis: 1 }), shape(2, 0)],
    ["sums the derivatives of the copies", () => slopes((x) => x.repeat({ repeats: [2, 0] }), [1, 2]), [2, 0]],
  ],
  pad: [
    ["of a scalar is the scalar", () => t(3).pad({ widths: [] }), 3],
    ["fills what was empty", () => empty(0).pad({ widths: [[1, 1]], value: 7 }), [7, 7]],
    ["cuts everything off", () => t([1, 2]).pad({ widths: [[-1, -1]] }), shape(0)],
    ["cuts off before it adds", () => t([1, 2, 3]).pad({ widths: [[-1, 2]], mode: "circular" }), [2, 3, 2, 3]],
    ["takes NaN and Infinity as values", () => t([1]).pad({ widths: [[1, 0]], value: -inf }), [-inf, 1]],
    ["of int32 and bool keeps the dtype", () => t([true]).pad({ widths: [[0, 1]] }), [true, false]],
    ["reflects up to the size less 1", () => t([1, 2, 3]).pad({ widths: [[2, 2]], mode: "reflect" }), [3, 2, 1, 2, 3, 2, 1]],
    ["reflects no size 1 but by 0", () => t([[1], [2]]).pad({ widths: [[1, 0], [0, 0]], mode: "reflect" }), [[2], [1], [2]]],
    ["continues a circle by its size", () => t([1, 2]).pad({ widths: [[2, 1]], mode: "circular" }), [1, 2, 1, 2, 1]],
    ["replicates size 1 as often as asked", () => t([5]).pad({ widths: [[2, 1]], mode: "replicate" }), [5, 5, 5, 5]],
    ["adds up the derivatives of what it repeats", () => weighted((x) => x.pad({ widths: [[1, 2]], mode: "replicate" }), [1, 2]), [11, 11100]],
    ["leaves what is cut off without derivative", () => slopes((x) => x.pad({ widths: [[-1, 1]] }), [1, 2]), [0, 1]],
    ["pads every axis", () => t([[1]]).pad({ widths: [[0, 1], [1, 0]] }), [[0, 1], [0, 0]]],
  ],
  triu: [
    ["of nothing is empty", () => empty(0, 3).triu(), shape(0, 3)],
    ["removes NaN and Infinity", () => t([[1, nan], [inf, 2]]).triu(), [[1, nan], [0, 2]]],
    ["far above is 0", () => t([[1, 2]]).triu({ diagonal: 5 }), [[0, 0]]],
    ["far below is all", () => t([[1, 2], [3, 4]]).triu({ diagonal: -5 }), [[1, 2], [3, 4]]],
    ["of batches", () => t([[[1, 2], [3, 4]]]).triu(), [[[1, 2], [0, 4]]]],
    ["of bool is bool", () => t([[true, true], [true, true]]).triu(), [[true, true], [false, true]]],
  ],
  tril: [
    ["of nothing is empty", () => empty(3, 0).tril(), shape(3, 0)],
    ["removes NaN and Infinity", () => t([[1, nan], [inf, 2]]).tril(), [[1, 0], [inf, 2]]],
    ["of size 1", () => t([[5]]).tril({ diagonal: -1 }), [[0]]],
  ],
  diagonal: [
    ["outside is empty", () => t([[1, 2], [3, 4]]).diagonal({ offset: 2 }), shape(0)],
    ["of nothing is empty", () => empty(0, 3).diagonal(), shape(0)],
    ["of nothing below is empty", () => empty(3, 0).diagonal({ offset: -1 }), shape(0)],
    ["of a wide matrix", () => t([[1, 2, 3], [4, 5, 6]]).diagonal({ offset: 1 }), [2, 6]],
    ["of the transposed axes", () => t([[1, 2, 3], [4, 5, 6]]).diagonal({ offset: 1, axis1: 1, axis2: 0 }), [4]],
  ],
  diag: [
    ["of an empty vector is empty", () => empty(0).diag(), shape(0, 0)],
    ["of an empty vector has room for the offset", () => empty(0).diag({ diagonal: 1 }), [[0]]],
    ["of size 1", () => t([5]).diag(), [[5]]],
    ["undoes itself", () => t([1, 2]).diag({ diagonal: -2 }).diag({ diagonal: -2 }), [1, 2]],
  ],
  trace: [
    ["of nothing is 0", () => empty(0, 0).trace(), 0],
    ["of a wide matrix", () => t([[1, 2, 3], [4, 5, 6]]).trace(), 6],
    ["of int32 is int32", () => i32([[1, 2], [3, 4]]).trace(), 5],
  ],

  gather: [
    ["of nothing", () => t([[1, 2]]).gather(i32([]).reshape([1, 0]), { axis: 1 }), shape(1, 0)],
    ["counts negative indices from the end", () => t([1, 2, 3]).gather(i32([-1, 0])), [3, 1]],
    ["adds up the derivatives of repeated indices", () => weighted((x) => x.gather(i32([1, 1, 0])), [5, 6]), [100, 11]],
    ["takes fewer rows than there are", () => t([[1, 2], [3, 4]]).gather(i32([[1, 0]]), { axis: 1 }), [[2, 1]]],
  ],
  take: [
    ["of a single index drops the axis", () => t([[1, 2], [3, 4]]).take(-1), [3, 4]],
    ["of a single index of a vector is a scalar", () => t([1, 2]).take(1), 2],
    ["of no indices is empty", () => t([[1, 2]]).take(i32([]), { axis: 1 }), shape(1, 0)],
    ["puts the shape of the indices in place of the axis", () => t([[1, 2]]).take(i32([[0], [1]]), { axis: 1 }), [[[1], [2]]]],
    ["adds up the derivatives of repeated indices", () => weighted((x) => x.take(i32([1, 1, 0])), [5, 6]), [100, 11]],
  ],
  scatterAdd: [
    ["accumulates repeated indices", () => t([1, 1]).scatterAdd(i32([0, 0, -1]), t([1, 2, 3])), [4, 4]],
    ["of no indices is a copy", () => t([1, 2]).scatterAdd(i32([]), t([])), [1, 2]],
    ["spreads a number", () => t([1, 2], "float32").scatterAdd(i32([0, 0]), 0.5), [2, 2]],
    ["leaves updates without index out", () => t([1, 2]).scatterAdd(i32([1]), t([5, 6])), [1, 7]],
    ["gives each update the derivative of its place", () => weighted((u) => t([0, 0]).scatterAdd(i32([1, 0, 1]), u), [1, 2, 3]), [10, 1, 10]],
    ["gives updates that are left out none", () => slopes((u) => t([0, 0]).scatterAdd(i32([1]), u), [1, 2]), [1, 0]],
  ],
  maskedFill: [
    ["of a scalar", () => t(3).maskedFill(t(true), 7), 7],
    ["of nothing is empty", () => empty(2, 0).maskedFill(t(true), 7), shape(2, 0)],
    ["gives no derivative to what it replaces", () => slopes((x) => x.maskedFill(t([true, false]), 1).sqrt(), [0, 4]), [0, 0.25]],
    ["replaces NaN", () => t([nan, 1]).maskedFill(t([true, false]), -inf), [-inf, 1]],
    ["of bool is bool", () => t([true, true]).maskedFill(t([true, false]), t(false)), [false, true]],
    ["sums the derivative of the value", () => grad((v: Tensor) => t([1, 2, 3]).maskedFill(t([true, false, true]), v).sum())(5), 2],
  ],
};

const isShape = (expected: Expected): expected is { readonly shape: readonly number[] } =>
  typeof expected === "object" && "shape" in expected;

describe.each(Object.entries(table))("%s", (_, rows) => {
  test.each(rows)("%s", (_says, run, expected) => {
    const result = run();
    if (isShape(expected)) expect((result as Tensor).shape).toEqual(expected.shape);
    else
      expect(Array.isArray(result) ? result.map((x: Tensor) => x.toArray()) : (result as Tensor).toArray()).toEqual(
        expected,
      );
  });
});
