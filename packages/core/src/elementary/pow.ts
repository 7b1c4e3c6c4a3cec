/**
 * Powers. $x^y = e^{y \ln x}$ with $\ln x$ to more than 64 bits: a pair, from $\ln m = 2 \operatorname{artanh} s$,
 * $\operatorname{artanh} s = s + s (z/3 + z^2 R(z))$, $z = s^2$, where s, $z/3$ and the products are pairs too
 * (Dekker 1971) and R is a minimax polynomial of our own, made as in `exp.ts`. Special values follow IEEE 754-2019,
 * section 9.2.1.
 *
 * Largest errors met in four million arguments, in units in the last place, in float64 and float32: 0.71, 0.74.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atLeast,
  atMost,
  pairProduct,
  pairQuotient,
  pick,
  polynomial,
  quickTwoSum,
  twoSum,
  type Choice,
  type Coefficients,
  type Pair,
  type Precise,
} from "./arithmetic.js";
import { assembled, exponential, highest, ln2High, ln2Low, lowest } from "./exp.js";
import { centredFar } from "./log.js";

const tail: Coefficients = {
  float64: [
    0.19999999999999987, 0.14285714285723364, 0.11111111108601222, 0.09090909452947483, 0.07692277363476611,
    0.0666819565063761, 0.058367300047577154, 0.059996777175342984,
  ],
  float32: [0.20000076, 0.14273559, 0.11709201],
};
/** 1/3. */
const third: Precise = {
  hi: 1 / 3,
  lo: { float64: 1.850371707708594e-17, float32: -9.934108e-9 },
};

/** $\ln x$ of positive finite x, to about twice the precision. */
function preciseLogarithm<T, M>(s: Machine<T, M>, x: T): Pair<T> {
  const { e, m } = centredFar(s, x);
  const one = s.constant(1);
  const zero = s.constant(0);
  const q = pairQuotient(s, { hi: s.sub(m, one), lo: zero }, twoSum(s, one, m));
  const z = pairProduct(s, q, q);
  const linear = pairProduct(s, z, { hi: s.constant(third.hi), lo: pick(s, third.lo) });
  const w = quickTwoSum(s, linear.hi, s.add(linear.lo, s.mul(s.mul(z.hi, z.hi), polynomial(s, z.hi, tail))));
  const bend = pairProduct(s, q, w);
  const twice = (y: T): T => s.add(y, y);
  const first = quickTwoSum(s, s.mul(e, pick(s, ln2High)), twice(q.hi));
  const second = twoSum(s, first.hi, twice(bend.hi));
  const rest = s.add(twice(s.add(q.lo, bend.lo)), s.mul(e, pick(s, ln2Low)));
  return quickTwoSum(s, second.hi, s.add(s.add(first.lo, second.lo), rest));
}

/** So large an exponent that only 1 does not overflow or vanish. */
const endless: Choice = { float64: 2 ** 64, float32: 2 ** 40 };

/** $|x|^y$ for finite $x \ne 0$. */
function powerOfMagnitude<T, M>(s: Machine<T, M>, size: T, y: T): T {
  const limit = pick(s, endless);
  const exponent = atMost(s, atLeast(s, y, s.neg(limit)), limit);
  const product = pairProduct(s, { hi: exponent, lo: s.constant(0) }, preciseLogarithm(s, size));
  const bounded = atMost(s, atLeast(s, product.hi, pick(s, lowest)), pick(s, highest));
  const low = s.select(s.equal(bounded, product.hi), product.lo, s.constant(0));
  return assembled(s, exponential(s, bounded, low));
}

/** $x^y$. */
export function pow<T, M>(s: Machine<T, M>, x: T, y: T): T {
  const zero = s.constant(0);
  const one = s.constant(1);
  const infinity = s.constant(Infinity);
  const size = s.abs(x);
  const finite = s.and(s.less(zero, size), s.less(size, infinity));
  const negativeExponent = s.less(y, zero);
  const atZero = s.select(negativeExponent, infinity, zero);
  const atInfinity = s.select(negativeExponent, zero, infinity);
  const magnitude = s.select(finite, powerOfMagnitude(s, size, y), s.select(s.equal(size, zero), atZero, atInfinity));
  const integer = s.equal(s.floor(y), y);
  const half = s.mul(y, s.constant(0.5));
  const odd = s.and(integer, s.not(s.equal(s.floor(half), half)));
  const below = s.or(s.less(x, zero), s.less(s.div(one, x), zero));
  const signed = s.select(s.and(odd, below), s.neg(magnitude), magnitude);
  const undefinedHere = s.and(s.and(s.less(x, zero), finite), s.not(integer));
  const unordered = s.not(s.and(s.equal(x, x), s.equal(y, y)));
  const y1 = s.select(s.or(undefinedHere, unordered), s.constant(NaN), signed);
  return s.select(s.or(s.equal(y, zero), s.equal(x, one)), one, y1);
}
