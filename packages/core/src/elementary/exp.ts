/**
 * Exponentials. $x = k \ln 2 + r$ with $|r| \le \ln 2 / 2$, where $\ln 2$ stands as two constants of which the first
 * times k is exact (W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, chapter 6), and
 * $e^r = 1 + r + r c / (2 - c)$ with $c = 2 + r - r \coth(r/2)$, in the form of fdlibm (Sun Microsystems, 1993): $r
 * \coth(r/2)$ is even, so half as many coefficients do. They are a minimax polynomial of our own (weighted by what it
 * does to $e^r$, by Remez's exchange, those of other files by least squares with Lawson's weights; 70 digits, rounded
 * one after the other; error below 2^-62 in float64, 2^-30 in float32). The sum keeps what rounding leaves out (Dekker
 * 1971).
 *
 * Largest errors met in ten million arguments of float64 and in all of float32, in units in the last place: exp 0.69,
 * 0.74, where subnormal 0.78, 0.78; exp2 0.73, 0.71, where subnormal 0.80 in float32; expm1 0.75, 0.75, at the smallest
 * multiples that it rounds to, elsewhere 0.71, 0.71.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atLeast,
  atMost,
  nearest,
  pick,
  polynomial,
  quickTwoSum,
  type Choice,
  type Coefficients,
  type Pair,
} from "./arithmetic.js";

/** ln 2 in two parts, the first with 42 bits (15 in float32). */
export const ln2High: Choice = { float64: 0.6931471805598903, float32: 0.69314575 };
export const ln2Low: Choice = { float64: 5.497923018708371e-14, float32: 1.4286068e-6 };

/** $(r \coth(r/2) - 2) / r^2$ in $r^2$. */
export const curve: Coefficients = {
  float64: [
    0.16666666666666555, -0.0027777777776695706, 6.613756249847776e-5, -1.6533836801464537e-6, 4.1360328455694785e-8,
  ],
  float32: [0.16666618, -0.0027660104],
};

/** $2^k (1 + \mathit{hi} + \mathit{lo})$: an exponential before its last roundings. */
export interface Exponential<T> extends Pair<T> {
  readonly k: T;
}

/** $r - r \coth(r/2) + 2$, which bends $e^r$ away from a line. */
function bent<T, M>(s: Machine<T, M>, r: T): T {
  const z = s.mul(r, r);
  return s.mul(z, polynomial(s, z, curve));
}

/** $e^{r}$ for a reduced argument $r = \mathit{hi} + \mathit{lo}$, less 1. */
function reduced<T, M>(s: Machine<T, M>, { k, hi, lo }: Exponential<T>): Exponential<T> {
  const r = s.add(hi, lo);
  const c = s.sub(r, bent(s, r));
  return { k, hi, lo: s.add(s.div(s.mul(r, c), s.sub(s.constant(2), c)), lo) };
}

/** k, and $r = \mathit{hi} + \mathit{lo}$ before it is rounded. */
function reduction<T, M>(s: Machine<T, M>, x: T, low?: T): Exponential<T> {
  const k = nearest(s, s.mul(x, s.constant(Math.LOG2E)));
  const hi = s.sub(x, s.mul(k, pick(s, ln2High)));
  const rest = s.mul(k, pick(s, ln2Low));
  return { k, hi, lo: low === undefined ? s.neg(rest) : s.sub(low, rest) };
}

/** $e^{x + \mathit{low}}$ for x of moderate size. */
export function exponential<T, M>(s: Machine<T, M>, x: T, low?: T): Exponential<T> {
  return reduced(s, reduction(s, x, low));
}

/** $1 + \mathit{hi} + \mathit{lo}$, in [0.7, 1.42], as a pair. */
export function plusOne<T, M>(s: Machine<T, M>, { hi, lo }: Pair<T>): Pair<T> {
  const sum = quickTwoSum(s, s.constant(1), hi);
  return { hi: sum.hi, lo: s.add(sum.lo, lo) };
}

/** From here on, $y 2^{k-1}$ is a normal number for all y that are scaled. */
const deep: Choice = { float64: -960, float32: -100 };

/** $y \cdot 2^k$ in two steps, of which the second alone rounds, for results that overflow or fade into subnormal numbers. */
export function scaleFar<T, M>(s: Machine<T, M>, y: T, k: T): T {
  const near = atLeast(s, k, pick(s, deep));
  return s.scale(s.scale(y, near, -1), s.sub(k, near), 1);
}

/** Rounds $2^k (1 + \mathit{hi} + \mathit{lo})$. */
export function assembled<T, M>(s: Machine<T, M>, e: Exponential<T>): T {
  const { hi, lo } = plusOne(s, e);
  return scaleFar(s, s.add(hi, lo), e.k);
}

/** Beyond, $e^x$ is 0 and Infinity. */
export const lowest: Choice = { float64: -746, float32: -104 };
export const highest: Choice = { float64: 710, float32: 89 };

/** $e^x$. */
export function exp<T, M>(s: Machine<T, M>, x: T): T {
  return assembled(s, exponential(s, atMost(s, atLeast(s, x, pick(s, lowest)), pick(s, highest))));
}

const lowest2: Choice = { float64: -1080, float32: -155 };
const highest2: Choice = { float64: 1024, float32: 128 };
/** Rounds to multiples of 2^-20 (2^-9), so that the product with the upper part of ln 2 (32 or 14 bits) is exact. */
const coarse: Choice = { float64: 1.5 * 2 ** 32, float32: 1.5 * 2 ** 14 };
const ln2High32: Choice = { float64: 0.6931471803691238, float32: 0.69311523 };
const ln2Low32: Choice = { float64: 1.9082149292705877e-10, float32: 3.1946183e-5 };

/** $2^x$. */
export function exp2<T, M>(s: Machine<T, M>, x: T): T {
  const y = atMost(s, atLeast(s, x, pick(s, lowest2)), pick(s, highest2));
  const k = nearest(s, y);
  const f = s.sub(y, k);
  const big = pick(s, coarse);
  const upper = s.sub(s.add(f, big), big);
  const lower = s.sub(f, upper);
  const low = s.add(s.mul(upper, pick(s, ln2Low32)), s.mul(lower, s.constant(Math.LN2)));
  return assembled(s, reduced(s, { k, hi: s.mul(upper, pick(s, ln2High32)), lo: low }));
}

const lowestMinus1: Choice = { float64: -40, float32: -20 };
const tiny: Choice = { float64: 2 ** -54, float32: 2 ** -25 };

/** Rounds to multiples of 2^-26 (2^-12), so that of r up to 0.35 the upper part $u + u^2 / 2$ of $e^r - 1$ is exact. */
const middle: Choice = { float64: 1.5 * 2 ** 26, float32: 1.5 * 2 ** 11 };

/**
 * $e^x - 1 = 2 ((2^{k-1} - 1/2) + 2^{k-1} (e^r - 1))$, where rounding $r^2 / 2$ would show: $r = u + v$ and
 * $e^r - 1 = (u + u^2 / 2) + (v + v (u + r) / 2 + r (c r / 2 - z P(z)) / (2 - c))$, the last term being about $r^3 / 6$.
 */
export function expm1<T, M>(s: Machine<T, M>, x: T): T {
  const { k, hi, lo } = reduction(s, atMost(s, atLeast(s, x, pick(s, lowestMinus1)), pick(s, highest)));
  const half = s.constant(0.5);
  const big = pick(s, middle);
  const u = s.sub(s.add(hi, big), big);
  const v = s.add(s.sub(hi, u), lo);
  const r = s.add(u, v);
  const halfU = s.mul(u, half);
  const halfR = s.mul(r, half);
  const bend = bent(s, r);
  const c = s.sub(r, bend);
  const cubic = s.div(s.mul(r, s.sub(s.mul(halfR, c), bend)), s.sub(s.constant(2), c));
  const upper = s.add(u, s.mul(halfU, u));
  const lower = s.add(v, s.add(s.mul(v, s.add(halfU, halfR)), cubic));
  const power = s.scale(s.constant(1), k, -1);
  const whole = quickTwoSum(s, power, s.neg(half));
  const sum = quickTwoSum(s, whole.hi, s.mul(power, upper));
  const y = s.add(sum.hi, s.add(s.add(sum.lo, whole.lo), s.mul(power, lower)));
  return s.select(s.less(s.abs(x), pick(s, tiny)), x, s.add(y, y));
}
