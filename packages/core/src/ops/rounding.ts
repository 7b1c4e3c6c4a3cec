/**
 * Rounding to integers, and remainders; jumps and flats.
 * @module
 */
import type { Tensor } from "../tensor.js";
import { div, mul, neg, sub } from "./arithmetic.js";
import { equal, isNaN } from "./comparisons.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { abs, where } from "./piecewise.js";

/**
 * Largest integer not above, $y = \lfloor x \rfloor$.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @kink flat at the jumps too
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-1.5, 1.5]).floor().toArray(); // → [-2,1]
 * ```
 */
export const floor: Unary = unary({ name: "floor", result: "same", scalar: (s, x) => s.floor(x), vjp: null });

/**
 * Smallest integer not below, $y = \lceil x \rceil$.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @kink flat at the jumps too
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-1.5, 1.5]).ceil().toArray(); // → [-1,2]
 * ```
 */
export const ceil: Unary = unary({
  name: "ceil",
  result: "same",
  scalar: (s, x) => s.neg(s.floor(s.neg(x))),
  vjp: null,
});

/**
 * Nearest integer, $y = \lfloor x \rceil$, half to even.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @kink flat at the jumps too
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0.5, 1.5, 2.4]).round().toArray(); // → [0,2,2]
 * ```
 */
export const round: Unary = unary({ name: "round", result: "same", scalar: (s, x) => s.round(x), vjp: null });

/**
 * The integer part, $y = \operatorname{sgn}(x) \lfloor |x| \rfloor$, towards zero.
 *
 * @returns the shape of `x`
 * @derivative flat
 * @kink flat at the jumps too
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([-1.5, 1.5]).trunc().toArray(); // → [-1,1]
 * ```
 */
export const trunc: Unary = unary({
  name: "trunc",
  result: "same",
  scalar: (s, x) => s.select(s.less(x, s.constant(0)), s.neg(s.floor(s.neg(x))), s.floor(x)),
  vjp: null,
});

/**
 * Remainder of a division, $z = x - \lfloor x / y \rfloor y$, with the sign of the divisor y: in $[0, y)$, or $(y, 0]$
 * for negative y. Exact where x and y have the same sign; of int32 it is int32.
 *
 * A divisor of 0 gives `NaN`, in int32 0. So do infinite x, and quotients beyond $2^{100}$ ($2^{45}$ in float32) as far
 * as their remainder is not found. An infinite y leaves x of its sign as it is.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = 1$, $\partial z / \partial y = -\lfloor x / y \rfloor$
 * @kink the same at the jumps, by an infinite divisor (0 or 1), and by one so small that the remainder is not found
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { mod, tensor } from "@cotangent/core";
 * tensor([-7, 7, 7.5]).mod(3).toArray(); // → [2,1,1.5]
 * mod(tensor([-7, 7]), -3).toArray(); // → [-1,-2]
 * ```
 */
export const mod: Binary = binary({
  name: "mod",
  scalar: (s, x, y) => s.mod(x, y),
  vjp: [(ct) => ct, (ct, x, y, z) => neg(mul(ct, wholeQuotient(x, y, z)))],
});

/** $\lfloor x / y \rfloor$ by the remainder z. */
function wholeQuotient(x: Tensor, y: Tensor, z: Tensor): Tensor {
  const quotient = div(x, y);
  // The floor of a rounded quotient may be the next integer; (x - z) / y would overflow.
  const counted = round(sub(quotient, div(z, y)));
  // An infinite remainder is that of a finite x on the other side of 0 than an infinite y.
  return where(isNaN(z), floor(quotient), where(equal(abs(z), Infinity), -1, counted));
}
