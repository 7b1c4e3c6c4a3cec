/**
 * Variance and standard deviation.
 * @module
 */
import { checkOptions } from "../errors.js";
import { asTensor } from "../operand.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, square, sub } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { countOf } from "./lines.js";
import { keep, sum } from "./linear.js";
import { reducedAxes, type ReduceOptions } from "./reduceOptions.js";
import { rootOf } from "./norm.js";
import { mean } from "./reduction.js";
import { finiteOption } from "./options.js";

/** Options of `variance` and `std`. */
export interface VarianceOptions extends ReduceOptions {
  /** Subtracted from the count in the divisor: 1 is Bessel's correction, 0 the mean of squares. Default: 1. */
  readonly correction?: number | undefined;
}

/**
 * Variance over axes, $y = \frac{1}{n - c} \sum_i (x_i - m)^2$ with the mean m and the correction c, in two passes.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = 2 (x_i - m) / (n - c)$
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
  checkOptions(operator, options, ["axis", "keepDims", "correction"]);
  const { correction = 1, ...reduce } = options ?? {};
  finiteOption(operator, "correction", correction);
  const t = computable(asTensor(operator, x), "float");
  const axes = reducedAxes(operator, t, reduce);
  const deviation = sub(t, mean(t, { axis: axes, keepDims: true }));
  return keep(t, div(sum(square(deviation), { axis: axes }), Math.max(0, countOf(t, axes) - correction)), axes, reduce);
}

/**
 * Standard deviation over axes, $y = \sqrt{\frac{1}{n - c} \sum_i (x_i - m)^2}$, the square root of `variance`.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = (x_i - m) / ((n - c) y)$
 * @kink 0 where the standard deviation is 0
 * @throws {@link ShapeError} if an axis is out of range
 * @throws {@link ArgumentError} if the correction is not a finite number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2, 3, 4]).std({ correction: 0 }).item(); // → 1.118034
 * ```
 */
export const std: (x: TensorLike, options?: VarianceOptions) => Tensor = (x, options) =>
  rootOf(varianceOf("std", x, options));
