/**
 * Views under other shapes, and ranges.
 * @module
 */
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { normalizeAxes, normalizeAxis, showShape, type Axes } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { showList, swap } from "./lines.js";
import { permute, reshape, stretch } from "./linear.js";
import { withoutAxes } from "./reduceOptions.js";
import { sliceRanges, wholeAxis, type Range } from "./regions.js";

/**
 * Swaps the last two axes, $Y = X^\top$. A view.
 *
 * - `x`: shape `[…batch, rows, columns]`
 * @returns shape `[…batch, columns, rows]`
 * @derivative the cotangent, transposed: $\bar X = \bar Y^\top$
 * @throws {@link ShapeError} if there are fewer than two axes
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2, 3]]).transpose().toArray(); // → [[1],[2],[3]]
 * ```
 */
export const transpose: (x: TensorLike) => Tensor = function transpose(x) {
  const t = asTensor("transpose", x);
  if (t.rank < 2)
    throw new ShapeError(
      `transpose: expected at least two axes, got shape ${showShape(t.layout.shape)}; unsqueeze it, for example with unsqueeze(0)`,
    );
  return swap(t, -2, -1);
};

/**
 * Swaps two axes, $y_{… j … i …} = x_{… i … j …}$. A view.
 *
 * @returns the shape of `x`, two sizes swapped
 * @derivative the cotangent, its axes swapped back
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([2, 3, 4]).swapAxes(0, -1).shape; // → [4,3,2]
 * ```
 */
export const swapAxes: (x: TensorLike, a: number, b: number) => Tensor = function swapAxes(x, a, b) {
  const t = asTensor("swapAxes", x);
  return swap(t, normalizeAxis("swapAxes", a, t.rank), normalizeAxis("swapAxes", b, t.rank));
};

/**
 * Moves one axis to another place, $y_{j k i} = x_{i j k}$ from 0 to 2; the others keep their order. A view.
 *
 * @returns the shape of `x`, one size moved
 * @derivative the cotangent, its axis moved back
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([2, 3, 4]).moveAxis(0, -1).shape; // → [3,4,2]
 * ```
 */
export const moveAxis: (x: TensorLike, from: number, to: number) => Tensor = function moveAxis(x, from, to) {
  const t = asTensor("moveAxis", x);
  const [p, q] = [normalizeAxis("moveAxis", from, t.rank), normalizeAxis("moveAxis", to, t.rank)];
  if (t.rank === 0) return t;
  const axes = t.layout.shape.map((_, axis) => axis).filter((axis) => axis !== p);
  axes.splice(q, 0, p);
  return permute(t, axes);
};

/** Options of `flatten`. */
export interface FlattenOptions {
  /** First axis to merge. Default: 0. */
  readonly start?: number | undefined;
  /** Last axis to merge. Default: -1. */
  readonly end?: number | undefined;
}

/**
 * Merges the axes from `start` to `end` into one, $y_{i n + j} = x_{i j}$ for two, the last of size n.
 *
 * @returns the shape of `x`, the merged sizes multiplied
 * @derivative the cotangent, reshaped back
 * @throws {@link ShapeError} if an axis is out of range or `start` lies behind `end`
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([2, 3, 4]).flatten({ start: 1 }).shape; // → [2,12]
 * ```
 */
export const flatten: (x: TensorLike, options?: FlattenOptions) => Tensor = function flatten(x, options) {
  const t = asTensor("flatten", x);
  checkOptions("flatten", options, ["start", "end"]);
  const { shape } = t.layout;
  const start = normalizeAxis("flatten", options?.start, t.rank, 0);
  const end = normalizeAxis("flatten", options?.end, t.rank, -1);
  if (start > end) throw new ShapeError(`flatten: expected start not behind end, got ${start} and ${end}; swap them`);
  const merged = shape.slice(start, end + 1).reduce((a, b) => a * b, 1);
  return reshape(t, [...shape.slice(0, start), merged, ...shape.slice(end + 1)]);
};

/**
 * Drops axes of size 1, $y_i = x_{0 i}$: those named, or all.
 *
 * @returns the shape of `x` without the dropped axes
 * @derivative the cotangent, reshaped back
 * @throws {@link ShapeError} if a named axis is out of range or has another size
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([1, 3, 1]).squeeze().shape; // → [3]
 * zeros([1, 3, 1]).squeeze({ axis: 0 }).shape; // → [3,1]
 * ```
 */
export const squeeze: (x: TensorLike, options?: { readonly axis?: Axes | undefined }) => Tensor = function squeeze(
  x,
  options,
) {
  const t = asTensor("squeeze", x);
  checkOptions("squeeze", options, ["axis"]);
  const { shape } = t.layout;
  if (options?.axis === undefined)
    return reshape(
      t,
      shape.filter((n) => n !== 1),
    );
  const axes = normalizeAxes("squeeze", options.axis, t.rank);
  for (const axis of axes)
    if (shape[axis] !== 1)
      throw new ShapeError(
        `squeeze: expected size 1 at axis ${axis}, got shape ${showShape(shape)}; pick one of its slices with slice`,
      );
  return reshape(t, withoutAxes(shape, axes));
};

/**
 * Adds an axis of size 1 at `axis`, $y_{0 i} = x_i$ at 0; negative counts from the end of the result.
 *
 * @returns the shape of `x` with 1 at `axis`
 * @derivative the cotangent, reshaped back
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([3]).unsqueeze(0).shape; // → [1,3]
 * zeros([3]).unsqueeze(-1).shape; // → [3,1]
 * ```
 */
export const unsqueeze: (x: TensorLike, axis: number) => Tensor = function unsqueeze(x, axis) {
  const t = asTensor("unsqueeze", x);
  const at = normalizeAxis("unsqueeze", axis, t.rank + 1);
  const { shape } = t.layout;
  return reshape(t, [...shape.slice(0, at), 1, ...shape.slice(at)]);
};

/** What to pick along an axis: `[start, stop, step]` (each may be left out or `null`), one index (drops the axis), or `null` (everything). */
export type SliceRange = readonly (number | null | undefined)[] | number | null;

/**
 * Picks ranges along the leading axes, $y_i = x_{a + s i}$ with the start a and the step s, with NumPy's meaning of
 * negative starts, stops and steps. A view.
 *
 * - `ranges`: one entry per leading axis: `[start, stop, step]`, a number (drops the axis), or `null` for all of it
 * @derivative the cotangent in its place, zeros around it
 * @throws {@link ShapeError} if there are more ranges than axes, or an index is out of range
 * @throws {@link ArgumentError} if a range is malformed or its step is 0
 * @example
 * ```ts
 * import { arange } from "@cotangent/core";
 * const x = arange(0, 6).reshape([2, 3]);
 * x.slice([null, [0, 2]]).toArray(); // → [[0,1],[3,4]]
 * x.slice([-1]).toArray(); // → [3,4,5]
 * x.slice([null, [null, null, -1]]).toArray(); // → [[2,1,0],[5,4,3]]
 * ```
 */
export const slice: (x: TensorLike, ranges: readonly SliceRange[]) => Tensor = function slice(x, ranges) {
  const t = asTensor("slice", x);
  const { shape } = t.layout;
  if (!Array.isArray(ranges))
    throw new ArgumentError(
      `slice: expected a list of ranges, got ${describe(ranges)}; write [[start, stop]], or [index]`,
    );
  if (ranges.length > shape.length)
    throw new ShapeError(
      `slice: expected at most ${shape.length} ranges for shape ${showShape(shape)}, got ${ranges.length}; leave the others out`,
    );
  const list = ranges as readonly SliceRange[];
  const dropped = list.flatMap((range, axis) => (typeof range === "number" ? [axis] : []));
  const picked = sliceRanges(
    t,
    shape.map((n, axis) => resolveRange(list[axis] ?? null, n)),
  );
  return dropped.length === 0 ? picked : reshape(picked, withoutAxes(picked.layout.shape, dropped));
};

function resolveRange(range: SliceRange, n: number): Range {
  if (typeof range === "number") {
    if (!Number.isInteger(range) || range < -n || range >= n)
      throw new ShapeError(
        `slice: expected ${n === 0 ? "no index along an axis of size 0" : `an index from ${-n} to ${n - 1}`}, got ${describe(range)}; a range such as [0, ${n}] is cut to what is there`,
      );
    return { start: range < 0 ? range + n : range, step: 1, count: 1 };
  }
  if (range === null) return wholeAxis(n);
  const integers = Array.isArray(range) && range.every((v) => v === null || v === undefined || Number.isSafeInteger(v));
  const step = integers ? (range[2] ?? 1) : 0;
  if (!integers || range.length > 3 || step === 0)
    throw new ArgumentError(
      `slice: expected [start, stop, step] of integers with a step that is not 0, got ${showList(range)}; leave out what is not needed`,
    );
  const [low, high] = step > 0 ? [0, n] : [-1, n - 1];
  const bound = (v: number): number => Math.min(Math.max(v < 0 ? v + n : v, low), high);
  const start = range[0] == null ? (step > 0 ? 0 : n - 1) : bound(range[0]);
  const stop = range[1] == null ? (step > 0 ? n : -1) : bound(range[1]);
  return { start, step, count: Math.max(0, Math.ceil((stop - start) / step)) };
}

/**
 * Two vectors as the coordinates of a grid: $X_{ij} = x_i$ and $Y_{ij} = y_j$ (rows follow `xs`, as in PyTorch). Views.
 *
 * - `xs`: shape `[m]`, or a scalar
 * - `ys`: shape `[n]`, or a scalar
 * @returns two tensors of shape `[m, n]`
 * @derivative $\bar x_i = \sum_j \bar X_{ij}$ and $\bar y_j = \sum_i \bar Y_{ij}$: the cotangents, summed along the
 *   rows and the columns
 * @throws {@link ShapeError} if one is neither a vector nor a scalar
 * @example
 * ```ts
 * import { meshgrid, tensor } from "@cotangent/core";
 * const [x, y] = meshgrid(tensor([1, 2]), tensor([3, 4, 5]));
 * x.toArray(); // → [[1,1,1],[2,2,2]]
 * y.toArray(); // → [[3,4,5],[3,4,5]]
 * ```
 */
export const meshgrid: (xs: TensorLike, ys: TensorLike) => [Tensor, Tensor] = function meshgrid(xs, ys) {
  const [x, y] = [asTensor("meshgrid", xs), asTensor("meshgrid", ys)];
  if (x.rank > 1 || y.rank > 1)
    throw new ShapeError(
      `meshgrid: expected two vectors, got shapes ${showShape(x.layout.shape)} and ${showShape(y.layout.shape)}; flatten them first`,
    );
  const shape = [x.size, y.size];
  return [stretch(reshape(x, [x.size, 1]), shape), stretch(reshape(y, [1, y.size]), shape)];
};
