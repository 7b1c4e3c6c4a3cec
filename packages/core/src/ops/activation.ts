/**
 * Activation functions of neural networks, elementwise.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "../errors.js";
import type { Scalar } from "../scalar.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, mul, neg, sub } from "./arithmetic.js";
import { binary, parametric, unary, type Binary, type Unary } from "./elementwise.js";
import { greater, where } from "./piecewise.js";

/**
 * Logistic function, $y = 1 / (1 + e^{-x})$; never overflows.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 2, -1000]).sigmoid().toArray(); // → [0.5,0.880797,0]
 * ```
 */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  smooth: true,
  scalar: logistic,
  vjp: (ct, _x, y) => sigmoidSlope(ct, y),
});

/** With e = exp(-|x|) ≤ 1: 1/(1 + e) for x ≥ 0 and e/(1 + e) below. Both halves are smooth at 0, as |x| itself is not. */
function logistic<T, M>(s: Scalar<T, M>, x: T): T {
  const below = s.less(x, s.constant(0));
  const e = s.exp(s.select(below, x, s.neg(x)));
  const one = s.constant(1);
  return s.div(s.select(below, e, one), s.add(one, e));
}

/** $x y (1 - y)$ in one pass. */
const sigmoidSlope: Binary = binary({
  name: "sigmoidSlope",
  scalar: (s, x, y) => s.mul(x, s.mul(y, s.sub(s.constant(1), y))),
  vjp: [(ct, _x, y) => sigmoidSlope(ct, y), (ct, x, y) => mul(mul(ct, x), sub(1, mul(y, 2)))],
});

/**
 * Softplus, $y = \ln(1 + e^x)$; finite for every finite x.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1000, -1000]).softplus().toArray(); // → [0.693147,1000,0]
 * ```
 */
export const softplus: (x: TensorLike, options?: SoftplusOptions) => Tensor = function softplus(x, options) {
  checkOptions("softplus", options, ["beta"]);
  const beta = options?.beta ?? 1;
  if (typeof beta !== "number" || !(beta > 0) || beta === Infinity)
    throw new ArgumentError(`softplus: expected a finite beta above 0, got ${describe(beta)}`);
  return beta === 1 ? softplusOne(x) : div(softplusOne(mul(x, beta)), beta);
};

/** Options of `softplus`. */
export interface SoftplusOptions {
  /** Sharpness: $y = \ln(1 + e^{\beta x}) / \beta$. Default: 1. */
  readonly beta?: number | undefined;
}

const softplusOne = unary({
  name: "softplus",
  smooth: true,
  // max(x, 0) + ln(1 + e^-|x|), written as two halves that are smooth at 0.
  scalar: (s, x) => {
    const below = s.less(x, s.constant(0));
    const e = s.exp(s.select(below, x, s.neg(x)));
    return s.add(s.select(below, s.constant(0), x), s.log1p(e));
  },
  vjp: (ct, x) => mul(ct, sigmoid(x)),
});

/**
 * Log loss of a logit x against a label y, $\ell = \ln(1 + e^x) - x y = -(y \ln \sigma(x) + (1 - y) \ln(1 - \sigma(x)))$,
 * in nats. A rule of its own keeps the digits of losses near 0, which the difference would lose, and saves six passes.
 *
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1000, -1000]).logisticLoss(tensor([0, 1, 1])).toArray(); // → [0.693147,0,1000]
 * ```
 */
export const logisticLoss: Binary = binary({
  name: "logisticLoss",
  result: "float",
  smooth: true,
  // max(x, 0) - x y + ln(1 + e^-|x|), written as two halves that are smooth at 0: x (1 - y) above, -x y below.
  scalar: (s, x, y) => {
    const below = s.less(x, s.constant(0));
    const e = s.exp(s.select(below, x, s.neg(x)));
    return s.add(s.mul(x, s.sub(s.select(below, s.constant(0), s.constant(1)), y)), s.log1p(e));
  },
  vjp: [(ct, x, y) => mul(ct, logisticSlope(x, y)), (ct, x) => neg(mul(ct, x))],
});

/** $\sigma(x) - y$ in one pass. */
const logisticSlope: Binary = binary({
  name: "logisticSlope",
  smooth: true,
  scalar: (s, x, y) => s.sub(logistic(s, x), y),
  vjp: [(ct, x) => sigmoidSlope(ct, sigmoid(x)), (ct) => neg(ct)],
});

/**
 * Logarithm of the logistic function, $y = \ln \sigma(x) = -\ln(1 + e^{-x})$; finite for every finite x.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, -1000]).logSigmoid().toArray(); // → [-0.693147,-1000]
 * ```
 */
export const logSigmoid: Unary = unary({
  name: "logSigmoid",
  smooth: true,
  // min(x, 0) - ln(1 + e^-|x|), written as two halves that are smooth at 0.
  scalar: (s, x) => {
    const below = s.less(x, s.constant(0));
    const e = s.exp(s.select(below, x, s.neg(x)));
    return s.sub(s.select(below, x, s.constant(0)), s.log1p(e));
  },
  vjp: (ct, x) => mul(ct, sigmoid(neg(x))),
});

/**
 * Rectifier, $y = \max(x, 0)$. The derivative at 0 is 0.
 *
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([-2, 3]).relu().toArray(); // → [0,3]
 * grad((x) => x.relu())(0).item(); // → 0
 * ```
 */
export const relu: Unary = unary({
  name: "relu",
  result: "same",
  // "not x ≤ 0" lets NaN through.
  scalar: (s, x) => s.select(s.lessEqual(x, s.constant(0)), s.constant(0), x),
  vjp: (ct, x) => gate(ct, x),
});

/** The first operand where the second is positive, 0 elsewhere: one pass instead of a comparison, zeros and a choice. */
const gate: Binary = binary({
  name: "gate",
  scalar: (s, x, y) => s.select(s.less(s.constant(0), y), x, s.constant(0)),
  vjp: [(ct, _x, y) => gate(ct, y), null],
});

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope below 0. Default: 0.01. */
  readonly negativeSlope?: number | undefined;
}

/**
 * Leaky rectifier, $y = x$ for $x > 0$ and $a x$ below, with the slope a. The derivative at 0 is a.
 *
 * @throws {@link ArgumentError} if the slope is not a finite number
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-2, 3]).leakyRelu({ negativeSlope: 0.1 }).toArray(); // → [-0.2,3]
 * ```
 */
export const leakyRelu: (x: TensorLike, options?: LeakyReluOptions) => Tensor = function leakyRelu(x, options) {
  checkOptions("leakyRelu", options, ["negativeSlope"]);
  const negativeSlope = options?.negativeSlope ?? 0.01;
  if (!Number.isFinite(negativeSlope))
    throw new ArgumentError(`leakyRelu: expected a finite negativeSlope, got ${describe(negativeSlope)}`);
  return leaky(x, { negativeSlope });
};

const leaky = parametric<{ negativeSlope: number }>({
  name: "leakyRelu",
  parameters: ({ negativeSlope }) => [negativeSlope],
  scalar: (s, x, slope) => s.select(s.less(s.constant(0), x), x, s.mul(x, slope!)),
  vjp: (ct, x, _y, { negativeSlope }) => where(greater(x, 0), ct, mul(ct, negativeSlope)),
});
