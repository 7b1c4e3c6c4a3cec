/**
 * Exponentials, logarithms and powers, elementwise. Each is one of our own expressions, with the same bits in every
 * JavaScript engine and on every backend.
 * @module
 */
import { isFloat } from "../dtype.js";
import { DTypeError } from "../errors.js";
import type { Scalar } from "../scalar.js";
import { Tensor } from "../tensor.js";
import { add, div, mul, neg, sub } from "./arithmetic.js";
import { equal, greaterEqual, less, lessEqual, logicalAnd, logicalOr } from "./comparisons.js";
import { binary, unary, type Binary, type Unary } from "./elementwise.js";
import { abs, where } from "./piecewise.js";
import { addTangents } from "./tangents.js";

/**
 * Exponential, $y = e^x$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = y$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, 1]).exp().toArray(); // → [1,2.71828]
 * ```
 */
export const exp: Unary = unary({ name: "exp", scalar: (s, x) => s.exp(x), vjp: (ct, _x, y) => mul(ct, y) });

/**
 * Exponential less 1, $y = e^x - 1$, accurate near 0.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = e^x$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1e-20]).expm1().toArray(); // → [1e-20]
 * ```
 */
export const expm1: Unary = unary({
  name: "expm1",
  scalar: (s, x) => s.expm1(x),
  // Not y + 1, which loses the digits of small slopes.
  vjp: (ct, x) => mul(ct, exp(x)),
});

/**
 * Natural logarithm, $y = \ln x$. `-Infinity` at 0, `NaN` for $x < 0$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / x$
 * @kink Infinity at 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 10]).log().toArray(); // → [0,2.302585]
 * ```
 */
export const log: Unary = unary({ name: "log", scalar: (s, x) => s.log(x), vjp: (ct, x) => div(ct, x) });

/**
 * Natural logarithm of 1 and x, $y = \ln(1 + x)$, accurate near 0. `-Infinity` at -1, `NaN` below.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (1 + x)$
 * @kink Infinity at -1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1e-20]).log1p().toArray(); // → [1e-20]
 * ```
 */
export const log1p: Unary = unary({ name: "log1p", scalar: (s, x) => s.log1p(x), vjp: (ct, x) => div(ct, add(x, 1)) });

/**
 * Power of 2, $y = 2^x$, exact for integers.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = y \ln 2$
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([10, -1, 0.5]).exp2().toArray(); // → [1024,0.5,1.414214]
 * ```
 */
export const exp2: Unary = unary({
  name: "exp2",
  scalar: (s, x) => s.exp2(x),
  vjp: (ct, _x, y) => mul(ct, mul(y, Math.LN2)),
});

/**
 * Binary logarithm, $y = \log_2 x$, exact for powers of 2. `-Infinity` at 0, `NaN` for $x < 0$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (x \ln 2)$
 * @kink Infinity at 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1024, 0.125, 3]).log2().toArray(); // → [10,-3,1.584963]
 * ```
 */
export const log2: Unary = unary({
  name: "log2",
  scalar: (s, x) => s.log2(x),
  vjp: (ct, x) => div(ct, mul(x, Math.LN2)),
});

/**
 * Decimal logarithm, $y = \log_{10} x$. `-Infinity` at 0, `NaN` for $x < 0$.
 *
 * @returns the shape of `x`
 * @derivative $\mathrm{d}y / \mathrm{d}x = 1 / (x \ln 10)$
 * @kink Infinity at 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1000, 2]).log10().toArray(); // → [3,0.30103]
 * ```
 */
export const log10: Unary = unary({
  name: "log10",
  scalar: (s, x) => s.log10(x),
  vjp: (ct, x) => div(ct, mul(x, Math.LN10)),
});

/**
 * Power, $z = x^y$. $x^0 = 1$ for every x; `NaN` for $x < 0$ with fractional y. Of int32 it is int32, where fractions
 * are cut off.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = y x^{y-1}$, $\partial z / \partial y = z \ln x$
 * @kink where the exponent is 0 the derivative by the base is 0; at $x = 0$ with $y \ge 0$ that by the exponent is 0
 * @throws {@link DTypeError} if a number below 0 is the exponent of int32 or bool
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * tensor([2, 9]).pow(tensor([3, 0.5])).toArray(); // → [8,3]
 * grad((x) => x.pow(2))(0).item(); // → 0
 * ```
 */
export const pow: Binary = (x, y) => {
  if (typeof y === "number" && y < 0 && Number.isInteger(y) && x instanceof Tensor && !isFloat(x.dtype))
    throw new DTypeError(`pow: expected an exponent from 0 for ${x.dtype}, got ${y}; use astype("float64") first`);
  return power(x, y);
};

const power = binary({
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

/** y x^(y-1), and 0 where y is 0 and x so near 0 that it would be 0 · ∞. */
function powSlope(x: Tensor, y: Tensor): Tensor {
  const flatAt = logicalAnd(less(abs(x), x.dtype === "float32" ? 2 ** -126 : 2 ** -1022), equal(y, 0));
  return where(flatAt, 0, mul(y, pow(where(flatAt, 1, x), sub(y, 1))));
}

/**
 * Sum of two numbers given by their logarithms, $z = \ln(e^x + e^y)$, without overflow. `-Infinity` stands for nothing:
 * it leaves the other operand as it is.
 *
 * Where the result is near 0 the operands cancel: the error is then a unit in the last place of the larger operand.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = e^{x-z}$, $\partial z / \partial y = e^{y-z}$
 * @kink two equal infinities share evenly
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { logAddExp, tensor } from "@cotangent/core";
 * logAddExp(tensor([1000, -Infinity]), tensor([1000, 3])).toArray(); // → [1000.693147,3]
 * ```
 */
export const logAddExp: Binary = binary({
  name: "logAddExp",
  result: "float",
  smooth: true,
  // The larger one + ln(1 + e^-|x - y|). The mean of equal infinities is the same infinity, and shares the derivative.
  scalar: (s, x, y) => {
    const same = endless(s, x, y);
    const below = s.less(x, y);
    const e = s.exp(difference(s, same, s.select(below, x, y), s.select(below, y, x)));
    const sum = s.add(s.select(below, y, x), s.log1p(e));
    return s.select(same, s.mul(s.add(x, y), s.constant(0.5)), sum);
  },
  vjp: [(ct, x, y) => mul(ct, share(x, y)), (ct, x, y) => mul(ct, share(y, x))],
});

/** Whether both are the same infinity, whose difference is no number. */
function endless<T, M>(s: Scalar<T, M>, x: T, y: T): M {
  return s.and(s.equal(x, y), s.equal(s.abs(x), s.constant(Infinity)));
}

function difference<T, M>(s: Scalar<T, M>, same: M, x: T, y: T): T {
  return s.select(same, s.constant(0), s.sub(x, y));
}

/** $e^x / (e^x + e^y)$, ½ for equal infinities. */
const share: Binary = binary({
  name: "logAddExpShare",
  result: "float",
  smooth: true,
  scalar: (s, x, y) => {
    const below = s.less(x, y);
    const e = s.exp(difference(s, endless(s, x, y), s.select(below, x, y), s.select(below, y, x)));
    const one = s.constant(1);
    return s.div(s.select(below, e, one), s.add(one, e));
  },
  vjp: [(ct, x, y, z) => mul(ct, mul(z, share(y, x))), (ct, x, y, z) => neg(mul(ct, mul(z, share(y, x))))],
});

/**
 * Product with a logarithm, $z = x \ln y$, and 0 where $x = 0$, even for $y \le 0$ or infinite y. `NaN` of NaN, and for
 * $x \ne 0$ with $y < 0$.
 *
 * Within 1.5 units in the last place.
 *
 * @returns the shape to which those of `x` and `y` broadcast
 * @derivative $\partial z / \partial x = \ln y$, $\partial z / \partial y = x / y$
 * @kink where $x = 0$ meets $y \le 0$ or infinite y, both derivatives are 0
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor, xlogy } from "@cotangent/core";
 * const p = tensor([0.5, 0.5, 0]);
 * xlogy(p, p).neg().sum().item(); // → 0.693147
 * ```
 */
export const xlogy: Binary = binary({
  name: "xlogy",
  result: "float",
  scalar: (s, x, y) => {
    const vain = s.or(s.lessEqual(y, s.constant(0)), s.equal(y, s.constant(Infinity)));
    return s.mul(x, s.log(s.select(s.and(s.equal(x, s.constant(0)), vain), s.constant(1), y)));
  },
  vjp: [(ct, x, y) => mul(ct, log(whereItCounts(x, y))), (ct, x, y) => div(mul(ct, x), whereItCounts(x, y))],
  // Read over dual pairs, 1 / y would overflow before it meets x.
  jvp: ([tx, ty], [x, y]) => {
    const safe = whereItCounts(x!, y!);
    const [byX, byY] = [tx && mul(tx, log(safe)), ty && div(mul(ty, x!), safe)];
    return addTangents(byX, byY);
  },
});

/** y, and 1 where x = 0 would meet an infinite logarithm or none. */
function whereItCounts(x: Tensor, y: Tensor): Tensor {
  const vain = logicalOr(lessEqual(y, 0), equal(y, Infinity));
  return where(logicalAnd(equal(x, 0), vain), 1, y);
}
