/**
 * Arc functions, all as the angle of a right triangle: $\arctan(n / d)$ with $0 \le n \le d$, both pairs (Dekker
 * 1971). From $\tan(\pi/8)$ on, $\arctan(n/d) = \pi/4 + \arctan((n - d) / (n + d))$ (Abramowitz and Stegun, 4.4.34),
 * and $\arctan t = t + t z P(z)$ with $z = t^2$ and a minimax polynomial of our own, made as in `exp.ts` (error below
 * 2^-59 in float64, 2^-30 in float32).
 *
 * Largest errors met in 12,000 arguments or more, in units in the last place, in float64 and float32: asin 0.61, 0.63;
 * acos 0.60, 0.62; atan 0.57, 0.58; atan2 0.51, 0.55.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atMost,
  pairQuotient,
  pairRoot,
  pick,
  polynomial,
  quickTwoSum,
  twoProduct,
  twoSum,
  type Choice,
  type Coefficients,
  type Pair,
  type Precise,
} from "./arithmetic.js";

const tail: Coefficients = {
  float64: [
    -0.333333333333332, 0.19999999999953694, -0.1428571428020831, 0.11111110784244718, -0.09090897785997269,
    0.07692060803323264, -0.06663111518043727, 0.05847948139374279, -0.050395858388645756, 0.03807202976191565,
    -0.017915677710337984,
  ],
  float32: [-0.33333316, 0.19998537, -0.14244618, 0.10601004, -0.060948696],
};
const halfPi: Precise = {
  hi: Math.PI / 2,
  lo: { float64: 6.123233995736766e-17, float32: -4.371139e-8 },
};
/** Below, the angle is its tangent. */
const tiny: Choice = { float64: 2 ** -28, float32: 2 ** -13 };

/** The angle opposite `n` in the triangle with the legs `n` and `d`, $0 \le n \le d$. */
function angle<T, M>(s: Machine<T, M>, n: Pair<T>, d: Pair<T>): Pair<T> {
  const zero = s.constant(0);
  const steep = s.select(s.less(s.mul(d.hi, s.constant(Math.SQRT2 - 1)), n.hi), s.constant(1), zero);
  const rise = twoSum(s, n.hi, s.neg(s.mul(steep, d.hi)));
  const run = quickTwoSum(s, d.hi, s.mul(steep, n.hi));
  const t = pairQuotient(
    s,
    { hi: rise.hi, lo: s.add(rise.lo, s.sub(n.lo, s.mul(steep, d.lo))) },
    { hi: run.hi, lo: s.add(run.lo, s.add(d.lo, s.mul(steep, n.lo))) },
  );
  const z = s.mul(t.hi, t.hi);
  const bend = s.add(s.mul(s.mul(t.hi, z), polynomial(s, z, tail)), s.sub(t.lo, s.mul(t.lo, z)));
  const eighth = s.mul(steep, s.constant(0.5));
  const sum = quickTwoSum(s, s.mul(eighth, s.constant(halfPi.hi)), t.hi);
  const low = s.add(sum.lo, s.add(bend, s.mul(eighth, pick(s, halfPi.lo))));
  // Where the tangent is subnormal, so are its errors, and they would count.
  return { hi: sum.hi, lo: s.select(s.less(s.abs(sum.hi), pick(s, tiny)), zero, low) };
}

/** $m \pi/2 - a$. */
function turned<T, M>(s: Machine<T, M>, m: number, a: Pair<T>): Pair<T> {
  const factor = s.constant(m);
  const sum = quickTwoSum(s, s.mul(factor, s.constant(halfPi.hi)), s.neg(a.hi));
  return { hi: sum.hi, lo: s.add(sum.lo, s.sub(s.mul(factor, pick(s, halfPi.lo)), a.lo)) };
}

function either<T, M>(s: Machine<T, M>, mask: M, a: Pair<T>, b: Pair<T>): Pair<T> {
  return { hi: s.select(mask, a.hi, b.hi), lo: s.select(mask, a.lo, b.lo) };
}

/** The angle between the legs' diagonal and `adjacent`, in [0, π/2]. */
function fullAngle<T, M>(s: Machine<T, M>, opposite: Pair<T>, adjacent: Pair<T>): Pair<T> {
  const over = s.less(adjacent.hi, opposite.hi);
  const a = angle(s, either(s, over, adjacent, opposite), either(s, over, opposite, adjacent));
  return either(s, over, turned(s, 1, a), a);
}

function withSign<T, M>(s: Machine<T, M>, negative: M, y: T): T {
  return s.select(negative, s.neg(y), y);
}

const huge: Choice = { float64: 2 ** 60, float32: 2 ** 40 };

/** $\arctan x$. */
export function atan<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const zero = s.constant(0);
  const a = fullAngle(s, { hi: atMost(s, size, pick(s, huge)), lo: zero }, { hi: s.constant(1), lo: zero });
  const y = withSign(s, s.less(x, zero), s.add(a.hi, a.lo));
  return s.select(s.less(size, pick(s, tiny)), x, y);
}

/** $\sqrt{1 - x^2}$ as a pair, for $|x| \le 1$. */
function otherLeg<T, M>(s: Machine<T, M>, x: T): Pair<T> {
  const zero = s.constant(0);
  const square = twoProduct(s, x, x);
  const rest = quickTwoSum(s, s.constant(1), s.neg(square.hi));
  const whole = quickTwoSum(s, rest.hi, s.sub(rest.lo, square.lo));
  const root = pairRoot(s, whole);
  return { hi: root.hi, lo: s.select(s.equal(root.hi, zero), zero, root.lo) };
}

/** $\arcsin x$; NaN beyond ±1. */
export function asin<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const a = fullAngle(s, { hi: size, lo: s.constant(0) }, otherLeg(s, size));
  const y = withSign(s, s.less(x, s.constant(0)), s.add(a.hi, a.lo));
  return s.select(s.less(size, pick(s, tiny)), x, y);
}

/** $\arccos x$; NaN beyond ±1. */
export function acos<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const a = fullAngle(s, otherLeg(s, size), { hi: size, lo: s.constant(0) });
  const { hi, lo } = either(s, s.less(x, s.constant(0)), turned(s, 2, a), a);
  return s.add(hi, lo);
}

/** Legs beyond are scaled, lest products of them overflow or lose bits. */
const longest: Choice = { float64: 2 ** 960, float32: 2 ** 100 };
const shortest: Choice = { float64: 2 ** -800, float32: 2 ** -60 };
const down: Choice = { float64: 2 ** -100, float32: 2 ** -40 };
const up: Choice = { float64: 2 ** 400, float32: 2 ** 80 };

/** The angle of the point (x, y), in [-π, π]. */
export function atan2<T, M>(s: Machine<T, M>, y: T, x: T): T {
  const zero = s.constant(0);
  const one = s.constant(1);
  const [width, height] = [s.abs(x), s.abs(y)];
  const longer = s.select(s.less(width, height), height, width);
  const infinite = s.equal(longer, s.constant(Infinity));
  const degenerate = s.or(infinite, s.equal(longer, zero));
  const factor = s.select(
    s.less(pick(s, longest), longer),
    pick(s, down),
    s.select(s.less(longer, pick(s, shortest)), pick(s, up), one),
  );
  // Infinite legs count as 1 beside legs of 0.
  const leg = (size: T, otherwise: T): T =>
    s.select(
      degenerate,
      s.select(infinite, s.select(s.equal(size, longer), one, zero), otherwise),
      s.mul(size, factor),
    );
  const a = fullAngle(s, { hi: leg(height, zero), lo: zero }, { hi: leg(width, one), lo: zero });
  const left = s.less(s.select(s.equal(x, zero), s.div(one, x), x), zero);
  const { hi, lo } = either(s, left, turned(s, 2, a), a);
  const under = s.less(s.select(s.equal(y, zero), s.div(one, y), y), zero);
  const unordered = s.not(s.and(s.equal(x, x), s.equal(y, y)));
  return s.select(unordered, s.constant(NaN), withSign(s, under, s.add(hi, lo)));
}
