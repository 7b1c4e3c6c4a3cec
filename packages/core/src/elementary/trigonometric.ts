/**
 * Sine, cosine and tangent of angles in radians. $x = n \pi/2 + r$ with π/2 in parts whose products with n are exact
 * (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, chapter 8), r as a pair; large
 * angles through `angle.ts`. On $|r| \le \pi/4$, $\sin r = r + r z S(z)$ and $\cos r = 1 - z/2 + z^2 C(z)$ with $z =
 * r^2$ and minimax polynomials of our own, made as in `exp.ts` (error below 2^-62 in float64, 2^-32 in float32).
 *
 * Largest errors met in 12,000 arguments or more, in units in the last place, in float64 and float32: sin 0.68, 0.71;
 * cos 0.72, 0.75; tan 1.74, 1.67.
 * @module
 */
import type { Machine, Precision } from "../scalar.js";
import { largeAngle } from "./angle.js";
import {
  nearest,
  pick,
  polynomial,
  quickTwoSum,
  twoSum,
  type Choice,
  type Coefficients,
  type Pair,
} from "./arithmetic.js";

/** π/2; all parts but the last are short enough for exact products with n. */
const parts: { readonly [P in Precision]: readonly number[] } = {
  float64: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21],
  float32: [1.5706787, 0.000117614865, 9.920313e-10, 6.223372e-14],
};

const sineTail: Coefficients = {
  float64: [
    -0.16666666666666666, 0.00833333333333309, -0.00019841269841042706, 2.755731912167383e-6, -2.505208404913156e-8,
    1.605601490641847e-10, -7.473845819759548e-13,
  ],
  float32: [-0.16666667, 0.008333372, -0.00019849945, 2.8011525e-6],
};
const cosineTail: Coefficients = {
  float64: [
    0.041666666666666664, -0.0013888888888888434, 2.4801587301244297e-5, -2.7557319093844443e-7, 2.0876730248427503e-9,
    -1.1467845403652014e-11, 4.638142491262656e-14,
  ],
  float32: [0.041666668, -0.0013888975, 2.4820174e-5, -2.8702067e-7],
};

interface Reduced<T> extends Pair<T> {
  /** $n \bmod 4$ up to multiples of 4. */
  readonly n: T;
}

function reduced<T, M>(s: Machine<T, M>, x: T): Reduced<T> {
  const n = nearest(s, s.mul(x, s.constant(2 / Math.PI)));
  const [first, ...others] = parts[s.precision];
  const last = others.pop()!;
  let hi = s.sub(x, s.mul(n, s.constant(first!)));
  let rest = s.neg(s.mul(n, s.constant(last)));
  for (const part of others) {
    const difference = twoSum(s, hi, s.neg(s.mul(n, s.constant(part))));
    hi = difference.hi;
    rest = s.add(difference.lo, rest);
  }
  const r = twoSum(s, hi, rest);
  const large = s.lessEqual(pick(s, largeAngle), s.abs(x));
  const other = s.not(s.less(s.abs(x), pick(s, largeAngle)));
  return {
    n: s.select(large, s.angleQuadrant(x), n),
    hi: s.select(other, s.angleRemainder(x), r.hi),
    lo: s.select(other, s.angleRemainderLow(x), r.lo),
  };
}

function sineOf<T, M>(s: Machine<T, M>, { hi, lo }: Pair<T>, z: T): T {
  const slope = s.sub(s.constant(1), s.mul(z, s.constant(0.5)));
  return s.add(hi, s.add(s.mul(s.mul(hi, z), polynomial(s, z, sineTail)), s.mul(lo, slope)));
}

function cosineOf<T, M>(s: Machine<T, M>, { hi, lo }: Pair<T>, z: T): T {
  const sum = quickTwoSum(s, s.constant(1), s.mul(z, s.constant(-0.5)));
  const rest = s.sub(s.mul(s.mul(z, z), polynomial(s, z, cosineTail)), s.mul(hi, lo));
  return s.add(sum.hi, s.add(sum.lo, rest));
}

/** $\sin r$ for $|r| \le \pi/4$. */
export function quarterSine<T, M>(s: Machine<T, M>, r: T): T {
  return sineOf(s, { hi: r, lo: s.constant(0) }, s.mul(r, r));
}

/** $\cos r$ for $|r| \le \pi/4$. */
export function quarterCosine<T, M>(s: Machine<T, M>, r: T): T {
  return cosineOf(s, { hi: r, lo: s.constant(0) }, s.mul(r, r));
}

/** 1 for odd, 0 for even n, and `half` = ⌊n/2⌋. Computed, because a decision would be guessed wrong half the time. */
function parity<T, M>(s: Machine<T, M>, n: T): { readonly odd: T; readonly half: T } {
  const half = s.floor(s.mul(n, s.constant(0.5)));
  return { odd: s.sub(n, s.add(half, half)), half };
}

/** `a` where `odd` is 0, `b` where it is 1. */
function blend<T, M>(s: Machine<T, M>, odd: T, a: T, b: T): T {
  return s.add(s.mul(a, s.sub(s.constant(1), odd)), s.mul(b, odd));
}

function sineInQuadrant<T, M>(s: Machine<T, M>, r: Pair<T>, n: T): T {
  const z = s.mul(r.hi, r.hi);
  const { odd, half } = parity(s, n);
  const sign = parity(s, half).odd;
  const y = blend(s, odd, sineOf(s, r, z), cosineOf(s, r, z));
  return s.mul(y, s.sub(s.constant(1), s.add(sign, sign)));
}

const tiny: Choice = { float64: 2 ** -27, float32: 2 ** -13 };

/** $\sin x$. */
export function sin<T, M>(s: Machine<T, M>, x: T): T {
  const r = reduced(s, x);
  return s.select(s.less(s.abs(x), pick(s, tiny)), x, sineInQuadrant(s, r, r.n));
}

/** $\cos x$. */
export function cos<T, M>(s: Machine<T, M>, x: T): T {
  const r = reduced(s, x);
  return sineInQuadrant(s, r, s.add(r.n, s.constant(1)));
}

/** $\tan x$, as a quotient of $\sin r$ and $\cos r$. */
export function tan<T, M>(s: Machine<T, M>, x: T): T {
  const r = reduced(s, x);
  const z = s.mul(r.hi, r.hi);
  const { odd } = parity(s, r.n);
  const sine = sineOf(s, r, z);
  const cosine = cosineOf(s, r, z);
  const y = s.div(blend(s, odd, sine, cosine), blend(s, odd, cosine, s.neg(sine)));
  return s.select(s.less(s.abs(x), pick(s, tiny)), x, y);
}
