/**
 * Sorting, and what it gives: the largest few, the middle, quantiles.
 * @module
 */
import { tensor } from "../construct.js";
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { contiguousLayout, normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, mul, sub } from "./arithmetic.js";
import { equal, isFinite, isNaN } from "./comparisons.js";
import { computable } from "./elementwise.js";
import { selection } from "./extremes.js";
import { gather, take } from "./indexing.js";
import { forEachLine, forEachOrder, topIndices } from "./lineOrder.js";
import { alongAxis, needElements, toLines, type LineOptions } from "./lines.js";
import { booleanOption, integerOption } from "./options.js";
import { asLine, keep, reshape } from "./linear.js";
import { reducedAxes, type ReduceOptions, type Reduction } from "./reduceOptions.js";
import { where } from "./piecewise.js";
import { moveAxis } from "./shaping.js";

/** Options of `sort` and `argsort`. */
export interface SortOptions extends LineOptions {
  /** From the largest to the smallest. Default: false. */
  readonly descending?: boolean | undefined;
}

const argsortPrimitive: Primitive<{ readonly axis: number; readonly descending: boolean }> = {
  name: "argsort",
  kernel: {
    kind: "routine",
    run: ([x], [shape], { axis, descending }, output) => {
      const stride = contiguousLayout(shape!).strides[axis]!;
      forEachOrder(x!, shape![axis]!, stride, descending, (order, start) => {
        for (let i = 0; i < order.length; i++) output[start + i * stride] = order[i]!;
      });
    },
  },
  shape: null,
  dtype: () => "int32",
  vjp: null,
  jvp: null,
};

const sortOptions = ["axis", "descending"];

function orderAlong(operator: string, x: Tensor, axis: number, options: SortOptions | undefined): Tensor {
  const descending = booleanOption(operator, "descending", options?.descending ?? false);
  return apply(argsortPrimitive, [x], { axis, descending });
}

/**
 * The elements in ascending order along an axis, $y_1 \le y_2 \le …$; NaN comes last, and first in descending order.
 *
 * - `x`: shape `[…, n, …]`; a scalar counts as one element
 * @returns the shape of `x`
 * @derivative the cotangent of each element goes back to where it came from
 * @kink equal elements keep their order, and each gets the cotangent of its own place; NaN counts as largest
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([3, 1, 2]).sort().toArray(); // → [1,2,3]
 * tensor([[3, 1], [2, 4]]).sort({ axis: 0, descending: true }).toArray(); // → [[3,4],[2,1]]
 * grad((x) => x.sort().mul(tensor([1, 10, 100])).sum())(tensor([3, 1, 2])).toArray(); // → [100,1,10]
 * ```
 */
export const sort: (x: TensorLike, options?: SortOptions) => Tensor = (x, options) =>
  alongAxis("sort", x, options, sortOptions, (t, axis) => gather(t, orderAlong("sort", t, axis, options), { axis }));

/**
 * The indices $p_i$ that sort an axis, $y_i = x_{p_i}$ with y as `sort` gives it, as int32.
 *
 * - `x`: shape `[…, n, …]`; a scalar counts as one element
 * @returns the shape of `x`
 * @derivative flat
 * @kink equal elements keep their order; NaN counts as largest
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([3, 1, 2, 1]).argsort().toArray(); // → [1,3,2,0]
 * tensor([3, 1, 2, 1]).argsort({ descending: true }).toArray(); // → [0,2,1,3]
 * ```
 */
export const argsort: (x: TensorLike, options?: SortOptions) => Tensor = (x, options) =>
  alongAxis("argsort", x, options, sortOptions, (t, axis) => orderAlong("argsort", t, axis, options));

/** Fewer than one element in so many are picked rather than sorted out. */
const pickedBelow = 16;

const topPrimitive: Primitive<{ readonly axis: number; readonly descending: boolean; readonly k: number }> = {
  name: "topIndices",
  kernel: {
    kind: "routine",
    run: ([x], [shape], { axis, descending, k }, output) => {
      const n = shape![axis]!;
      const stride = contiguousLayout(shape!).strides[axis]!;
      const put = (order: Int32Array, start: number): void => {
        const within = start % (n * stride);
        const to = ((start - within) / n) * k + within;
        for (let i = 0; i < k; i++) output[to + i * stride] = order[i]!;
      };
      if (k * pickedBelow > n) return forEachOrder(x!, n, stride, descending, put);
      forEachLine(x!, n, stride, (line, start) => put(topIndices(line, k, descending), start));
    },
  },
  shape: ([x], { axis, k }) => x!.map((n, a) => (a === axis ? k : n)),
  dtype: () => "int32",
  vjp: null,
  jvp: null,
};

/** Options of `topK`. */
export interface TopKOptions extends LineOptions {
  /** How many. */
  readonly k: number;
  /** The largest ones, or the smallest. Default: true. */
  readonly largest?: boolean | undefined;
}

/**
 * The `k` largest elements along an axis, $y_1 \ge … \ge y_k$, or the smallest in ascending order, and their indices as
 * int32.
 *
 * - `x`: shape `[…, n, …]`
 * @returns `values` and `indices` of shape `[…, k, …]`
 * @derivative the cotangent of each value goes back to where it came from; the indices are flat
 * @kink of equal elements, the first come first; NaN counts as largest
 * @throws {@link ArgumentError} if k is not an integer from 0
 * @throws {@link ShapeError} if k is larger than the axis, or the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const { values, indices } = tensor([3, 9, 1, 7]).topK({ k: 2 });
 * values.toArray(); // → [9,7]
 * indices.toArray(); // → [1,3]
 * tensor([3, 9, 1, 7]).topK({ k: 2, largest: false }).values.toArray(); // → [1,3]
 * ```
 */
export const topK: (x: TensorLike, options: TopKOptions) => { readonly values: Tensor; readonly indices: Tensor } =
  function topK(x, options) {
    const given = asTensor("topK", x);
    checkOptions("topK", options, ["k", "axis", "largest"], ["k"]);
    const k = integerOption("topK", "k", options.k, 0);
    const descending = booleanOption("topK", "largest", options.largest ?? true);
    const axis = normalizeAxis("topK", options.axis, given.rank, -1);
    const t = asLine(given);
    const n = t.layout.shape[axis]!;
    if (k > n)
      throw new ShapeError(
        `topK: expected k up to the ${n} elements along axis ${axis} of ${showShape(given.layout.shape)}, got ${k}; lower k`,
      );
    const indices = apply(topPrimitive, [t], { axis, descending, k });
    const values = gather(t, indices, { axis });
    // As in PyTorch, what is picked from a scalar is a scalar; of nothing picked, there are none.
    return given.rank > 0 || k === 0
      ? { values, indices }
      : { values: reshape(values, []), indices: reshape(indices, []) };
  };

const medianPrimitive = selection("median", {
  kind: "routine",
  run: ([x], [shape], _, output) => {
    const n = shape!.at(-1)!;
    forEachOrder(x!, n, 1, false, (order, start, line) => {
      const last = line[order[n - 1]!]!;
      output[start / n] = Number.isNaN(last) ? last : line[order[(n - 1) >> 1]!]!;
    });
  },
});

/**
 * Middle element over axes, $y = x_{(\lceil n / 2 \rceil)}$ in ascending order: the lower one of two (PyTorch's;
 * `quantile(x, 0.5)` takes their mean). NaN if there is one.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative 1 for the middle element, 0 for the others
 * @kink ties share equally
 * @throws {@link ShapeError} if there is nothing to reduce, or an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([5, 1, 9]).median().item(); // → 5
 * tensor([[4, 1, 3, 2], [8, 5, 7, 6]]).median({ axis: 1 }).toArray(); // → [2,6]
 * ```
 */
export const median: Reduction = function median(x, options) {
  const t = asTensor("median", x);
  const axes = reducedAxes("median", t, options);
  needElements("median", t, axes);
  const lines = toLines(t, axes);
  return keep(t, apply(medianPrimitive, [lines], { axes: [lines.rank - 1] }), axes, options);
};

/**
 * Quantiles over axes, linear between neighbours: the element at $q (n - 1)$ in ascending order, counted from 0. NaN if
 * there is one.
 *
 * - `x`: shape `[…]`; int32 and bool count as the default float
 * - `q`: a number from 0 to 1, or a list of them
 * @returns `x.shape` without the reduced axes, for a list with an axis for `q` in front
 * @derivative $1 - w$ for the element below and $w$ for that above, with the fraction $w$ of $q (n - 1)$
 * @kink equal elements stand in the order of `sort`
 * @throws {@link ArgumentError} if a q is not a number from 0 to 1
 * @throws {@link ShapeError} if there is nothing to reduce, or an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([4, 1, 2, 3]).quantile(0.5).item(); // → 2.5
 * tensor([[1, 2], [3, 5]]).quantile([0, 0.25], { axis: 1 }).toArray(); // → [[1,3],[1.25,3.5]]
 * ```
 * @see Hyndman, Fan: Sample quantiles in statistical packages (1996), definition 7
 */
export const quantile: (x: TensorLike, q: number | readonly number[], options?: ReduceOptions) => Tensor =
  function quantile(x, q, options) {
    const t = computable(asTensor("quantile", x), "float");
    const listed = Array.isArray(q);
    const qs = (listed ? (q as readonly unknown[]) : [q]).map(checkFraction);
    const axes = reducedAxes("quantile", t, options);
    needElements("quantile", t, axes);
    const ascending = sort(toLines(t, axes));
    const y = moveAxis(between(ascending, qs), -1, 0);
    const { shape } = t.layout;
    const kept = shape.flatMap((n, axis) => (!axes.includes(axis) ? [n] : options?.keepDims === true ? [1] : []));
    return reshape(y, listed ? [qs.length, ...kept] : kept);
  };

function checkFraction(q: unknown): number {
  if (typeof q !== "number" || !(q >= 0 && q <= 1))
    throw new ArgumentError(`quantile: expected q from 0 to 1, got ${describe(q)}; divide percentages by 100`);
  return q;
}

/** The quantiles of ascending lines `[…, n]`, shape `[…, qs.length]`. */
function between(ascending: Tensor, qs: readonly number[]): Tensor {
  const axis = ascending.rank - 1;
  const n = ascending.layout.shape[axis]!;
  const at = (place: (position: number) => number): Tensor =>
    take(ascending, tensor(Int32Array.from(qs, (q) => place(q * (n - 1)))), { axis });
  const [low, high] = [at(Math.floor), at(Math.ceil)];
  const weight = tensor(
    qs.map((q) => (q * (n - 1)) % 1),
    { dtype: ascending.dtype },
  );
  const gap = sub(high, low);
  // Where the gap overflows or a neighbour is infinite, the weighted mean makes sense, but not of twice the same infinity.
  const mean = add(mul(low, sub(1, weight)), mul(high, weight));
  const value = where(isFinite(gap), add(low, mul(gap, weight)), where(equal(low, high), low, mean));
  const last = at(() => n - 1);
  return where(isNaN(last), last, value);
}
