/**
 * Hyperbolic functions and their inverses, elementwise.
 * @module
 */
import { add, div, mul, sqrt, sub } from "./arithmetic.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { hypot } from "./trigonometric.js";

/**
 * Hyperbolic sine, $y = \sinh x = (e^x - e^{-x}) / 2$.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = \cosh x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).sinh().toArray(); // → [0,1.175201]
 * ```
 */
export const sinh: Unary = unary({ name: "sinh", scalar: (s, x) => s.sinh(x), vjp: (ct, x) => mul(ct, cosh(x)) });

/**
 * Hyperbolic cosine, $y = \cosh x = (e^x + e^{-x}) / 2$.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = \sinh x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).cosh().toArray(); // → [1,1.543081]
 * ```
 */
export const cosh: Unary = unary({ name: "cosh", scalar: (s, x) => s.cosh(x), vjp: (ct, x) => mul(ct, sinh(x)) });

/**
 * Hyperbolic tangent, $y = \tanh x$.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 - y^2$
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
 * Inverse hyperbolic sine, $y = \operatorname{arsinh} x$.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / \sqrt{x^2 + 1}$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).asinh().toArray(); // → [0,0.881374]
 * ```
 */
export const asinh: Unary = unary({
  name: "asinh",
  scalar: (s, x) => s.asinh(x),
  vjp: (ct, x) => div(ct, hypot(x, 1)),
});

/**
 * Inverse hyperbolic cosine, $y = \operatorname{arcosh} x \ge 0$. `NaN` below 1.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (\sqrt{x - 1} \sqrt{x + 1})$
 * @kink Infinity at 1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).acosh().toArray(); // → [0,1.316958]
 * ```
 */
export const acosh: Unary = unary({
  name: "acosh",
  scalar: (s, x) => s.acosh(x),
  // Two roots, because x² - 1 would overflow, and cancel near 1.
  vjp: (ct, x) => div(ct, mul(sqrt(sub(x, 1)), sqrt(add(x, 1)))),
});

/**
 * Inverse hyperbolic tangent, $y = \operatorname{artanh} x$. ±Infinity at ±1, `NaN` beyond.
 *
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (1 - x^2)$
 * @kink Infinity at ±1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 0.5]).atanh().toArray(); // → [0,0.549306]
 * ```
 */
export const atanh: Unary = unary({
  name: "atanh",
  scalar: (s, x) => s.atanh(x),
  vjp: (ct, x) => div(ct, mul(sub(1, x), add(x, 1))),
});
