/**
 * Smooth activation functions of neural networks, elementwise.
 * @module
 */
import { checkOptions } from "../errors.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { add, div, mul, neg, reciprocal, square, sub } from "./arithmetic.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { fading, logistic } from "./gates.js";
import { tanh } from "./hyperbolic.js";
import { abs } from "./piecewise.js";
import { finiteOption } from "./options.js";

/**
 * Logistic function, $y = 1 / (1 + e^{-x})$; never overflows.
 *
 * Within 2.5 units in the last place. In reverse mode the derivative $y (1 - y)$ loses digits where y is near 1, and is 0
 * where y rounds to it; see `tanh`. Forward mode keeps them.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = y (1 - y)$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 2, -1000]).sigmoid().toArray(); // → [0.5,0.880797,0]
 * ```
 */
export const sigmoid: Unary = unary({
  name: "sigmoid",
  smooth: true,
  scalar: (s, x) => logistic(s, x),
  vjp: (ct, _x, y) => sigmoidSlope(ct, y),
});

/** $x y (1 - y)$ in one pass. */
const sigmoidSlope: Binary = binary({
  name: "sigmoidSlope",
  scalar: (s, x, y) => s.mul(x, s.mul(y, s.sub(s.constant(1), y))),
  vjp: [(ct, _x, y) => sigmoidSlope(ct, y), (ct, x, y) => mul(mul(ct, x), sub(1, mul(y, 2)))],
});

/**
 * Softplus, $y = \ln(1 + e^{\beta x}) / \beta$; finite for every finite x.
 *
 * Within 2 units in the last place if `beta` is 1; else rounding $\beta x$ adds up to $|\beta x|$ units far below 0.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \sigma(\beta x)$
 * @throws {@link ArgumentError} if `beta` is not a finite number above 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1000, -1000]).softplus().toArray(); // → [0.693147,1000,0]
 * ```
 */
export const softplus: (x: TensorLike, options?: SoftplusOptions) => Tensor = function softplus(x, options) {
  checkOptions("softplus", options, ["beta"]);
  const beta = finiteOption("softplus", "beta", options?.beta ?? 1, 0);
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
    const { below, e } = fading(s, x);
    return s.add(s.select(below, s.constant(0), x), s.log1p(e));
  },
  vjp: (ct, x) => mul(ct, sigmoid(x)),
});

/**
 * Log loss of a logit x against a label y, $\ell = \ln(1 + e^x) - x y = -(y \ln \sigma(x) + (1 - y) \ln(1 - \sigma(x)))$,
 * in nats. A rule of its own keeps the digits of losses near 0, which the difference would lose, and saves six passes.
 *
 * Within 2.5 units in the last place for labels from 0 to 1.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial \ell / \partial x = \sigma(x) - y$, $\partial \ell / \partial y = -x$
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
    const { below, e } = fading(s, x);
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
 * Within 2 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \sigma(-x)$
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
    const { below, e } = fading(s, x);
    return s.sub(s.select(below, x, s.constant(0)), s.log1p(e));
  },
  vjp: (ct, x) => mul(ct, sigmoid(neg(x))),
});

/**
 * Soft sign, $y = x / (1 + |x|)$; ±1 at ±Infinity.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (1 + |x|)^2$
 * @kink the second derivative jumps at 0 and counts as 0 there
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, -3]).softSign().toArray(); // → [0.5,-0.75]
 * ```
 */
export const softSign: Unary = unary({
  name: "softSign",
  scalar: (s, x) => {
    const size = s.abs(x);
    const one = s.constant(1);
    const whole = s.add(one, size);
    // The other way round from 1 on, where infinite x has a limit and the derivative does not cancel.
    const far = s.sub(one, s.div(one, whole));
    const signed = s.select(s.less(x, s.constant(0)), s.neg(far), far);
    return s.select(s.less(one, size), signed, s.div(x, whole));
  },
  vjp: (ct, x) => mul(ct, square(reciprocal(add(abs(x), 1)))),
  // Read over dual pairs, the derivative of the derivative at ±Infinity would be that of a quotient of infinities.
  jvp: (t, x) => mul(t, square(reciprocal(add(abs(x), 1)))),
});

/**
 * What the hyperbolic tangent leaves, $y = x - \tanh x$, accurate near 0, where it is $x^3 / 3$.
 *
 * Within 5 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \tanh^2 x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 1e-10]).tanhShrink().toArray(); // → [0.238406,3.333333e-31]
 * ```
 */
export const tanhShrink: Unary = unary({
  name: "tanhShrink",
  scalar: (s, x) => s.tanhShrink(x),
  vjp: (ct, x) => mul(ct, square(tanh(x))),
});
