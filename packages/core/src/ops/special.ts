/**
 * Error functions and gamma functions, elementwise.
 * @module
 */
import type { Tensor, TensorLike } from "../tensor.js";
import { mul } from "./arithmetic.js";
import { parametric, unary, type Unary } from "./elementwise.js";
import { finite } from "./piecewise.js";

/** $b = c e^{a x^2}$, whose own derivative is $2 a x b$, far out too. */
const bellOf: (x: TensorLike, params: Bell) => Tensor = parametric<Bell>({
  name: "bell",
  smooth: true,
  parameters: ({ c, a }) => [c, a],
  scalar: (s, x, c, a) => s.mul(s.exp(s.mul(s.mul(x, x), a!)), c!),
  vjp: (ct, x, y, { a }) => mul(ct, mul(mul(finite(x), y), 2 * a)),
  jvp: (t, x, y, { a }) => mul(t, mul(mul(finite(x), y), 2 * a)),
});

interface Bell {
  readonly c: number;
  readonly a: number;
}

function bell(c: number, a: number, x: Tensor): Tensor {
  return bellOf(x, { c, a });
}

/**
 * Error function, $y = \frac{2}{\sqrt\pi} \int_0^x e^{-t^2} dt$.
 *
 * Within 2 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \frac{2}{\sqrt\pi} e^{-x^2}$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).erf().toArray(); // → [0,0.842701]
 * ```
 * @see Shepherd and Laframboise, Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞ (1981)
 */
export const erf: Unary = unary({
  name: "erf",
  scalar: (s, x) => s.erf(x),
  vjp: (ct, x) => mul(ct, bell(2 / Math.sqrt(Math.PI), -1, x)),
  jvp: (t, x) => mul(t, bell(2 / Math.sqrt(Math.PI), -1, x)),
});

/**
 * Complement of the error function, $y = 1 - \operatorname{erf} x$, with all digits far out, where the difference would
 * have none.
 *
 * Within 2 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -\frac{2}{\sqrt\pi} e^{-x^2}$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 10]).erfc().toArray(); // → [1,2.088488e-45]
 * ```
 */
export const erfc: Unary = unary({
  name: "erfc",
  scalar: (s, x) => s.erfc(x),
  vjp: (ct, x) => mul(ct, bell(-2 / Math.sqrt(Math.PI), -1, x)),
  jvp: (t, x) => mul(t, bell(-2 / Math.sqrt(Math.PI), -1, x)),
});

/**
 * Inverse of the error function, $\operatorname{erf} y = x$. ±Infinity at ±1, `NaN` beyond.
 *
 * Within 1.6 units in the last place.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \frac{\sqrt\pi}{2} e^{y^2}$
 * @kink Infinity at ±1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 0.5]).erfInv().toArray(); // → [0,0.476936]
 * ```
 * @see Giles, Approximating the erfinv function (2011)
 */
export const erfInv: Unary = unary({
  name: "erfInv",
  scalar: (s, x) => s.erfInv(x),
  vjp: (ct, _x, y) => mul(ct, bell(Math.sqrt(Math.PI) / 2, 1, y)),
});

/** The density of the standard normal distribution. */
export function normalDensity(x: Tensor): Tensor {
  return bell(1 / Math.sqrt(2 * Math.PI), -0.5, x);
}

/** The distribution function of the standard normal distribution. */
export const normalCdf: Unary = unary({
  name: "normalCdf",
  scalar: (s, x) => s.normalCdf(x),
  vjp: (ct, x) => mul(ct, normalDensity(x)),
});

/**
 * Logarithm of the gamma function, $y = \ln |\Gamma(x)|$. Infinity at 0, -1, -2, …
 *
 * Within 2 units in the last place for $x > 0$; near its roots below 0 the absolute error stays below $10^{-15}$
 * ($10^{-7}$ in float32).
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \psi(x)$, `digamma`, whose derivative is the next polygamma function, and so
 *   on: all orders exist
 * @kink -Infinity at 0, `NaN` at -1, -2, …
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0.5, 5]).lgamma().toArray(); // → [0.572365,3.178054]
 * ```
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41
 */
export const lgamma: Unary = unary({
  name: "lgamma",
  scalar: (s, x) => s.lgamma(x),
  vjp: (ct, x) => mul(ct, digamma(x)),
});

/**
 * Logarithmic derivative of the gamma function, $y = \psi(x) = \Gamma'(x) / \Gamma(x)$. ∓Infinity at ±0, `NaN` at -1, -2,
 * …
 *
 * Near its roots, and for $x < 0$ near the poles, the error is a few units in the last place of the terms that cancel.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \psi'(x)$, the trigamma function
 * @kink Infinity at 0, -1, -2, …, its limit from both sides. The second derivative, ∓Infinity at ±0, has two limits at -1,
 *   -2, …, so it is `NaN` there (-Infinity in PyTorch)
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).digamma().toArray(); // → [-0.577216,0.422784]
 * ```
 * @see Abramowitz and Stegun, Handbook of Mathematical Functions, 6.3.18
 */
export const digamma: Unary = unary({
  name: "digamma",
  scalar: (s, x) => s.digamma(x),
  vjp: (ct, x) => mul(ct, polygamma(1, x)),
});

const orders: Unary[] = [];

/** $\psi^{(n)}(x)$: one operator for each order from 1, each the derivative of the one before. */
export function polygamma(order: number, x: TensorLike): Tensor {
  orders[order] ??= unary({
    name: `polygamma${order}`,
    scalar: (s, y) => s.polygamma(order, y),
    vjp: (ct, y) => mul(ct, polygamma(order + 1, y)),
  });
  return orders[order](x);
}
