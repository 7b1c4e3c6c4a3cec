/**
 * Hyperbolic functions and their inverses, elementwise.
 * @module
 */
import { mul, neg, square } from "./arithmetic.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { finite } from "./piecewise.js";

/**
 * Hyperbolic sine, $y = \sinh x = (e^x - e^{-x}) / 2$.
 *
 * @returns the shape of `x`
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
 * @returns the shape of `x`
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
 * In reverse mode the derivative $1 - y^2$ loses digits where y is near ±1, and is 0 where y rounds to it. To keep them,
 * it would need an exponential of its own, 15 % of a training step of a small network.
 *
 * @returns the shape of `x`
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
 * @returns the shape of `x`
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
  vjp: (ct, x) => mul(ct, asinhSlope(x)),
  jvp: (t, x) => mul(t, asinhSlope(x)),
});

/** $s = 1 / \sqrt{x^2 + 1}$, whose own derivative is $-x s^3$, far out too. */
const asinhSlope: Unary = unary({
  name: "asinhSlope",
  scalar: (s, x) => s.div(s.constant(1), s.hypot(x, s.constant(1))),
  vjp: (ct, x, y) => neg(mul(ct, mul(mul(finite(x), y), square(y)))),
  jvp: (t, x, y) => neg(mul(t, mul(mul(finite(x), y), square(y)))),
});

/**
 * Inverse hyperbolic cosine, $y = \operatorname{arcosh} x \ge 0$. `NaN` below 1.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (\sqrt{x - 1} \sqrt{x + 1})$
 * @kink Infinity at 1, where the second derivative is -Infinity; `NaN` from order 3 on there
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).acosh().toArray(); // → [0,1.316958]
 * ```
 */
export const acosh: Unary = unary({
  name: "acosh",
  scalar: (s, x) => s.acosh(x),
  vjp: (ct, x) => mul(ct, acoshSlope(x)),
  jvp: (t, x) => mul(t, acoshSlope(x)),
});

/** $s = 1 / \sqrt{x^2 - 1}$, whose own derivative is $-x s^3$, at 1 and Infinity too. */
const acoshSlope: Unary = unary({
  name: "acoshSlope",
  // Two roots, because x² - 1 would overflow, and cancel near 1.
  scalar: (s, x) => {
    const one = s.constant(1);
    return s.div(one, s.mul(s.sqrt(s.sub(x, one)), s.sqrt(s.add(x, one))));
  },
  vjp: (ct, x, y) => neg(mul(ct, mul(mul(finite(x), y), square(y)))),
  jvp: (t, x, y) => neg(mul(t, mul(mul(finite(x), y), square(y)))),
});

/**
 * Inverse hyperbolic tangent, $y = \operatorname{artanh} x$. ±Infinity at ±1, `NaN` beyond.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (1 - x^2)$
 * @kink Infinity at ±1, where the second derivative is ±Infinity
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 0.5]).atanh().toArray(); // → [0,0.549306]
 * ```
 */
export const atanh: Unary = unary({
  name: "atanh",
  scalar: (s, x) => s.atanh(x),
  vjp: (ct, x) => mul(ct, atanhSlope(x)),
  jvp: (t, x) => mul(t, atanhSlope(x)),
});

/** $s = 1 / (1 - x^2)$ without cancellation, whose own derivative is $2 x s^2$, at ±1 too. */
const atanhSlope: Unary = unary({
  name: "atanhSlope",
  scalar: (s, x) => {
    const one = s.constant(1);
    return s.div(one, s.mul(s.sub(one, x), s.add(one, x)));
  },
  vjp: (ct, x, y) => mul(ct, mul(mul(x, y), mul(y, 2))),
  jvp: (t, x, y) => mul(t, mul(mul(x, y), mul(y, 2))),
});
