/**
 * Activation functions that multiply by a gate: a smooth function from 0 to 1, mostly of the same operand.
 * @module
 */
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { sigmoid, softplus } from "./activation.js";
import { add, mul, neg, square, sub } from "./arithmetic.js";
import { unary, type Unary } from "./elementwise.js";
import { bounded, gated, logistic, mishGate, reach } from "./gates.js";
import { tanh } from "./hyperbolic.js";
import { needAxis } from "./linear.js";
import { sliceAlong } from "./regions.js";
import { clamp } from "./piecewise.js";
import { normalDensity } from "./special.js";

/** x within the reach of gates, flat beyond. */
function within(x: Tensor): Tensor {
  return clamp(x, { min: -reach, max: reach });
}

/**
 * Sigmoid-weighted linear unit (swish), $y = x \sigma(x)$.
 *
 * Within 3.5 units in the last place, but where the result is subnormal.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \sigma(x) (1 + x (1 - \sigma(x)))$
 * @kink far out y is 0 or x and the derivative 0 or 1, even at -Infinity, where PyTorch has `NaN`
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1, -1]).silu().toArray(); // → [0,0.731059,-0.268941]
 * ```
 * @see Elfwing, Uchibe, Doya: Sigmoid-weighted linear units for neural network function approximation in reinforcement
 * learning (2018)
 */
export const silu: Unary = unary({
  name: "silu",
  smooth: true,
  scalar: (s, x) => gated(s, x, (t) => logistic(s, t)),
  vjp: (ct, x) => mul(ct, siluSlope(x)),
});

/** $\sigma (1 + x (1 - \sigma))$ in one pass. */
const siluSlope: Unary = unary({
  name: "siluSlope",
  smooth: true,
  scalar: (s, x) => {
    const t = bounded(s, x);
    const p = logistic(s, t);
    const one = s.constant(1);
    return s.mul(p, s.add(one, s.mul(t, s.sub(one, p))));
  },
  vjp: (ct, x) => {
    const t = within(x);
    const p = sigmoid(t);
    return mul(ct, mul(mul(p, sub(1, p)), add(mul(t, sub(1, mul(p, 2))), 2)));
  },
});

/** Options of `gelu`. */
export interface GeluOptions {
  /** `"tanh"`: the approximation by a hyperbolic tangent. Default: `"none"`. */
  readonly approximate?: "none" | "tanh" | undefined;
}

/**
 * Gaussian error linear unit, $y = x \Phi(x)$ with the distribution function $\Phi$ of the standard normal
 * distribution, accurate to the last digits far below 0 too; or, approximately,
 * $x (1 + \tanh(\sqrt{2/\pi} (x + 0.044715 x^3))) / 2$.
 *
 * Within 2 units in the last place, but where the distribution function is subnormal (below -37, in float32 below -13).
 * The approximation within 4 from -1 on; further below, rounding the exponent of its $e^{2u}$ shows: 40 at -5, 130 at -9.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \Phi(x) + x \Phi'(x)$; of the approximation, its own derivative
 * @kink far out y is 0 or x and the derivative 0 or 1, even at -Infinity, where PyTorch has `NaN`
 * @throws {@link ArgumentError} if there is no such approximation
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, -1]).gelu().toArray(); // → [0.841345,-0.158655]
 * tensor([1, -1]).gelu({ approximate: "tanh" }).toArray(); // → [0.841192,-0.158808]
 * tensor([-10]).gelu().toArray(); // → [-7.619853e-23]
 * ```
 * @see Hendrycks and Gimpel, Gaussian error linear units (2016)
 */
export const gelu: (x: TensorLike, options?: GeluOptions) => Tensor = function gelu(x, options) {
  checkOptions("gelu", options, ["approximate"]);
  const approximate = options?.approximate ?? "none";
  if (approximate === "none") return exactGelu(x);
  if (approximate === "tanh") return tanhGelu(x);
  throw new ArgumentError(`gelu: expected approximate to be "none" or "tanh", got ${describe(approximate)}`);
};

const exactGelu = unary({
  name: "gelu",
  smooth: true,
  scalar: (s, x) => gated(s, x, (t) => s.normalCdf(t)),
  vjp: (ct, x) => mul(ct, geluSlope(x)),
});

/** $\Phi(x) + x \Phi'(x)$ in one pass. */
const geluSlope: Unary = unary({
  name: "geluSlope",
  smooth: true,
  scalar: (s, x) => {
    const t = bounded(s, x);
    const density = s.mul(s.exp(s.mul(s.mul(t, t), s.constant(-0.5))), s.constant(1 / Math.sqrt(2 * Math.PI)));
    return s.add(s.normalCdf(t), s.mul(t, density));
  },
  vjp: (ct, x) => {
    const t = within(x);
    return mul(ct, mul(normalDensity(t), sub(2, square(t))));
  },
});

/** $(1 + \tanh u) / 2 = \sigma(2u)$, which does not cancel, with $2u = a x + b x^3$. */
const steepness = 2 * Math.sqrt(2 / Math.PI);
const bend = 0.044715 * steepness;

const tanhGelu = unary({
  name: "gelu",
  smooth: true,
  scalar: (s, x) =>
    gated(s, x, (t) => logistic(s, s.mul(t, s.add(s.constant(steepness), s.mul(s.constant(bend), s.mul(t, t)))))),
  vjp: (ct, x) => {
    const t = within(x);
    const z = square(t);
    const u = mul(t, add(mul(z, bend), steepness));
    const slope = add(mul(z, 3 * bend), steepness);
    return mul(ct, mul(sigmoid(u), add(mul(mul(t, slope), sigmoid(neg(u))), 1)));
  },
});

/**
 * Mish, $y = x \tanh \ln(1 + e^x)$.
 *
 * Within 5 units in the last place, but where the result is subnormal.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = w + x (1 - w^2) \sigma(x)$ with $w = \tanh \ln(1 + e^x)$
 * @kink far out y is 0 or x and the derivative 0 or 1, even at -Infinity, where PyTorch has `NaN`
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1, -1]).mish().toArray(); // → [0,0.865098,-0.303401]
 * ```
 * @see Misra, Mish: a self regularized non-monotonic activation function (2019)
 */
export const mish: Unary = unary({
  name: "mish",
  smooth: true,
  scalar: (s, x) => gated(s, x, (t) => mishGate(s, t)),
  vjp: (ct, x) => mul(ct, mishSlope(x)),
});

/** $w + x w'$ with the gate w, $w' = (1 - w^2) \sigma$, in one pass. */
const mishSlope: Unary = unary({
  name: "mishSlope",
  smooth: true,
  scalar: (s, x) => {
    const t = bounded(s, x);
    const w = mishGate(s, t);
    return s.add(w, s.mul(t, s.mul(s.sub(s.constant(1), s.mul(w, w)), logistic(s, t))));
  },
  // w'' = w' (1 - σ - 2 w σ)
  vjp: (ct, x) => {
    const t = within(x);
    const p = sigmoid(t);
    const w = tanh(softplus(t));
    const slope = mul(sub(1, square(w)), p);
    return mul(ct, mul(slope, add(mul(t, sub(sub(1, p), mul(mul(w, p), 2))), 2)));
  },
});

/** Options of `glu`. */
export interface GluOptions {
  /** The axis that is cut in half. Default: -1, the last. */
  readonly axis?: number | undefined;
}

/**
 * Gated linear unit, $y = a \, \sigma(b)$, where a and b are the first and the second half of x along an axis.
 *
 * Within 3.5 units in the last place, but where the result is subnormal.
 *
 * - `x`: shape `[…, 2 n, …]`
 * @returns shape `[…, n, …]`
 * @derivative $\partial y / \partial a = \sigma(b)$, $\partial y / \partial b = y (1 - \sigma(b))$
 * @throws {@link ShapeError} if there is no such axis, or its size is odd
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[3, 4, 0, 1000]]).glu().toArray(); // → [[1.5,4]]
 * ```
 * @see Dauphin, Fan, Auli, Grangier: Language modeling with gated convolutional networks (2017)
 */
export const glu: (x: TensorLike, options?: GluOptions) => Tensor = function glu(x, options) {
  const t = asTensor("glu", x);
  checkOptions("glu", options, ["axis"]);
  const { shape } = t.layout;
  needAxis("glu", t);
  const axis = normalizeAxis("glu", options?.axis, shape.length, -1);
  const half = shape[axis]! / 2;
  if (!Number.isInteger(half))
    throw new ShapeError(
      `glu: expected an axis of even size, which can be cut in half, got size ${shape[axis]!} at axis ${axis} of ${showShape(shape)}; choose another axis, or pad`,
    );
  return mul(sliceAlong(t, axis, 0, half), sigmoid(sliceAlong(t, axis, half, half)));
};
