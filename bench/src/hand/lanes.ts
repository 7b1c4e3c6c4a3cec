/** Elementary functions on four lanes, to a few units in the last place of float32. @module */
import { add, and, div, max, min, mul, sub, zeros, type Routine } from "./text.js";

/** Highest power first. */
function polynomial(r: Routine, x: string, coefficients: readonly number[]): string {
  return coefficients
    .slice(1)
    .reduce((sum, c) => add(mul(sum, x), r.module.constant(c)), r.module.constant(coefficients[0]!));
}

const abs = (x: string): string => `(f32x4.abs ${x})`;

/** $e^x$ for x ≤ 0, zero below the smallest normal number. @see Moshier, Cephes, `expf`: the polynomial */
export function exponential(r: Routine, x: string): string {
  const c = (value: number): string => r.module.constant(value);
  const bounded = r.let(max(c(-87), x));
  // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
  const shifted = r.let(add(mul(bounded, c(Math.LOG2E)), c(12582912)));
  const k = r.let(sub(shifted, c(12582912)));
  const rest = r.let(sub(sub(bounded, mul(k, c(0.693359375))), mul(k, c(-2.1219444e-4))));
  const tail = polynomial(
    r,
    rest,
    [1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1],
  );
  const y = r.let(add(add(mul(tail, mul(rest, rest)), rest), c(1)));
  return r.let(`(i32x4.add ${y} (i32x4.shl ${shifted} (i32.const 23)))`);
}

/** $\ln(1 + f)$ for $1 + f$ between $\sqrt{1/2}$ and $\sqrt 2$. @see Moshier, Cephes, `logf`: the polynomial */
function logNearOne(r: Routine, f: string): string {
  const square = r.let(mul(f, f));
  const tail = polynomial(
    r,
    f,
    [
      7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
      2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
    ],
  );
  return add(sub(mul(mul(tail, f), square), mul(square, r.module.constant(0.5))), f);
}

/** $\ln(1 + x)$ for 0 ≤ x ≤ 1. */
export function logOnePlus(r: Routine, x: string): string {
  const c = (value: number): string => r.module.constant(value);
  const large = r.let(`(f32x4.gt ${x} ${c(Math.SQRT2 - 1)})`);
  // (1 + x) / 2 - 1 where that is nearer to zero.
  const f = r.let(`(v128.bitselect ${mul(sub(x, c(1)), c(0.5))} ${x} ${large})`);
  return r.let(add(logNearOne(r, f), and(large, c(Math.LN2))));
}

/** $\ln x$ for normal positive x. */
export function logarithm(r: Routine, x: string): string {
  const c = (value: number): string => r.module.constant(value);
  // The exponent that leaves a mantissa from √½ to √2.
  const shifted = r.let(`(i32x4.sub ${x} ${c(Math.SQRT1_2)})`);
  const exponent = r.let(`(i32x4.shr_s ${shifted} (i32.const 23))`);
  const mantissa = `(i32x4.sub ${x} (i32x4.shl ${exponent} (i32.const 23)))`;
  const f = r.let(sub(mantissa, c(1)));
  return r.let(add(logNearOne(r, f), mul(`(f32x4.convert_i32x4_s ${exponent})`, c(Math.LN2))));
}

/** $\tanh x$ as a quotient of polynomials. @see Eigen, `generic_fast_tanh_float`: the coefficients */
export function hyperbolicTangent(r: Routine, x: string): string {
  const c = (value: number): string => r.module.constant(value);
  const bounded = r.let(max(c(-7.90531110763549805), min(c(7.90531110763549805), x)));
  const square = r.let(mul(bounded, bounded));
  const top = polynomial(
    r,
    square,
    [
      -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-8, 1.48572235717979e-5,
      6.37261928875436e-4, 4.89352455891786e-3,
    ],
  );
  const bottom = polynomial(
    r,
    square,
    [1.19825839466702e-6, 1.18534705686654e-4, 2.268434632439e-3, 4.89352518554385e-3],
  );
  return r.let(div(mul(bounded, top), bottom));
}

/** Cross-entropy of the logits `z` against classes `y` of 0 and 1, and its derivative $\sigma(z) - y$. */
export function logisticLoss(r: Routine, z: string, y: string): { readonly loss: string; readonly slope: string } {
  const one = r.module.constant(1);
  const e = exponential(r, `(f32x4.neg ${abs(z)})`);
  const quotient = r.let(div(one, add(one, e)));
  const probability = `(v128.bitselect ${quotient} ${mul(e, quotient)} (f32x4.ge ${z} ${zeros}))`;
  const loss = r.let(add(sub(max(zeros, z), mul(z, y)), logOnePlus(r, e)));
  return { loss, slope: r.let(sub(probability, y)) };
}
