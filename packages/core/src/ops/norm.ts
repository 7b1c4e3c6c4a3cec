/**
 * Norms of vectors.
 * @module
 */
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { mapKernel } from "../kernel.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, mul, sqrt, square } from "./arithmetic.js";
import { equal, greater, isFinite, logicalAnd, notEqual } from "./comparisons.js";
import { computable } from "./elementwise.js";
import { pow } from "./elementary.js";
import { max, min } from "./extremes.js";
import { countOf } from "./lines.js";
import { astype, reshape, sum } from "./linear.js";
import { reducedAxes, withoutAxes, type ReduceOptions } from "./reduceOptions.js";
import { abs, where } from "./piecewise.js";
import { stopGradient } from "./reduction.js";

/** Square root, with derivative 0 at 0. */
export function rootOf(x: Tensor): Tensor {
  const zero = equal(x, 0);
  return where(zero, 0, sqrt(where(zero, 1, x)));
}

const scalePrimitive: Primitive = {
  name: "scaleOf",
  kernel: mapKernel((s, x) => {
    const smallest = s.constant(s.precision === "float64" ? 2 ** -1022 : 2 ** -126);
    const power = s.select(s.less(x!, smallest), smallest, s.scale(s.constant(1), s.exponent(x!)));
    const usual = s.and(s.less(s.constant(0), x!), s.less(x!, s.constant(Infinity)));
    return s.select(usual, power, s.constant(1));
  }),
  shape: null,
  dtype: null,
  vjp: null,
  jvp: null,
};

/**
 * A constant by which elements can be divided so that their squares neither overflow nor vanish. It is a power of two,
 * so the division is exact, and the norm comes out as if there had been no danger.
 */
function scaleOf(largest: Tensor): Tensor {
  return apply(scalePrimitive, [largest], undefined);
}

function euclidean(x: Tensor, axes: readonly number[]): Tensor {
  const scale = scaleOf(max(abs(stopGradient(x)), { axis: axes, keepDims: true }));
  return mul(scale, rootOf(sum(square(div(x, scale)), { axis: axes, keepDims: true })));
}

/** The norm is homogeneous, so the scale, a constant, has no part in its derivative. */
function ofPower(x: Tensor, axes: readonly number[], p: number): Tensor {
  const options = { axis: axes, keepDims: true };
  const magnitude = abs(x);
  const most = p > 0 ? max(stopGradient(magnitude), options) : min(stopGradient(magnitude), options);
  const scale = where(logicalAnd(greater(most, 0), isFinite(most)), most, 1);
  const scaled = div(magnitude, scale);
  // What 0 contributes is a constant, so that no infinite slope of the power flows to it.
  const zero = equal(scaled, 0);
  const total = sum(where(zero, p > 0 ? 0 : Infinity, pow(where(zero, 1, scaled), p)), options);
  return mul(scale, pow(total, 1 / p));
}

/** Options of `norm`. */
export interface NormOptions extends ReduceOptions {
  /** The order: any number, ±Infinity included. Default: 2. */
  readonly p?: number | undefined;
}

/**
 * Norm over axes, $y = (\sum_i |x_i|^p)^{1/p}$; for `p: Infinity` the largest magnitude, for `-Infinity` the smallest,
 * for 0 the number of elements that are not 0. It neither overflows nor vanishes while the result is representable. The
 * norm of nothing is 0 where p is finite and not negative.
 *
 * - `x`: shape `[…]`; int32 and bool count as the default float
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = \operatorname{sgn}(x_i) (|x_i| / y)^{p - 1}$, for $p = 2$ it is $x_i / y$;
 *   for ±Infinity $\operatorname{sgn} x_i$ of the extreme element
 * @kink elements that are 0 get 0, all of them where the norm is 0; at ±Infinity, ties share equally; order 0 is flat
 * @throws {@link ShapeError} if an axis is out of range, or there is nothing to choose the extreme from
 * @throws {@link ArgumentError} if p is not a number
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([3, -4]).norm().item(); // → 5
 * tensor([3, -4]).norm({ p: 1 }).item(); // → 7
 * tensor([[3, -4], [6, 8]]).norm({ p: Infinity, axis: 1 }).toArray(); // → [4,8]
 * grad((x) => x.norm())(tensor([0, 0])).toArray(); // → [0,0]
 * ```
 * @see Blue: A portable Fortran program to find the Euclidean norm of a vector (1978)
 */
export const norm: (x: TensorLike, options?: NormOptions) => Tensor = function norm(x, options) {
  const t = computable(asTensor("norm", x), "float");
  checkOptions("norm", options, ["p", "axis", "keepDims"]);
  const { p = 2, ...reduce } = options ?? {};
  if (typeof p !== "number" || Number.isNaN(p))
    throw new ArgumentError(`norm: expected an order p that is a number, got ${describe(p)}`);
  const axes = reducedAxes("norm", t, reduce);
  if (countOf(t, axes) === 0 && !(p >= 0 && p < Infinity))
    throw new ShapeError(
      `norm: expected at least one element along the reduced axes for order ${p}, got shape ${showShape(t.layout.shape)}; orders from 0 to below Infinity give 0 for nothing`,
    );
  const y = normOf(t, axes, p);
  return options?.keepDims === true ? y : reshape(y, withoutAxes(t.layout.shape, axes));
};

function normOf(x: Tensor, axes: readonly number[], p: number): Tensor {
  const options = { axis: axes, keepDims: true };
  if (p === 0) return astype(sum(notEqual(x, 0), options), x.dtype);
  if (p === 1 || countOf(x, axes) === 0) return sum(abs(x), options);
  if (p === 2) return euclidean(x, axes);
  if (p === Infinity) return max(abs(x), options);
  if (p === -Infinity) return min(abs(x), options);
  return ofPower(x, axes, p);
}
