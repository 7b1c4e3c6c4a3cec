/**
 * Logarithms. $x = 2^e m$ with $m \in [\sqrt{1/2}, \sqrt 2)$, $f = m - 1$ and $s = f / (2 + f)$ give $\ln m = 2
 * \operatorname{artanh} s = f - f^2/2 + s (f^2/2 + s^2 R(s^2))$ (J.-M. Muller, "Elementary Functions", chapter on
 * argument reduction), R a minimax polynomial of our own, made as in `exp.ts`; error below 2^-66 in float64, 2^-35 in
 * float32.
 *
 * Largest errors met in 12,000 arguments or more, in units in the last place, in float64 and float32: log 0.74, 0.76;
 * log1p 0.78, 0.76; log2 0.70, 0.72; log10 0.71, 0.67.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  halves,
  pick,
  polynomial,
  quickTwoSum,
  twoSum,
  type Choice,
  type Coefficients,
  type Pair,
} from "./arithmetic.js";
import { ln2High, ln2Low } from "./exp.js";

const tail: Coefficients = {
  float64: [
    0.6666666666666666, 0.4000000000000487, 0.2857142856943389, 0.22222222603371825, 0.18181778636517856,
    0.1538697714479878, 0.1325239718461474, 0.13232644915585748,
  ],
  float32: [0.6666666, 0.40000835, 0.28511378, 0.24004272],
};

/** $e$ and $m$ with $x = 2^e m$, $m \in [\sqrt{1/2}, \sqrt 2)$; for positive normal x. */
export function centred<T, M>(s: Machine<T, M>, x: T): { readonly e: T; readonly m: T } {
  const m = s.mantissa(x);
  // 1 from √2 on; computed, because a decision would be guessed wrong half the time.
  const above = s.floor(s.mul(m, s.constant(Math.SQRT1_2)));
  return { e: s.add(s.exponent(x), above), m: s.mul(m, s.sub(s.constant(1), s.mul(above, s.constant(0.5)))) };
}

export const smallestNormal: Choice = { float64: 2 ** -1022, float32: 2 ** -126 };

/** The same for all positive x. */
export function centredFar<T, M>(s: Machine<T, M>, x: T): { readonly e: T; readonly m: T } {
  const subnormal = s.less(x, pick(s, smallestNormal));
  const { e, m } = centred(s, s.select(subnormal, s.mul(x, s.constant(2 ** 54)), x));
  return { e: s.select(subnormal, s.sub(e, s.constant(54)), e), m };
}

/** $\ln m - f$ with $f = m - 1$. */
function remainder<T, M>(s: Machine<T, M>, f: T): T {
  const half = s.mul(s.mul(f, f), s.constant(0.5));
  const q = s.div(f, s.add(f, s.constant(2)));
  const z = s.mul(q, q);
  return s.sub(s.mul(q, s.add(half, s.mul(z, polynomial(s, z, tail)))), half);
}

/** $e \ln 2 + \ln m + \mathit{low}$. */
export function logarithm<T, M>(s: Machine<T, M>, e: T, m: T, low?: T): Pair<T> {
  const f = s.sub(m, s.constant(1));
  const rest = s.mul(e, pick(s, ln2Low));
  const sum = quickTwoSum(s, s.mul(e, pick(s, ln2High)), f);
  const small = s.add(remainder(s, f), low === undefined ? rest : s.add(rest, low));
  return { hi: sum.hi, lo: s.add(sum.lo, small) };
}

/** `y` for positive finite x, and what a logarithm is elsewhere. */
function atEdges<T, M>(s: Machine<T, M>, x: T, y: T): T {
  const infinity = s.constant(Infinity);
  const beyond = s.select(s.equal(x, s.constant(0)), s.constant(-Infinity), s.constant(NaN));
  return s.select(s.less(s.constant(0), x), s.select(s.less(x, infinity), y, infinity), beyond);
}

/** $\ln x$. */
export function log<T, M>(s: Machine<T, M>, x: T): T {
  const { e, m } = centredFar(s, x);
  const { hi, lo } = logarithm(s, e, m);
  return atEdges(s, x, s.add(hi, lo));
}

/** $\ln(1 + \mathit{hi} + \mathit{lo})$ for values above -1. */
export function logOnePlus<T, M>(s: Machine<T, M>, x: T, low?: T): T {
  const u = twoSum(s, s.constant(1), x);
  const { e, m } = centred(s, u.hi);
  const { hi, lo } = logarithm(s, e, m, s.div(low === undefined ? u.lo : s.add(u.lo, low), u.hi));
  return s.add(hi, lo);
}

/** $\ln(1 + x)$. */
export function log1p<T, M>(s: Machine<T, M>, x: T): T {
  const y = atEdges(s, s.add(x, s.constant(1)), logOnePlus(s, x));
  return s.select(s.equal(x, s.constant(0)), x, y);
}

/** Factors in two parts: the upper one short enough for an exact product with half a significand. */
interface Factor {
  readonly high: Choice;
  readonly low: Choice;
}

/** $(\ln m) c$ as a pair, for the factor c of another base. */
function inBase<T, M>(s: Machine<T, M>, m: T, factor: Factor): Pair<T> {
  const f = s.sub(m, s.constant(1));
  const { hi, lo } = quickTwoSum(s, f, remainder(s, f));
  const upper = halves(s, hi);
  const high = pick(s, factor.high);
  const rest = s.add(s.mul(s.add(upper.lo, lo), high), s.mul(s.add(hi, lo), pick(s, factor.low)));
  return { hi: s.mul(upper.hi, high), lo: rest };
}

const inverseLn2: Factor = {
  high: { float64: 1.4426950216293335, float32: 1.4423828 },
  low: { float64: 1.9259629911266175e-8, float32: 0.0003122284 },
};

/** $\log_2 x$; exact at powers of two. */
export function log2<T, M>(s: Machine<T, M>, x: T): T {
  const { e, m } = centredFar(s, x);
  const fraction = inBase(s, m, inverseLn2);
  const sum = quickTwoSum(s, e, fraction.hi);
  return atEdges(s, x, s.add(sum.hi, s.add(sum.lo, fraction.lo)));
}

const inverseLn10: Factor = {
  high: { float64: 0.4342944771051407, float32: 0.4342041 },
  low: { float64: 4.798111141615973e-9, float32: 9.038034e-5 },
};
const log10Of2High: Choice = { float64: 0.30102999566395283, float32: 0.3010254 };
const log10Of2Low: Choice = { float64: 2.8363394551044964e-14, float32: 4.605039e-6 };

/** $\log_{10} x$. */
export function log10<T, M>(s: Machine<T, M>, x: T): T {
  const { e, m } = centredFar(s, x);
  const fraction = inBase(s, m, inverseLn10);
  const sum = quickTwoSum(s, s.mul(e, pick(s, log10Of2High)), fraction.hi);
  const rest = s.add(fraction.lo, s.mul(e, pick(s, log10Of2Low)));
  return atEdges(s, x, s.add(sum.hi, s.add(sum.lo, rest)));
}
