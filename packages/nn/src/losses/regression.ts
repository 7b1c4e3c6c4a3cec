/**
 * Losses of numbers: how far predictions are from targets of the same shape.
 * @module
 */
import type { Tensor } from "@cotangent/core";
import { checkNumber, checkPositive } from "../checks.js";
import { checkTensors, matched, reduce, type Loss, type LossOptions } from "./reduction.js";

function residuals(
  operator: string,
  prediction: Tensor,
  target: Tensor,
  options?: LossOptions,
  own?: string[],
): Tensor {
  checkTensors(operator, prediction, target, options, own);
  return prediction.sub(matched(operator, prediction, target));
}

/**
 * Mean squared error, $\frac{1}{n} \sum_i (\hat y_i - y_i)^2$.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { meanSquaredError } from "@cotangent/nn";
 * meanSquaredError(tensor([1, 4]), tensor([1, 2])).item(); // → 2
 * ```
 */
export const meanSquaredError: Loss = (prediction, target, options) =>
  reduce("meanSquaredError", residuals("meanSquaredError", prediction, target, options).square(), options);

/**
 * Mean absolute error, $\frac{1}{n} \sum_i |\hat y_i - y_i|$. The derivative where both are equal is 0.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { meanAbsoluteError } from "@cotangent/nn";
 * meanAbsoluteError(tensor([1, 4]), tensor([1, 2])).item(); // → 1
 * ```
 */
export const meanAbsoluteError: Loss = (prediction, target, options) =>
  reduce("meanAbsoluteError", residuals("meanAbsoluteError", prediction, target, options).abs(), options);

/**
 * $c (r - c / 2)$ with r clamped to $c \in [-d, d]$: $r^2 / 2$ inside, $d |r| - d^2 / 2$ outside, and no branch in which
 * a square could overflow.
 */
function huberOf(r: Tensor, limit: number): Tensor {
  const c = r.clamp({ min: -limit, max: limit });
  return c.mul(r.sub(c.mul(0.5)));
}

/** Options of `huber`. */
export interface HuberOptions extends LossOptions {
  /** Where the square ends. Default: 1. */
  readonly delta?: number | undefined;
}

/**
 * Huber loss of $r = \hat y - y$: $\frac{1}{2} r^2$ for $|r| \le \delta$, $\delta (|r| - \frac{1}{2} \delta)$
 * beyond. The second derivative at $\pm\delta$ counts as 1.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if delta is not a finite number above 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { huber } from "@cotangent/nn";
 * huber(tensor([1, 5]), tensor([0, 0]), { delta: 2, reduction: "none" }).toArray(); // → [0.5,8]
 * ```
 * @see Huber: Robust estimation of a location parameter (1964)
 */
export const huber: Loss<HuberOptions> = (prediction, target, options) => {
  const r = residuals("huber", prediction, target, options, ["delta"]);
  const delta = options?.delta ?? 1;
  checkPositive("huber", "delta", delta);
  return reduce("huber", huberOf(r, delta), options);
};

/** Options of `smoothL1`. */
export interface SmoothL1Options extends LossOptions {
  /** Where the square ends; 0 gives the absolute error. Default: 1. */
  readonly beta?: number | undefined;
}

/**
 * Smooth absolute error of $r = \hat y - y$: $r^2 / 2 \beta$ for $|r| < \beta$, $|r| - \frac{1}{2} \beta$ beyond; the
 * Huber loss divided by β.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if beta is not a finite number from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { smoothL1 } from "@cotangent/nn";
 * smoothL1(tensor([1, 5]), tensor([0, 0]), { beta: 2, reduction: "none" }).toArray(); // → [0.25,4]
 * ```
 * @see Girshick: Fast R-CNN (2015), equation 3
 */
export const smoothL1: Loss<SmoothL1Options> = (prediction, target, options) => {
  const r = residuals("smoothL1", prediction, target, options, ["beta"]);
  const beta = options?.beta ?? 1;
  checkNumber("smoothL1", "beta", beta, 0, Infinity);
  return reduce("smoothL1", beta === 0 ? r.abs() : huberOf(r, beta).div(beta), options);
};
