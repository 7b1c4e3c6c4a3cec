/**
 * Reductions beyond the sum, and what is composed from them.
 * @module
 */
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, div, mul, square, sqrt, sub } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { exp, log } from "./elementary.js";
import {
  astype,
  keep,
  reducedAxes,
  reshape,
  stretch,
  sum,
  withOnes,
  withoutAxes,
  zerosOf,
  type ReduceOptions,
  type Reduction,
} from "./linear.js";
import { equal, isFinite, notEqual, where } from "./piecewise.js";

interface AxesParams {
  readonly axes: readonly number[];
}

/** How many elements go into one output. */
function countOf(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((n, axis) => n * x.layout.shape[axis]!, 1);
}

/**
 * Mean over axes, $y = \frac{1}{n} \sum_i x_i$; of int32 and bool in the default float, of nothing NaN.
 *
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 6]]).mean().item(); // → 3
 * tensor([[1, 2], [3, 6]]).mean({ axis: 0 }).toArray(); // → [2,4]
 * ```
 */
export const mean: Reduction = function mean(x, options) {
  const t = computable(asTensor("mean", x), "float");
  const axes = reducedAxes("mean", t, options);
  return keep(t, div(sum(t, { axis: axes }), countOf(t, axes)), axes, options);
};

function extreme(name: "max" | "min"): Reduction {
  const primitive: Primitive<AxesParams> = {
    name,
    kernel: { kind: "reduce", monoid: name, axes: ({ axes }) => axes },
    shape: ([x], { axes }) => withoutAxes(x!, axes),
    dtype: null,
    vjp: (_, ct, [x], y, { axes }) => {
      const share = winners(x!, y, axes);
      return mul(stretch(reshape(ct, withOnes(x!.layout.shape, axes)), x!.layout.shape), share);
    },
    jvp: ([tangent], [x], y, { axes }) => sum(mul(tangent!, winners(x!, y, axes)), { axis: axes }),
  };
  return function reduce(x, options) {
    const t = asTensor(name, x);
    const axes = reducedAxes(name, t, options);
    if (countOf(t, axes) === 0)
      throw new ShapeError(
        `${name}: expected at least one element along the reduced axes, got shape ${showShape(t.layout.shape)}`,
      );
    return axes.length === 0 ? t : keep(t, apply(primitive, [t], { axes }), axes, options);
  };
}

/** The equal share of each element that is the extreme one, 0 elsewhere; constant between kinks. */
function winners(x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const wide = reshape(y, withOnes(x.layout.shape, axes));
  const mask = astype(where(equal(wide, wide), equal(x, wide), notEqual(x, x)), x.dtype);
  return div(mask, sum(mask, { axis: axes, keepDims: true }));
}

/**
 * Largest element over axes; NaN if there is one. Ties share the derivative equally.
 *
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
 * Smallest element over axes; NaN if there is one. Ties share the derivative equally.
 *
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
    shape: ([x], { axes }) => withoutAxes(x!, axes),
    dtype: () => "int32",
    vjp: null,
    jvp: null,
  };
  return function reduce(x, options) {
    const t = asTensor(name, x);
    checkOptions(name, options, ["axis", "keepDims"]);
    if (options?.axis !== undefined) normalizeAxis(name, options.axis, t.rank);
    const axes = reducedAxes(name, t, options);
    if (countOf(t, axes) === 0)
      throw new ShapeError(
        `${name}: expected at least one element to choose from, got shape ${showShape(t.layout.shape)}`,
      );
    return keep(t, apply(primitive, [t], { axes }), axes, options);
  };
}

/**
 * Index of the largest element along an axis (the first of several; a NaN counts as largest), as int32.
 *
 * @throws {@link ShapeError} if there is nothing to choose from, or the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).argmax({ axis: 1 }).toArray(); // → [1,0]
 * ```
 */
export const argmax: (x: TensorLike, options?: IndexOptions) => Tensor = extremeIndex("argmax");

/**
 * Index of the smallest element along an axis (the first of several; a NaN counts as smallest), as int32.
 *
 * @throws {@link ShapeError} if there is nothing to choose from, or the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 5], [7, 2]]).argmin({ axis: 1 }).toArray(); // → [0,1]
 * ```
 */
export const argmin: (x: TensorLike, options?: IndexOptions) => Tensor = extremeIndex("argmin");

function quantifier(name: "any" | "all"): Reduction {
  return function reduce(x, options) {
    const t = astype(asTensor(name, x), "bool");
    const axes = reducedAxes(name, t, options);
    const wanted = astype(sum(astype(t, "int32"), { axis: axes }), "int32");
    return keep(t, name === "any" ? notEqual(wanted, 0) : equal(wanted, countOf(t, axes)), axes, options);
  };
}

/**
 * Whether any element along the axes is not 0; of nothing, false.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[true, false], [false, false]]).any({ axis: 1 }).toArray(); // → [true,false]
 * ```
 */
export const any: Reduction = quantifier("any");

/**
 * Whether all elements along the axes are not 0; of nothing, true.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[true, true], [false, true]]).all({ axis: 1 }).toArray(); // → [true,false]
 * ```
 */
export const all: Reduction = quantifier("all");

/** The maximum with size-1 axes as a constant, and 0 where it is infinite: what may be subtracted before `exp`. */
function shiftOf(x: Tensor, axes: readonly number[]): Tensor {
  const top = max(constant(x), { axis: axes, keepDims: true });
  return where(isFinite(top), top, zerosOf(top.layout.shape, top.dtype));
}

/** The value without its history. The shift cancels exactly, so leaving its derivative out changes nothing. */
function constant(x: Tensor): Tensor {
  return apply(stopPrimitive, [x], undefined);
}

const stopPrimitive: Primitive = {
  name: "stopGradient",
  kernel: { kind: "view", view: (layout) => ({ layout, shift: 0 }) },
  shape: null,
  dtype: null,
  vjp: null,
  jvp: null,
};

/**
 * The same value, through which no derivative flows.
 *
 * @example
 * ```ts
 * import { grad, stopGradient } from "@cotangent/core";
 * grad((x) => stopGradient(x).mul(x))(3).item(); // → 3
 * ```
 */
export const stopGradient: (x: TensorLike) => Tensor = (x) => constant(asTensor("stopGradient", x));

/**
 * $y = \ln \sum_i e^{x_i}$ over axes, shifted by the maximum, so finite for finite x; `-Infinity` where all are.
 *
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1000, 1000]).logSumExp().item(); // → 1000.693147
 * ```
 * @see Blanchard, Higham, Higham: Accurately computing the log-sum-exp and softmax functions (2021)
 */
export const logSumExp: Reduction = function logSumExp(x, options) {
  const t = computable(asTensor("logSumExp", x), "float");
  const axes = reducedAxes("logSumExp", t, options);
  if (countOf(t, axes) === 0) return log(sum(t, options));
  const shift = shiftOf(t, axes);
  const y = add(log(sum(exp(sub(t, shift)), { axis: axes, keepDims: true })), shift);
  return options?.keepDims === true ? y : reshape(y, withoutAxes(t.layout.shape, axes));
};

/** Options of `softmax` and `logSoftmax`. */
export interface SoftmaxOptions {
  /** Default: -1, the last. */
  readonly axis?: number | undefined;
}

function softmaxAxis(
  operator: string,
  x: TensorLike,
  options: SoftmaxOptions | undefined,
): { t: Tensor; axes: readonly number[] } {
  checkOptions(operator, options, ["axis"]);
  const t = computable(asTensor(operator, x), "float");
  if (t.rank === 0) throw new ShapeError(`${operator}: expected at least one axis, got a scalar; reshape it to [1]`);
  return { t, axes: [normalizeAxis(operator, options?.axis ?? -1, t.rank)] };
}

/**
 * $y_i = e^{x_i} / \sum_j e^{x_j}$ along an axis, shifted by the maximum.
 *
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1000, 1000]).softmax().toArray(); // → [0.5,0.5]
 * ```
 */
export const softmax: (x: TensorLike, options?: SoftmaxOptions) => Tensor = function softmax(x, options) {
  const { t, axes } = softmaxAxis("softmax", x, options);
  if (t.size === 0) return t;
  const e = exp(sub(t, shiftOf(t, axes)));
  return div(e, sum(e, { axis: axes, keepDims: true }));
};

/**
 * $y_i = x_i - \ln \sum_j e^{x_j}$ along an axis, in nats; finite for finite x.
 *
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1000]).logSoftmax().toArray(); // → [-1000,0]
 * ```
 */
export const logSoftmax: (x: TensorLike, options?: SoftmaxOptions) => Tensor = function logSoftmax(x, options) {
  const { t, axes } = softmaxAxis("logSoftmax", x, options);
  if (t.size === 0) return t;
  const shifted = sub(t, shiftOf(t, axes));
  return sub(shifted, log(sum(exp(shifted), { axis: axes, keepDims: true })));
};

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count in the divisor: 1 is Bessel's correction, 0 the mean of squares. Default: 1. */
  readonly correction?: number | undefined;
}

/**
 * Variance over axes, $y = \frac{1}{n - c} \sum_i (x_i - \bar x)^2$ with the correction c, in two passes.
 *
 * @throws {@link ShapeError} if an axis is out of range
 * @throws {@link ArgumentError} if the correction is not a finite number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3, 4]).variance().item(); // → 1.666667
 * tensor([1, 2, 3, 4]).variance({ correction: 0 }).item(); // → 1.25
 * ```
 */
export const variance: (x: TensorLike, options?: VarianceOptions) => Tensor = (x, options) =>
  varianceOf("variance", x, options);

function varianceOf(operator: string, x: TensorLike, options: VarianceOptions | undefined): Tensor {
  const { correction = 1, ...reduce } = options ?? {};
  if (!Number.isFinite(correction))
    throw new ArgumentError(`${operator}: expected a finite correction, got ${describe(correction)}`);
  const t = computable(asTensor(operator, x), "float");
  const axes = reducedAxes(operator, t, reduce);
  const deviation = sub(t, mean(t, { axis: axes, keepDims: true }));
  return keep(t, div(sum(square(deviation), { axis: axes }), Math.max(0, countOf(t, axes) - correction)), axes, reduce);
}

/**
 * Standard deviation over axes, the square root of `variance`.
 *
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3, 4]).std({ correction: 0 }).item(); // → 1.118034
 * ```
 */
export const std: (x: TensorLike, options?: VarianceOptions) => Tensor = (x, options) =>
  sqrt(varianceOf("std", x, options));
