/**
 * The instruction set that elementwise kernels are written in. An elementwise operator is one expression over a
 * `Scalar`; a backend is one way of reading it: as numbers, as JavaScript source, as WebAssembly lanes, as dual pairs.
 * `T` is what stands for a number in that reading, `M` what stands for a decision (a mask).
 * @module
 */

/** The floating-point format in which an expression is evaluated; every instruction rounds to it. */
export type Precision = "float64" | "float32";

/** How a map computes: in a precision, or on 32-bit integers, whose products wrap around as their sums do. */
export type Arithmetic = Precision | "int32";

/** What every reading has to provide: correctly rounded arithmetic, decisions, and access to the exponent bits. */
export interface Instructions<T, M> {
  readonly precision: Precision;
  /** A literal, rounded to the precision. */
  constant(value: number): T;
  add(x: T, y: T): T;
  sub(x: T, y: T): T;
  mul(x: T, y: T): T;
  div(x: T, y: T): T;
  /** Flips the sign bit. */
  neg(x: T): T;
  abs(x: T): T;
  sqrt(x: T): T;
  floor(x: T): T;
  /** To the nearest integer, half to even; keeps ±Infinity, NaN and the sign of zero. */
  round(x: T): T;
  /** Comparisons are false where an operand is NaN. */
  less(x: T, y: T): M;
  lessEqual(x: T, y: T): M;
  equal(x: T, y: T): M;
  and(a: M, b: M): M;
  or(a: M, b: M): M;
  not(a: M): M;
  /** Picks a value; both are evaluated, and the one not picked never contributes (no `0 · ∞`). */
  select(mask: M, ifTrue: T, ifFalse: T): T;
  /**
   * $x \cdot 2^{k + \mathit{more}}$ for integers of which the sum gives a normal power of two in the precision; unspecified
   * elsewhere. `more` is 0 if it is left out.
   */
  scale(x: T, k: T, more?: number): T;
  /** The integer $e$ with $2^e \le x < 2^{e+1}$, for positive normal `x`; unspecified elsewhere, but never a trap. */
  exponent(x: T): T;
  /** $x / 2^e \in [1, 2)$ with $e$ = `exponent(x)`, for positive normal `x`; unspecified elsewhere. */
  mantissa(x: T): T;
}

/**
 * What a machine adds, so that sine and cosine of huge angles are right: $x = q \cdot \pi/2 + r$ for `|x|` at or above
 * `largeAngle[precision]`, from one routine shared by all readings (`elementary/angle.ts`). Below, all three are 0, and
 * the routine is not entered; of ±Infinity and NaN the remainder is NaN.
 */
export interface LargeAngles<T> {
  /** The quadrant, $q \bmod 4$: 0, 1, 2 or 3. */
  angleQuadrant(x: T): T;
  /** The remainder $r$, at most π/4 in magnitude, rounded. */
  angleRemainder(x: T): T;
  /** What rounding left out of the remainder. */
  angleRemainderLow(x: T): T;
}

/** What the elementary functions themselves are written in. */
export interface Machine<T, M> extends Instructions<T, M>, LargeAngles<T> {
  /** `size`, which is not negative, with the sign of `x`, without a decision, which a processor would guess wrong half the time. */
  withSign(size: T, x: T): T;
}

/** Elementary functions; a machine reading expands each into its expression in `elementary/`. */
export interface ElementaryFunctions<T> {
  exp(x: T): T;
  expm1(x: T): T;
  exp2(x: T): T;
  log(x: T): T;
  log1p(x: T): T;
  log2(x: T): T;
  log10(x: T): T;
  sin(x: T): T;
  cos(x: T): T;
  tan(x: T): T;
  asin(x: T): T;
  acos(x: T): T;
  atan(x: T): T;
  sinh(x: T): T;
  cosh(x: T): T;
  tanh(x: T): T;
  tanhShrink(x: T): T;
  asinh(x: T): T;
  acosh(x: T): T;
  atanh(x: T): T;
  cbrt(x: T): T;
  erf(x: T): T;
  erfc(x: T): T;
  erfInv(x: T): T;
  /** The distribution function of the standard normal distribution. */
  normalCdf(x: T): T;
  lgamma(x: T): T;
  digamma(x: T): T;
  /** The derivative of digamma of a fixed order from 1. */
  polygamma(order: number, x: T): T;
  pow(x: T, y: T): T;
  atan2(y: T, x: T): T;
  hypot(x: T, y: T): T;
  /** The remainder of $x / y$ with the sign of y. */
  mod(x: T, y: T): T;
}

/** What elementwise operators are written in. */
export interface Scalar<T, M> extends Instructions<T, M>, ElementaryFunctions<T> {}

/** One elementwise expression, readable in every way. */
export type ScalarExpression = <T, M>(s: Scalar<T, M>, ...xs: T[]) => T;
