/**
 * The error function, its complement and its inverse. Below 1, $\operatorname{erf} x = x + x P(x^2)$. From 1/2 on,
 * $\operatorname{erfc} x = e^{-x^2} F(t) / (1 + 2x)$ with $t = (x - K) / (x + K)$, in which F is smooth up to
 * infinity (M. M. Shepherd and J. G. Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc x in 0 ≤ x < ∞",
 * Mathematics of Computation 36, 1981), and $x^2$ a pair (Dekker 1971). Polynomials of our own, made as in `exp.ts`
 * (error below 2^-54 in float64, 2^-27 in float32).
 *
 * Largest errors met in ten million arguments, in units in the last place, in float64 and float32: erf 1.36, 1.27, just
 * below 1; erfc 1.19, 1.04; in 12,000: erfInv 1.50, 1.60.
 * @module
 */
import type { Machine } from "../scalar.js";
import {
  atMost,
  pairProduct,
  pairQuotient,
  pick,
  polynomial,
  quickTwoSum,
  twoProduct,
  twoSum,
  type Choice,
  type Coefficients,
  type Pair,
} from "./arithmetic.js";
import { exponential, plusOne, scaleFar, type Exponential } from "./exp.js";
import { logOnePlus } from "./log.js";

const centre: Coefficients = {
  float64: [
    0.1283791670955126, -0.3761263890318388, 0.11283791670959036, -0.026866170645675192, 0.0052239776296326415,
    -0.0008548327220022411, 0.00012055338868295477, -1.4925764232858742e-5, 1.646349210269285e-6, -1.637485062313794e-7,
    1.4814342021776381e-8, -1.1935978922474243e-9, 6.859727165162892e-11,
  ],
  float32: [0.12837917, -0.3761263, 0.11283619, -0.026855174, 0.0051908446, -0.00080318365, 7.924136e-5],
};
const pole: Choice = { float64: 3, float32: 2 };
const slopeAtPole: Choice = { float64: 1.2530080582697296, float32: 1.2769784 };
const slope: Coefficients = {
  float64: [
    -0.1356211061245813, -0.047562294353444196, 0.12964515870277835, -0.11927366341559534, 0.0683080273432905,
    -0.02377051491278015, 0.0025293918283749704, 0.001888690290753244, -0.0007798323934540963, -0.00010515929636663468,
    0.00012510007086234622, 4.9470345813307725e-6, -2.0103218532883508e-5, -7.234917160927813e-7, 3.478490429166028e-6,
    3.3932604935091524e-7, -6.248441468847181e-7, -1.1695044688776544e-7, 1.0727828513429405e-7, 2.117145592231333e-8,
    -1.3701883655937085e-8,
  ],
  float32: [
    -0.09276382, -0.16602996, 0.16405077, -0.054226656, -0.008025455, 0.008763833, 0.0012134354, -0.0015675477,
    -0.0002817546, 0.00031215756, -4.8899434e-5,
  ],
};
/** From here on, erfc is 0. */
const end: Choice = { float64: 28, float32: 11 };
/** Below, x and its multiple would be rounded apart among the subnormal numbers. */
const tiny: Choice = { float64: 2 ** -950, float32: 2 ** -60 };

/** $\operatorname{erf} x$ for $|x| < 1$, less x. */
export function erfLessItself<T, M>(s: Machine<T, M>, x: T): T {
  return s.mul(x, polynomial(s, s.mul(x, x), centre));
}

/** $e^{x^2} \operatorname{erfc} x$ for $x \ge 1/2$, $x = \mathit{hi} + \mathit{lo}$. */
export function erfcWithoutDecay<T, M>(s: Machine<T, M>, { hi, lo }: Pair<T>): Pair<T> {
  const k = pick(s, pole);
  const t = s.div(s.sub(hi, k), s.add(hi, k));
  const f = quickTwoSum(s, pick(s, slopeAtPole), s.mul(t, polynomial(s, t, slope)));
  const line = twoSum(s, s.add(hi, hi), s.constant(1));
  return pairQuotient(s, f, { hi: line.hi, lo: s.add(line.lo, s.add(lo, lo)) });
}

/** $e^{-x^2}$ and $e^{x^2} \operatorname{erfc} x$ for $x \ge 1/2$. */
function factors<T, M>(s: Machine<T, M>, x: T): { readonly decay: Exponential<T>; readonly rest: Pair<T> } {
  const square = twoProduct(s, x, x);
  return {
    decay: exponential(s, s.neg(square.hi), s.neg(square.lo)),
    rest: erfcWithoutDecay(s, { hi: x, lo: s.constant(0) }),
  };
}

/** $\operatorname{erfc} x$ for $x \ge 1/2$. */
function far<T, M>(s: Machine<T, M>, x: T): T {
  const { decay, rest } = factors(s, atMost(s, x, pick(s, end)));
  const y = pairProduct(s, plusOne(s, decay), rest);
  return scaleFar(s, s.add(y.hi, y.lo), decay.k);
}

/** $\operatorname{erf} x = (2 / \sqrt\pi) \int_0^x e^{-t^2} dt$. */
export function erf<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const one = s.constant(1);
  const outside = s.sub(one, far(s, size));
  const large = s.withSign(outside, x);
  const small = s.add(x, erfLessItself(s, x));
  const y = s.select(s.less(size, one), small, large);
  const lifted = s.scale(x, s.constant(64));
  const lowered = s.scale(s.add(lifted, s.mul(lifted, s.constant(centre[s.precision][0]!))), s.constant(-64));
  return s.select(s.less(size, pick(s, tiny)), lowered, y);
}

/** $\operatorname{erfc} x = 1 - \operatorname{erf} x$, without the cancellation. */
export function erfc<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const one = s.constant(1);
  const half = s.constant(0.5);
  const tail = far(s, size);
  const outside = s.select(s.less(x, s.constant(0)), s.sub(s.constant(2), tail), tail);
  const sum = quickTwoSum(s, one, s.neg(x));
  const inside = s.add(sum.hi, s.sub(sum.lo, erfLessItself(s, x)));
  return s.select(s.less(size, half), inside, outside);
}

/** $\operatorname{erf}^{-1} x / x$ in $w - 5/4$, for w below 5/2. */
const inverseAtCentre = 1.1895615771387744;
/** What follows the constant term, which is added last: it decides the rounding. */
const inverseCentre: Coefficients = {
  float64: [
    0.24951963332550733, 0.002511685220024156, -0.0022537786154323385, 0.00014359068279048658, 3.115589703392318e-5,
    -5.0452056749663964e-6, -3.1259922268246283e-7, 1.2756976498452642e-7, -1.2436854306291726e-9,
    -2.721230560000131e-9, 1.9415850617306635e-10, 4.890463466784233e-11, -7.232505627558826e-12,
    -6.454150245793144e-13, 1.7257592351937826e-13,
  ],
  float32: [0.24951966, 0.002511622, -0.0022539154, 0.00014345393, 3.1329648e-5, -4.749143e-6, -3.774865e-7],
};
const tailCentre: Choice = { float64: 3.75, float32: 2.75 };
/** $\operatorname{erf}^{-1} x$ in $\sqrt w$ less its centre, for larger w, to half of the digits. */
const inverseTail: Coefficients = {
  float64: [
    3.5875027849095025, 1.0086880203745217, 0.0020194794896195643, -0.0012110605849840368, 0.00042301827520898553,
    -0.00011955519993975991, 3.0216453334218234e-5, -7.564177395422079e-6, -4.0178884574183923e-7, 2.044556422206584e-6,
    -7.075658820754823e-7, -3.615308306852594e-8, 5.066324268531077e-8, -5.636739295598785e-9,
  ],
  float32: [2.5826216, 0.9985501, 0.009914247, -0.0048596156, 0.001280974, 0.00013813027, -0.00014846338],
};

/**
 * $\operatorname{erf}^{-1} x$, by polynomials in $w = -\ln(1 - x^2)$ (M. Giles, "Approximating the erfinv function", GPU
 * Computing Gems 2, 2011), near ±1 with one step of Halley's iteration on erfc; ±Infinity at ±1, NaN beyond.
 */
export function erfInv<T, M>(s: Machine<T, M>, x: T): T {
  const size = s.abs(x);
  const one = s.constant(1);
  const square = twoProduct(s, size, size);
  const w = s.neg(logOnePlus(s, s.neg(square.hi), s.neg(square.lo)));
  const t = s.sub(w, s.constant(1.25));
  const centre = s.mul(size, s.add(s.constant(inverseAtCentre), s.mul(t, polynomial(s, t, inverseCentre))));
  const start = polynomial(s, s.sub(s.sqrt(w), pick(s, tailCentre)), inverseTail);
  const { decay, rest } = factors(s, start);
  const { hi, lo } = plusOne(s, decay);
  const ratio = s.div(s.sub(one, size), s.scale(s.add(hi, lo), decay.k));
  // (erf(y) - x) / erf'(y)
  const step = s.mul(s.sub(s.sub(ratio, rest.hi), rest.lo), s.constant(Math.sqrt(Math.PI) / 2));
  const tail = s.sub(start, s.sub(step, s.mul(start, s.mul(step, step))));
  const finite = s.select(s.less(w, s.constant(2.5)), centre, tail);
  const y = s.select(s.less(size, one), finite, s.select(s.equal(size, one), s.constant(Infinity), s.constant(NaN)));
  return s.select(s.less(x, s.constant(0)), s.neg(y), s.select(s.equal(x, s.constant(0)), x, y));
}
