/**
 * What the elementary functions share: coefficients by precision, polynomials, signs, and numbers kept as unevaluated
 * sums of two (T. J. Dekker, "A floating-point technique for extending the available precision", 1971; D. E. Knuth,
 * "The Art of Computer Programming" 2, section 4.2.2).
 * @module
 */
import type { Machine, Precision } from "../scalar.js";

/** A number for each precision; digits that float32 rounds away are left out. */
export type Choice = { readonly [P in Precision]: number };

/** Coefficients for each precision, the constant term first; without digits that float32 rounds away. */
export type Coefficients = { readonly [P in Precision]: readonly number[] };

/** The sum of `hi` and the much smaller `lo`. */
export interface Pair<T> {
  readonly hi: T;
  readonly lo: T;
}

/** A number to more digits than any precision has: `hi` is rounded to it, and `lo` is what that leaves out. */
export interface Precise {
  readonly hi: number;
  readonly lo: Choice;
}

export function pick<T, M>(s: Machine<T, M>, choice: Choice): T {
  return s.constant(choice[s.precision]);
}

/**
 * A polynomial by pairs, pairs of pairs and so on (G. Estrin, 1960): a few more products than Horner's rule, but most
 * do not wait for one another.
 */
export function polynomial<T, M>(s: Machine<T, M>, z: T, coefficients: Coefficients): T {
  let terms = coefficients[s.precision].map((c) => s.constant(c));
  for (let power = z; terms.length > 1; power = s.mul(power, power)) {
    const pairs: T[] = [];
    for (let i = 0; i < terms.length; i += 2)
      pairs.push(i + 1 < terms.length ? s.add(s.mul(terms[i + 1]!, power), terms[i]!) : terms[i]!);
    terms = pairs;
  }
  return terms[0]!;
}

/** $3/2$ of the first power of two whose neighbours are integers: adding it leaves no room for a fraction. */
const shifter: Choice = { float64: 6755399441055744, float32: 12582912 };

/** The nearest integer, for |x| below half of the integers that are all representable; cheaper than `round`, no sign of zero. */
export function nearest<T, M>(s: Machine<T, M>, x: T): T {
  const big = pick(s, shifter);
  return s.sub(s.add(x, big), big);
}

/** The smaller one; NaN if `x` is. */
export function atMost<T, M>(s: Machine<T, M>, x: T, limit: T): T {
  return s.select(s.less(limit, x), limit, x);
}

/** The larger one; NaN if `x` is. */
export function atLeast<T, M>(s: Machine<T, M>, x: T, limit: T): T {
  return s.select(s.less(x, limit), limit, x);
}

/** $a + b$ exactly. */
export function twoSum<T, M>(s: Machine<T, M>, a: T, b: T): Pair<T> {
  const hi = s.add(a, b);
  const fromB = s.sub(hi, a);
  const fromA = s.sub(hi, fromB);
  return { hi, lo: s.add(s.sub(a, fromA), s.sub(b, fromB)) };
}

/** $a + b$ exactly, for $|a| \ge |b|$ or $a = 0$. */
export function quickTwoSum<T, M>(s: Machine<T, M>, a: T, b: T): Pair<T> {
  const hi = s.add(a, b);
  return { hi, lo: s.sub(b, s.sub(hi, a)) };
}

const splitter: Choice = { float64: 134217729, float32: 4097 };

/** The upper and the lower half of a significand (Veltkamp's splitting), for |x| far from overflow. */
export function halves<T, M>(s: Machine<T, M>, x: T): Pair<T> {
  const c = s.mul(x, pick(s, splitter));
  const hi = s.sub(c, s.sub(c, x));
  return { hi, lo: s.sub(x, hi) };
}

/** $a b$ exactly, barring overflow and underflow. */
export function twoProduct<T, M>(s: Machine<T, M>, a: T, b: T): Pair<T> {
  const hi = s.mul(a, b);
  const x = halves(s, a);
  const y = halves(s, b);
  const cross = s.add(s.sub(s.mul(x.hi, y.hi), hi), s.mul(x.hi, y.lo));
  return { hi, lo: s.add(s.add(cross, s.mul(x.lo, y.hi)), s.mul(x.lo, y.lo)) };
}

/** The product of two pairs, good to twice the precision less a few bits. */
export function pairProduct<T, M>(s: Machine<T, M>, a: Pair<T>, b: Pair<T>): Pair<T> {
  const { hi, lo } = twoProduct(s, a.hi, b.hi);
  return quickTwoSum(s, hi, s.add(lo, s.add(s.mul(a.hi, b.lo), s.mul(a.lo, b.hi))));
}

/** The quotient of two pairs, good to twice the precision less a few bits. */
export function pairQuotient<T, M>(s: Machine<T, M>, a: Pair<T>, b: Pair<T>): Pair<T> {
  const hi = s.div(a.hi, b.hi);
  const back = twoProduct(s, hi, b.hi);
  const rest = s.sub(s.add(s.sub(s.sub(a.hi, back.hi), back.lo), a.lo), s.mul(hi, b.lo));
  return { hi, lo: s.div(rest, b.hi) };
}

/** The square root of a pair, good to twice the precision less a few bits; not of 0. */
export function pairRoot<T, M>(s: Machine<T, M>, a: Pair<T>): Pair<T> {
  const hi = s.sqrt(a.hi);
  const back = twoProduct(s, hi, hi);
  return { hi, lo: s.div(s.add(s.sub(s.sub(a.hi, back.hi), back.lo), a.lo), s.add(hi, hi)) };
}
