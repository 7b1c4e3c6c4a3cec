/**
 * Hyperbolic tangent. Below 5/8, $x + x z P(z) / Q(z)$ with $z = x^2$, in the form of W. J. Cody and W. Waite,
 * "Software Manual for the Elementary Functions", 1980, chapter 13, with coefficients of our own (interpolation at
 * Chebyshev nodes; error below 2^-60 in float64, 2^-27 in float32), in float64 times a factor that takes P close to -2048
 * at 1/2, where rounding it weighs least; beyond, $1 - 2 / (e^{2x} + 1)$, where
 * $e^{2r} = 1 + 2r / (1 - u)$ with $u = 1 + r - r \coth r$ as in `exp.ts`, so that one quotient does for all.
 *
 * Largest errors met, in units in the last place, in float64 (60 million arguments from 0.45 to 0.625, where they are
 * largest) and in all of float32: tanh 0.93, 0.95; in three and ten million: tanhShrink 3.6, 4.6.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atMost,
  nearest,
  pick,
  polynomial,
  quickTwoSum,
  type Choice,
  type Coefficients,
  type Pair,
} from "./arithmetic.js";
import { curve, ln2High, ln2Low } from "./exp.js";

const numerator: Coefficients = {
  float64: [-1937.2974480383837, -124.49446672537445, -1.4170324942944332, -0.00010151966541162893],
  float32: [-21.066744, -0.9336481],
};
const denominator: Coefficients = {
  float64: [5811.892344115151, 2698.240337822184, 142.57418642168543, 1.4813586497177977],
  float32: [63.20023, 28.081036, 1],
};
/** Each number times its factor; exact, as factors are powers of two. */
const times = (numbers: Choice, factor: number): Choice => ({
  float64: numbers.float64 * factor,
  float32: numbers.float32 * factor,
});
/** $a = k (\ln 2) / 2 + r$. */
const high = times(ln2High, 0.5);
const low = times(ln2Low, 0.5);
const halved = (c: number, i: number): number => 2 * 4 ** i * c;
/** $(r \coth r - 1) / r^2$ in $r^2$. */
const halfCurve: Coefficients = { float64: curve.float64.map(halved), float32: curve.float32.map(halved) };
/** From here on the result rounds to 1. */
const flat: Choice = { float64: 20, float32: 10 };

interface Parts<T, M> extends Pair<T> {
  /** Whether a is below 5/8, and its hyperbolic tangent is $a + \mathit{bend}$; else it is `hi` + `lo`. */
  readonly small: M;
  readonly bend: T;
}

/** $\tanh a$ before its last rounding, for $0 \le a \le$ `flat`. */
function parts<T, M>(s: Machine<T, M>, a: T): Parts<T, M> {
  const one = s.constant(1);
  const small = s.less(a, s.constant(0.625));
  const z = s.mul(a, a);
  const k = nearest(s, s.mul(a, s.constant(2 * Math.LOG2E)));
  const r = s.sub(s.sub(a, s.mul(k, pick(s, high))), s.mul(k, pick(s, low)));
  const square = s.mul(r, r);
  const u = s.sub(r, s.mul(square, polynomial(s, square, halfCurve)));
  const halfPower = s.scale(one, k, -1);
  const h = s.add(halfPower, s.constant(0.5));
  const top = quickTwoSum(s, s.constant(-1), u);
  const bottom = quickTwoSum(s, h, s.sub(s.mul(halfPower, s.add(r, r)), s.mul(h, u)));
  const q = s.div(
    s.select(small, s.mul(s.mul(a, z), polynomial(s, z, numerator)), top.hi),
    s.select(small, polynomial(s, z, denominator), bottom.hi),
  );
  // What rounding left out of the quotient's operands; top is nearly -1, so 1 / bottom is nearly -q.
  const rest = s.mul(q, s.sub(s.mul(q, bottom.lo), top.lo));
  const sum = quickTwoSum(s, one, q);
  return { small, bend: q, hi: sum.hi, lo: s.add(sum.lo, rest) };
}

/** $\tanh x$. */
export function tanh<T, M>(s: Machine<T, M>, x: T): T {
  const a = atMost(s, s.abs(x), pick(s, flat));
  const { small, bend, hi, lo } = parts(s, a);
  return s.withSign(s.select(small, s.add(a, bend), s.add(hi, lo)), x);
}

/** $x - \tanh x$, without the cancellation. */
export function tanhShrink<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const { small, bend, hi, lo } = parts(s, atMost(s, size, pick(s, flat)));
  const y = s.select(small, s.neg(bend), s.sub(s.sub(size, hi), lo));
  return s.select(s.less(x, s.constant(0)), s.neg(y), y);
}
