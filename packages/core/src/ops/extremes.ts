/**
 * Reductions to one of the elements, and where it stands.
 * @module
 */
import { checkOptions } from "../errors.js";
import type { Kernel } from "../kernel.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { normalizeAxis } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, mul } from "./arithmetic.js";
import { equal, notEqual } from "./comparisons.js";
import { needElements } from "./lines.js";
import { astype, keep, reducedShape, reshape, spread, sum } from "./linear.js";
import { reducedAxes, withOnes, type Reduction } from "./reduceOptions.js";
import { where } from "./piecewise.js";

interface AxesParams {
  readonly axes: readonly number[];
}

const selections = new WeakSet<object>();

/** The axes along which a primitive picks one of the elements; `null`: it does something else. */
export function pickedAxes<P>(primitive: Primitive<P>, params: P): readonly number[] | null {
  return selections.has(primitive) ? (params as AxesParams).axes : null;
}

/** A reduction to one of the elements; elements equal to it share the derivative equally. */
export function selection(name: string, kernel: Kernel<AxesParams>): Primitive<AxesParams> {
  const primitive: Primitive<AxesParams> = {
    name,
    kernel,
    shape: reducedShape,
    dtype: null,
    vjp: (_, ct, [x], y, { axes }) => mul(spread(ct, x!.layout.shape, axes), winners(x!, y, axes)),
    jvp: ([tangent], [x], y, { axes }) => sum(mul(tangent!, winners(x!, y, axes)), { axis: axes }),
  };
  selections.add(primitive);
  return primitive;
}

/** The equal share of each element that is the extreme one, 0 elsewhere; constant between kinks. */
function winners(x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const wide = reshape(y, withOnes(x.layout.shape, axes));
  const mask = astype(where(equal(wide, wide), equal(x, wide), notEqual(x, x)), x.dtype);
  return div(mask, sum(mask, { axis: axes, keepDims: true }));
}

function extreme(name: "max" | "min"): Reduction {
  const primitive = selection(name, { kind: "reduce", monoid: name, axes: ({ axes }) => axes });
  return function reduce(x, options) {
    const t = asTensor(name, x);
    const axes = reducedAxes(name, t, options);
    needElements(name, t, axes);
    return axes.length === 0 ? t : keep(t, apply(primitive, [t], { axes }), axes, options);
  };
}

/**
 * Largest element over axes, $y = \max_i x_i$; NaN if there is one.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative 1 for the largest element, 0 for the others
 * @kink ties share equally
 * @throws {@link ShapeError} if there is nothing to reduce, or an axis is out of range
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).max({ axis: 1 }).toArray(); // → [5,7]
 * grad((x) => x.max())(tensor([3, 1, 3])).toArray(); // → [0.5,0,0.5]
 * ```
 */
export const max: Reduction = extreme("max");

/**
 * Smallest element over axes, $y = \min_i x_i$; NaN if there is one.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative 1 for the smallest element, 0 for the others
 * @kink ties share equally
 * @throws {@link ShapeError} if there is nothing to reduce, or an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).min({ axis: 1 }).toArray(); // → [1,2]
 * ```
 */
export const min: Reduction = extreme("min");

/** Options of reductions along one axis. */
export interface IndexOptions {
  /** The axis; negative counts from the last. Default: all elements, in row-major order. */
  readonly axis?: number | undefined;
  /** Keep the reduced axis, with size 1. Default: false. */
  readonly keepDims?: boolean | undefined;
}

function extremeIndex(name: "argmax" | "argmin"): (x: TensorLike, options?: IndexOptions) => Tensor {
  const primitive: Primitive<AxesParams> = {
    name,
    kernel: { kind: "reduce", monoid: name, axes: ({ axes }) => axes },
    shape: reducedShape,
    dtype: () => "int32",
    vjp: null,
    jvp: null,
  };
  return function reduce(x, options) {
    const t = asTensor(name, x);
    checkOptions(name, options, ["axis", "keepDims"]);
    if (options?.axis !== undefined) normalizeAxis(name, options.axis, t.rank);
    const axes = reducedAxes(name, t, options);
    needElements(name, t, axes);
    return keep(t, apply(primitive, [t], { axes }), axes, options);
  };
}

/**
 * Index of the largest element along an axis, $y = \operatorname{argmax}_i x_i$, as int32.
 *
 * - `x`: shape `[…, n, …]`
 * @returns `x.shape` without the axis
 * @derivative flat
 * @kink the first of ties; a NaN counts as largest
 * @throws {@link ShapeError} if there is nothing to choose from, or the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).argmax({ axis: 1 }).toArray(); // → [1,0]
 * ```
 */
export const argmax: (x: TensorLike, options?: IndexOptions) => Tensor = extremeIndex("argmax");

/**
 * Index of the smallest element along an axis, $y = \operatorname{argmin}_i x_i$, as int32.
 *
 * - `x`: shape `[…, n, …]`
 * @returns `x.shape` without the axis
 * @derivative flat
 * @kink the first of ties; a NaN counts as smallest
 * @throws {@link ShapeError} if there is nothing to choose from, or the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).argmin({ axis: 1 }).toArray(); // → [0,1]
 * ```
 */
export const argmin: (x: TensorLike, options?: IndexOptions) => Tensor = extremeIndex("argmin");
