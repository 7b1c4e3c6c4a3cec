/**
 * Trigonometric functions and their inverses, elementwise. Angles are in radians.
 * @module
 */
import type { Tensor } from "../tensor.js";
import { add, div, mul, neg, square } from "./arithmetic.js";
import { equal, logicalOr } from "./comparisons.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { finite, where } from "./piecewise.js";

/**
 * Sine of an angle in radians, $y = \sin x$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = \cos x$
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
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -\sin x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Math.PI]).cos().toArray(); // → [1,-1]
 * ```
 */
export const cos: Unary = unary({ name: "cos", scalar: (s, x) => s.cos(x), vjp: (ct, x) => neg(mul(ct, sin(x))) });

/**
 * Tangent of an angle in radians, $y = \tan x$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 + y^2$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, Math.PI / 4]).tan().toArray(); // → [0,1.000000]
 * ```
 */
export const tan: Unary = unary({
  name: "tan",
  scalar: (s, x) => s.tan(x),
  vjp: (ct, _x, y) => mul(ct, add(square(y), 1)),
});

/** $s = 1 / \sqrt{1 - x^2}$ without cancellation, whose own derivative is $x s^3$, at ±1 too. */
const arcSlope: Unary = unary({
  name: "arcSlope",
  scalar: (s, x) => {
    const one = s.constant(1);
    return s.div(one, s.sqrt(s.mul(s.sub(one, x), s.add(one, x))));
  },
  vjp: (ct, x, y) => mul(ct, mul(mul(x, y), square(y))),
  jvp: (t, x, y) => mul(t, mul(mul(x, y), square(y))),
});

/**
 * Arc sine in radians, $y = \arcsin x \in [-\pi/2, \pi/2]$. `NaN` beyond ±1.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / \sqrt{1 - x^2}$
 * @kink Infinity at ±1, where the second derivative is ±Infinity
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 0.5]).asin().toArray(); // → [0,0.523599]
 * ```
 */
export const asin: Unary = unary({
  name: "asin",
  scalar: (s, x) => s.asin(x),
  vjp: (ct, x) => mul(ct, arcSlope(x)),
  jvp: (t, x) => mul(t, arcSlope(x)),
});

/**
 * Arc cosine in radians, $y = \arccos x \in [0, \pi]$. `NaN` beyond ±1.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = -1 / \sqrt{1 - x^2}$
 * @kink -Infinity at ±1, where the second derivative is ∓Infinity
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 0.5]).acos().toArray(); // → [0,1.047198]
 * ```
 */
export const acos: Unary = unary({
  name: "acos",
  scalar: (s, x) => s.acos(x),
  vjp: (ct, x) => neg(mul(ct, arcSlope(x))),
  jvp: (t, x) => neg(mul(t, arcSlope(x))),
});

/**
 * Arc tangent in radians, $y = \arctan x \in [-\pi/2, \pi/2]$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (1 + x^2)$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, -Infinity]).atan().toArray(); // → [0.785398,-1.570796]
 * ```
 */
export const atan: Unary = unary({
  name: "atan",
  scalar: (s, x) => s.atan(x),
  vjp: (ct, x) => mul(ct, atanSlope(x)),
  jvp: (t, x) => mul(t, atanSlope(x)),
});

/** $s = 1 / (1 + x^2)$, whose own derivative is $-2 x s^2$, far out too. */
const atanSlope: Unary = unary({
  name: "atanSlope",
  scalar: (s, x) => s.div(s.constant(1), s.add(s.constant(1), s.mul(x, x))),
  vjp: (ct, x, y) => mul(ct, mul(mul(finite(x), y), mul(y, -2))),
  jvp: (t, x, y) => mul(t, mul(mul(finite(x), y), mul(y, -2))),
});

/**
 * Length of a vector with two components, $z = \sqrt{x^2 + y^2}$, without overflow of the squares. Infinity if a
 * component is, even beside NaN.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = x / z$, $\partial z / \partial y = y / z$
 * @kink 0 at the origin, as for `norm`
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { hypot, tensor } from "@cotangent/core";
 * hypot(tensor([3, 1e200]), tensor([4, 1e200])).toArray(); // → [5,1.414214e+200]
 * ```
 */
export const hypot: Binary = binary({
  name: "hypot",
  result: "float",
  scalar: (s, x, y) => s.hypot(x, y),
  vjp: [(ct, x, _y, z) => mul(ct, direction(x, z)), (ct, _x, y, z) => mul(ct, direction(y, z))],
});

/** $x / z$, and 0 at the origin. */
function direction(x: Tensor, z: Tensor): Tensor {
  const origin = equal(z, 0);
  return where(origin, 0, div(x, where(origin, 1, z)));
}

/**
 * Angle in radians of the point with the ordinate y and the abscissa x,
 * $z = \operatorname{atan2}(y, x) \in [-\pi, \pi]$: `atan2(y, x)` or `y.atan2(x)`. The signs of zeros choose the side
 * of the cut along negative x.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial y = x / (x^2 + y^2)$, $\partial z / \partial x = -y / (x^2 + y^2)$
 * @kink 0 at the origin and for infinite coordinates
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { atan2, tensor } from "@cotangent/core";
 * atan2(tensor([1, 0, -1]), tensor([1, -1, 0])).toArray(); // → [0.785398,3.141593,-1.570796]
 * ```
 */
export const atan2: Binary = binary({
  name: "atan2",
  result: "float",
  scalar: (s, y, x) => s.atan2(y, x),
  vjp: [(ct, y, x) => mul(ct, turn(x, hypot(y, x))), (ct, y, x) => neg(mul(ct, turn(y, hypot(y, x))))],
});

/** $x / h^2$, and 0 where that is no number. */
function turn(x: Tensor, h: Tensor): Tensor {
  const flat = logicalOr(equal(h, 0), equal(h, Infinity));
  const safe = where(flat, 1, h);
  return where(flat, 0, div(div(x, safe), safe));
}
