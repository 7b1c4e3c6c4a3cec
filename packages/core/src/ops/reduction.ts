/**
 * Reductions composed from sums and maxima.
 * @module
 */
import { checkOptions } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { normalizeAxis } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, div, sub } from "./arithmetic.js";
import { equal, isFinite, notEqual } from "./comparisons.js";
import { computable } from "./elementwise.js";
import { exp, log } from "./elementary.js";
import { max } from "./extremes.js";
import { countOf } from "./lines.js";
import { astype, keep, reshape, sum, zerosOf } from "./linear.js";
import { reducedAxes, withoutAxes, type Reduction } from "./reduceOptions.js";
import { where } from "./piecewise.js";

/**
 * Mean over axes, $y = \frac{1}{n} \sum_i x_i$; of int32 and bool in the default float, of nothing NaN.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = 1 / n$
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

function quantifier(name: "any" | "all"): Reduction {
  return function reduce(x, options) {
    const t = astype(asTensor(name, x), "bool");
    const axes = reducedAxes(name, t, options);
    const wanted = astype(sum(astype(t, "int32"), { axis: axes }), "int32");
    return keep(t, name === "any" ? notEqual(wanted, 0) : equal(wanted, countOf(t, axes)), axes, options);
  };
}

/**
 * Whether any element along the axes is not 0, $y = (\exists i: x_i \ne 0)$; of nothing, false.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative flat
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[true, false], [false, false]]).any({ axis: 1 }).toArray(); // → [true,false]
 * ```
 */
export const any: Reduction = quantifier("any");

/**
 * Whether all elements along the axes are not 0, $y = (\forall i: x_i \ne 0)$; of nothing, true.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative flat
 * @throws {@link ShapeError} if an axis is out of range
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
 * The same value, $y = x$, through which no derivative flows.
 *
 * @returns the shape of `x`
 * @derivative flat: no cotangent passes
 * @example
 * ```ts
 * import { grad, stopGradient } from "@cotangent/core";
 * grad((x) => stopGradient(x).mul(x))(3).item(); // → 3
 * ```
 */
export const stopGradient: (x: TensorLike) => Tensor = (x) => constant(asTensor("stopGradient", x));

/**
 * Logarithm of a sum of exponentials over axes, $y = \ln \sum_i e^{x_i}$, shifted by the maximum, so finite for finite
 * x; `-Infinity` where all are.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = e^{x_i - y}$
 * @kink `NaN` where an infinite element is the largest, as in PyTorch: the shares have no limit there
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
  const axis = normalizeAxis(operator, options?.axis, t.rank, -1);
  return { t, axes: t.rank === 0 ? [] : [axis] };
}

/**
 * Shares that add up to 1 along an axis, $y_i = e^{x_i} / \sum_j e^{x_j}$, shifted by the maximum.
 *
 * - `x`: shape `[…, n, …]`
 * @returns the shape of `x`
 * @derivative $\bar x_i = y_i (\bar y_i - \sum_j \bar y_j y_j)$ with the cotangent $\bar y$
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
 * Logarithm of `softmax` along an axis, $y_i = x_i - \ln \sum_j e^{x_j}$, in nats; finite for finite x.
 *
 * - `x`: shape `[…, n, …]`
 * @returns the shape of `x`
 * @derivative $\bar x_i = \bar y_i - e^{y_i} \sum_j \bar y_j$ with the cotangent $\bar y$
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
