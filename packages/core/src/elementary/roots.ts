/**
 * Cube root and hypotenuse.
 *
 * Largest errors met in 12,000 arguments or more, in units in the last place, in float64 and float32: cbrt 0.67, 0.66;
 * hypot 0.50, 0.50.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  halves,
  pick,
  pairRoot,
  polynomial,
  quickTwoSum,
  twoProduct,
  type Choice,
  type Coefficients,
} from "./arithmetic.js";
import { smallestNormal } from "./log.js";

/** $\sqrt[3] m$ on [1, 2), a minimax polynomial of our own, made as in `exp.ts`; error below 2^-19 and 2^-13. */
const seed: Coefficients = {
  float64: [
    0.47341223878780425, 0.8378901436196012, -0.46887831188447354, 0.2025539817552444, -0.050316696501748276,
    0.005339957767859138,
  ],
  float32: [0.5529832, 0.5868098, -0.16278346, 0.023068232],
};

/**
 * $\sqrt[3] x$, by one step of Halley's iteration from a start whose square is exact (J.-M. Muller, "Elementary
 * Functions"): with $t \approx \sqrt[3] x$ and $r = x / t^2$, the root is $t + t (r - t) / (2t + r)$ up to the cube of the error.
 */
export function cbrt<T, M>(s: Machine<T, M>, x: T): T {
  const one = s.constant(1);
  const size = s.abs(x);
  const subnormal = s.less(size, pick(s, smallestNormal));
  const normal = s.select(subnormal, s.mul(size, s.constant(2 ** 54)), size);
  const e = s.exponent(normal);
  const third = s.floor(s.mul(s.add(e, s.constant(0.25)), s.constant(1 / 3)));
  // 0, 1 or 2.
  const left = s.sub(e, s.mul(third, s.constant(3)));
  const m = s.mantissa(normal);
  const root = s.select(
    s.less(left, s.constant(0.5)),
    one,
    s.select(s.less(left, s.constant(1.5)), s.constant(2 ** (1 / 3)), s.constant(2 ** (2 / 3))),
  );
  const t = halves(s, s.mul(polynomial(s, m, seed), root)).hi;
  const r = s.div(s.scale(m, left), s.mul(t, t));
  const better = s.add(t, s.mul(t, s.div(s.sub(r, t), s.add(s.add(t, t), r))));
  const y = s.scale(better, s.select(subnormal, s.sub(third, s.constant(18)), third));
  const signed = s.withSign(y, x);
  return s.select(s.and(s.less(s.constant(0), size), s.less(size, s.constant(Infinity))), signed, x);
}

const long: Choice = { float64: 2 ** 500, float32: 2 ** 55 };
const short: Choice = { float64: 2 ** -400, float32: 2 ** -30 };
const down: Choice = { float64: -600, float32: -80 };
const up: Choice = { float64: 600, float32: 90 };

/** $\sqrt{x^2 + y^2}$ without undue overflow, squares as pairs (Dekker 1971). Infinity if a leg is, even beside NaN. */
export function hypot<T, M>(s: Machine<T, M>, x: T, y: T): T {
  const zero = s.constant(0);
  const infinity = s.constant(Infinity);
  const [a, b] = [s.abs(x), s.abs(y)];
  const larger = s.select(s.less(a, b), b, a);
  const smaller = s.select(s.less(a, b), a, b);
  const k = s.select(
    s.less(pick(s, long), larger),
    pick(s, down),
    s.select(s.less(larger, pick(s, short)), pick(s, up), zero),
  );
  const u = s.scale(larger, k);
  const v = s.scale(smaller, k);
  const first = twoProduct(s, u, u);
  const second = twoProduct(s, v, v);
  const sum = quickTwoSum(s, first.hi, second.hi);
  const root = pairRoot(s, { hi: sum.hi, lo: s.add(sum.lo, s.add(first.lo, second.lo)) });
  const finite = s.scale(s.add(root.hi, root.lo), s.neg(k));
  const length = s.select(s.equal(larger, zero), s.add(a, b), finite);
  return s.select(
    s.or(s.equal(a, infinity), s.equal(b, infinity)),
    infinity,
    s.select(s.and(s.equal(x, x), s.equal(y, y)), length, s.constant(NaN)),
  );
}
