/**
 * The logarithm of the gamma function. From 7.5 on, Stirling's series (Abramowitz and Stegun, 6.1.41); below,
 * recurrence (6.1.15) to an interval around 2, where $\ln\Gamma(2 + d) = (1 - \gamma) d + d^2 Q(d)$; for negative x,
 * reflection (6.1.17). Polynomials of our own, made as in `exp.ts` (error below 2^-59 in float64, 2^-30 in float32).
 * Near the zeros at negative x the error is small beside the terms that cancel there, not beside the result.
 *
 * Largest errors met in 12,000 positive arguments or more, in units in the last place, in float64 and float32: 1.86,
 * 1.91.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atMost,
  pairProduct,
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
import { centredFar, logarithm } from "./log.js";
import { quarterCosine, quarterSine } from "./trigonometric.js";

/** $1 - \gamma$, the slope at 2. */
const slopeAtTwo: Precise = {
  hi: 0.42278433509846713,
  lo: { float64: 4.942915152430645e-18, float32: 6.637774e-9 },
};
const aroundTwo: Coefficients = {
  float64: [
    0.3224670334241132, -0.06735230105319812, 0.020580808427787284, -0.0073855510286701676, 0.002890510330578776,
    -0.0011927539119291578, 0.000509669529410153, -0.00022315475208537367, 9.945743754264237e-5, -4.492633669465604e-5,
    2.0507945825682672e-5, -9.438551301572619e-6, 4.370432300035587e-6, -2.0445692544240577e-6, 9.71623170206832e-7,
    -4.310792417051907e-7, 1.765945689145532e-7, -1.335028494051422e-7, 8.533645798512234e-8,
  ],
  float32: [
    0.32246703, -0.06735229, 0.020580972, -0.0073860837, 0.0028887189, -0.0011863547, 0.0005163546, -0.00025292137,
    9.741484e-5,
  ],
};
const stirling: Coefficients = {
  float64: [
    0.08333333333333333, -0.0027777777777649184, 0.0007936507842948103, -0.0005952352349463917, 0.0008413123810409448,
    -0.0018817138862052437, 0.004885347204161338,
  ],
  float32: [0.083333336, -0.0027782598, 0.0008045576],
};
const stirlingConstant = 0.41893853320467274;
const lnPi: Precise = {
  hi: 1.1447298858494002,
  lo: { float64: 1.0265951162707826e-17, float32: 3.317301e-8 },
};

/** $|\sin \pi x|$ and the cotangent's sign-carrying parts, for |x| < 2^51 (2^22); beyond, every number is an integer. */
export function sinesOfPi<T, M>(s: Machine<T, M>, x: T): { readonly sine: T; readonly cosine: T } {
  const half = s.constant(0.5);
  const f = s.sub(x, s.round(x));
  const size = s.abs(f);
  const steep = s.less(s.constant(0.25), size);
  const r = s.mul(s.select(steep, s.sub(half, size), size), s.constant(Math.PI));
  const [a, b] = [quarterSine(s, r), quarterCosine(s, r)];
  const sine = s.select(steep, b, a);
  return { sine: s.select(s.less(f, s.constant(0)), s.neg(sine), sine), cosine: s.select(steep, a, b) };
}

export function logOf<T, M>(s: Machine<T, M>, x: T): Pair<T> {
  const { e, m } = centredFar(s, x);
  const { hi, lo } = logarithm(s, e, m);
  return quickTwoSum(s, hi, lo);
}

/** $\ln \Gamma(x)$ for positive finite x, as a pair. */
function logGammaOfPositive<T, M>(s: Machine<T, M>, x: T): Pair<T> {
  const zero = s.constant(0);
  const one = s.constant(1);
  const half = s.constant(0.5);
  const large = s.lessEqual(s.constant(7.5), x);
  const near = atMost(s, x, s.constant(7.5));
  // How far x is from [1.5, 2.5): -2, …, 5.
  const steps = s.floor(s.sub(near, s.constant(1.5)));
  const d = s.select(s.less(near, half), near, s.sub(near, s.add(steps, s.constant(2))));
  let product = s.select(
    s.less(near, half),
    s.mul(near, s.add(near, one)),
    s.select(s.less(near, s.constant(1.5)), near, one),
  );
  for (let j = 1; j <= 5; j++)
    product = s.mul(product, s.select(s.less(s.constant(j - 0.5), steps), s.sub(near, s.constant(j)), one));
  const l = logOf(s, s.select(large, x, product));
  const sign = s.select(s.less(near, s.constant(1.5)), s.constant(-1), one);
  // d (1 - γ) + d² Q(d)
  const line = twoProduct(s, d, s.constant(slopeAtTwo.hi));
  const lineLow = s.add(line.lo, s.mul(d, pick(s, slopeAtTwo.lo)));
  const base = s.add(lineLow, s.mul(s.mul(d, d), polynomial(s, d, aroundTwo)));
  const sum = twoSum(s, s.mul(l.hi, sign), line.hi);
  const inverse = s.div(one, x);
  const series = s.add(s.constant(stirlingConstant), s.mul(inverse, polynomial(s, s.mul(inverse, inverse), stirling)));
  const less1 = quickTwoSum(s, l.hi, s.constant(-1));
  const main = pairProduct(
    s,
    { hi: s.sub(atMost(s, x, pick(s, endless)), half), lo: zero },
    { hi: less1.hi, lo: s.add(less1.lo, l.lo) },
  );
  const far = quickTwoSum(s, main.hi, series);
  return {
    hi: s.select(large, far.hi, sum.hi),
    lo: s.select(large, s.add(far.lo, main.lo), s.add(s.add(sum.lo, s.mul(l.lo, sign)), base)),
  };
}

/** Beyond, products of halves overflow, and $\ln\Gamma x = x (\ln x - 1)$. */
const endless: Choice = { float64: 2 ** 900, float32: 2 ** 100 };

/** $\ln |\Gamma(x)|$; Infinity at 0, -1, -2, … */
export function lgamma<T, M>(s: Machine<T, M>, x: T): T {
  const zero = s.constant(0);
  const one = s.constant(1);
  const infinity = s.constant(Infinity);
  const size = s.abs(x);
  const whole = s.equal(s.floor(x), x);
  const { hi, lo } = logGammaOfPositive(s, size);
  const plain = s.select(s.less(pick(s, endless), size), s.mul(size, s.sub(logOf(s, size).hi, one)), s.add(hi, lo));
  // ln Γ(-a) = ln π - ln(a |sin πa|) - ln Γ(a)
  const l = logOf(s, s.select(whole, one, s.mul(size, s.abs(sinesOfPi(s, size).sine))));
  const first = twoSum(s, s.neg(l.hi), s.constant(lnPi.hi));
  const second = twoSum(s, first.hi, s.neg(hi));
  const rest = s.sub(s.sub(s.add(s.add(first.lo, second.lo), pick(s, lnPi.lo)), l.lo), lo);
  const reflected = s.select(whole, infinity, s.add(second.hi, rest));
  const y = s.select(s.less(x, zero), reflected, s.select(s.equal(x, zero), infinity, plain));
  const finite = s.select(s.less(size, infinity), y, infinity);
  // Near 0, reflection would lose the sine's last bits: ln|Γ(x)| = -ln|x| there.
  const nearZero = s.and(s.less(size, pick(s, tiny)), s.less(zero, size));
  return s.select(
    s.equal(x, x),
    s.select(nearZero, s.neg(s.add(logOf(s, size).hi, logOf(s, size).lo)), finite),
    s.constant(NaN),
  );
}

/** Below, $\Gamma(x) = 1 / x$. */
export const tiny: Choice = { float64: 2 ** -60, float32: 2 ** -30 };
