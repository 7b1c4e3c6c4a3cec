/**
 * Elementary functions, elementwise. Each is one of our own expressions (see `elementary/`), with the same bits in
 * every JavaScript engine and on every backend.
 * @module
 */
import type { Tensor } from "../tensor.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { equal, greaterEqual, logicalAnd, where } from "./piecewise.js";

/**
 * Exponential, $y = e^x$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).exp().toArray(); // → [1,2.71828]
 * ```
 */
export const exp: Unary = unary({ name: "exp", scalar: (s, x) => s.exp(x), vjp: (ct, _x, y) => mul(ct, y) });

/**
 * $y = e^x - 1$, accurate near 0.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1e-20]).expm1().toArray(); // → [1e-20]
 * ```
 */
export const expm1: Unary = unary({
  name: "expm1",
  scalar: (s, x) => s.expm1(x),
  vjp: (ct, _x, y) => mul(ct, add(y, 1)),
});

/**
 * Natural logarithm, $y = \ln x$. `-Infinity` at 0, `NaN` for $x < 0$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 10]).log().toArray(); // → [0,2.302585]
 * ```
 */
export const log: Unary = unary({ name: "log", scalar: (s, x) => s.log(x), vjp: (ct, x) => div(ct, x) });

/**
 * $y = \ln(1 + x)$, accurate near 0. `-Infinity` at -1, `NaN` below.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1e-20]).log1p().toArray(); // → [1e-20]
 * ```
 */
export const log1p: Unary = unary({ name: "log1p", scalar: (s, x) => s.log1p(x), vjp: (ct, x) => div(ct, add(x, 1)) });

/**
 * Sine of an angle in radians, $y = \sin x$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Math.PI / 2]).sin().toArray(); // → [0,1]
 * ```
 */
export const sin: Unary = unary({ name: "sin", scalar: (s, x) => s.sin(x), vjp: (ct, x) => mul(ct, cos(x)) });

/**
 * Cosine of an angle in radians, $y = \cos x$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Math.PI]).cos().toArray(); // → [1,-1]
 * ```
 */
export const cos: Unary = unary({ name: "cos", scalar: (s, x) => s.cos(x), vjp: (ct, x) => neg(mul(ct, sin(x))) });

/**
 * Hyperbolic tangent, $y = \tanh x$.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).tanh().toArray(); // → [0,0.761594]
 * ```
 */
export const tanh: Unary = unary({
  name: "tanh",
  scalar: (s, x) => s.tanh(x),
  vjp: (ct, _x, y) => tanhSlope(ct, y),
});

/** $x (1 - y^2)$ in one pass. */
const tanhSlope: Binary = binary({
  name: "tanhSlope",
  scalar: (s, x, y) => s.mul(x, s.sub(s.constant(1), s.mul(y, y))),
  vjp: [(ct, _x, y) => tanhSlope(ct, y), (ct, x, y) => mul(mul(ct, x), mul(y, -2))],
});

/**
 * Power, $z = x^y$. $x^0 = 1$ for every x; `NaN` for $x < 0$ with fractional y. Where the exponent is 0 the derivative
 * by the base is 0; by the exponent it is $z \ln x$, and 0 at $x = 0$ with $y \ge 0$.
 *
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([2, 9]).pow(tensor([3, 0.5])).toArray(); // → [8,3]
 * grad((x) => x.pow(2))(0).item(); // → 0
 * ```
 */
export const pow: Binary = binary({
  name: "pow",
  scalar: (s, x, y) => s.pow(x, y),
  vjp: [
    (ct, x, y) => mul(ct, powSlope(x, y)),
    (ct, x, y, z) => {
      const flatAt = logicalAnd(equal(x, 0), greaterEqual(y, 0));
      return mul(ct, where(flatAt, 0, mul(z, log(where(flatAt, 1, x)))));
    },
  ],
});

/** y x^(y-1), and 0 where both are 0 (there it would be 0 · ∞). */
function powSlope(x: Tensor, y: Tensor): Tensor {
  const flatAt = logicalAnd(equal(x, 0), equal(y, 0));
  return where(flatAt, 0, mul(y, pow(where(flatAt, 1, x), sub(y, 1))));
}
