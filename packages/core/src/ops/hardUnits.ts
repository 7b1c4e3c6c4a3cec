/**
 * Activation functions made of pieces of lines, and of a parabola, elementwise. What happens where these meet is PyTorch's
 * convention, but for NaN.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "../errors.js";
import { asTensor } from "../operand.js";
import type { Scalar } from "../scalar.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, mul } from "./arithmetic.js";
import { greaterEqual, lessEqual, logicalOr } from "./comparisons.js";
import { parametric, unary, type Unary } from "./elementwise.js";
import { zerosOf } from "./linear.js";
import { clampIntegers, where } from "./piecewise.js";

/** The cotangent where x is strictly between the bounds, or NaN, which comes through; 0 elsewhere. */
function inside(ct: Tensor, x: Tensor, min: number, max: number): Tensor {
  return where(logicalOr(lessEqual(x, min), greaterEqual(x, max)), zerosOf(ct.layout.shape, ct.dtype), ct);
}

/** 0 up to -3, `middle` between, `top` from 3 on. */
function inThree<T, M>(s: Scalar<T, M>, x: T, middle: T, top: T): T {
  return s.select(s.lessEqual(x, s.constant(-3)), s.constant(0), s.select(s.lessEqual(s.constant(3), x), top, middle));
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

function integersToo(name: string): (x: TensorLike, params: Bounds) => Tensor {
  const between = openClamp(name);
  return (x, bounds) => {
    const t = asTensor(name, x);
    return clampIntegers(t, bounds.min, bounds.max) ?? between(t, bounds);
  };
}

/** Unlike those of `clamp`, the bounds belong to the flat parts. */
function openClamp(name: string): (x: TensorLike, params: Bounds) => Tensor {
  return parametric<Bounds>({
    name,
    parameters: ({ min, max }) => [min, max],
    scalar: (s, x, min, max) => s.select(s.lessEqual(x, min!), min!, s.select(s.lessEqual(max!, x), max!, x)),
    vjp: (ct, x, _y, { min, max }) => inside(ct, x, min, max),
  });
}

const hardTanhBetween = integersToo("hardTanh");
const relu6Between = integersToo("relu6");

/** Options of `hardTanh`. */
export interface HardTanhOptions {
  /** Default: -1. */
  readonly min?: number | undefined;
  /** Default: 1. */
  readonly max?: number | undefined;
}

/**
 * Piecewise linear hyperbolic tangent, $y = \min(\max(x, a), b)$ with the bounds a and b. Of int32 and bool it is int32
 * where the bounds are integers, else a float.
 *
 * @returns the shape of `x`
 * @derivative 1 between the bounds, 0 outside
 * @kink 0 at the bounds, unlike `clamp`; 1 at NaN, which comes through
 * @throws {@link ArgumentError} if the bounds are not numbers, the lower one first
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-3, 0.5, 3]).hardTanh().toArray(); // → [-1,0.5,1]
 * ```
 */
export const hardTanh: (x: TensorLike, options?: HardTanhOptions) => Tensor = function hardTanh(x, options) {
  checkOptions("hardTanh", options, ["min", "max"]);
  const { min = -1, max = 1 } = options ?? {};
  if (typeof min !== "number" || typeof max !== "number" || !(min < max))
    throw new ArgumentError(`hardTanh: expected min below max, got min ${describe(min)} and max ${describe(max)}`);
  return hardTanhBetween(x, { min, max });
};

/**
 * Rectifier that is cut off at 6, $y = \min(\max(x, 0), 6)$. Of int32 and bool it is int32.
 *
 * @returns the shape of `x`
 * @derivative 1 between 0 and 6, 0 outside
 * @kink 0 at 0 and at 6; 1 at NaN, which comes through
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-1, 3, 8]).relu6().toArray(); // → [0,3,6]
 * ```
 */
export const relu6: Unary = (x) => relu6Between(x, { min: 0, max: 6 });

/**
 * Piecewise linear logistic function, $y = \min(\max(x + 3, 0), 6) / 6$.
 *
 * @returns the shape of `x`
 * @derivative $1 / 6$ between -3 and 3, 0 outside
 * @kink 0 at -3 and at 3; $1 / 6$ at NaN, which comes through (0 in PyTorch)
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-4, 0, 1.5]).hardSigmoid().toArray(); // → [0,0.5,0.75]
 * ```
 */
export const hardSigmoid: Unary = unary({
  name: "hardSigmoid",
  scalar: (s, x) => inThree(s, x, s.div(s.add(x, s.constant(3)), s.constant(6)), s.constant(1)),
  vjp: (ct, x) => inside(div(ct, 6), x, -3, 3),
});

/**
 * Piecewise quadratic swish, $y = x \min(\max(x + 3, 0), 6) / 6$.
 *
 * @returns the shape of `x`
 * @derivative $x / 3 + 1 / 2$ between -3 and 3, 0 below, 1 above
 * @kink 0 at -3 and 1 at 3, as in PyTorch since 2.8
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-4, 1, 5]).hardSwish().toArray(); // → [0,0.666667,5]
 * ```
 * @see Howard et al., Searching for MobileNetV3 (2019), equation 1
 */
export const hardSwish: Unary = unary({
  name: "hardSwish",
  scalar: (s, x) => inThree(s, x, s.div(s.mul(x, s.add(x, s.constant(3))), s.constant(6)), x),
  vjp: (ct, x) => mul(ct, hardSwishSlope(x)),
});

const hardSwishSlope: Unary = unary({
  name: "hardSwishSlope",
  scalar: (s, x) => inThree(s, x, s.add(s.div(x, s.constant(3)), s.constant(0.5)), s.constant(1)),
  vjp: (ct, x) => inside(div(ct, 3), x, -3, 3),
});
