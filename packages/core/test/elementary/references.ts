/** Each elementary function of `real.ts` numbers, and distances in units in the last place. */
import type { Precision } from "../../src/scalar.js";
import * as r from "./real.js";
import type { Real } from "./real.js";

const { one, two, plus, minus, times, over, scaled, root, log1p, expm1, integer, log } = r;
const ln10 = log(integer(10));

const asinh = (x: Real): Real => {
  if (x.m < 0n) return r.negate(asinh(r.negate(x)));
  const square = times(x, x);
  return log1p(plus(x, over(square, plus(one, root(plus(one, square))))));
};

/** $\operatorname{erf} x = (2/\sqrt\pi) e^{-x^2} \sum_n 2^n x^{2n+1} / (2n+1)!!$ (Abramowitz and Stegun, 7.1.6). */
const erf = (x: Real): Real => {
  const square = times(x, x);
  const sum = r.series(x, (term, n) => over(times(term, scaled(square, 1)), integer(2 * n + 1)));
  return times(over(two, root(r.pi)), times(r.exp(r.negate(square)), sum));
};

/** For large x, the continued fraction (Abramowitz and Stegun, 7.1.14), from the inside out. */
const erfc = (x: Real): Real => {
  if (r.below(x, integer(4))) return minus(one, erf(x));
  let tail = x;
  for (let n = 500; n > 0; n--) tail = plus(x, over(scaled(integer(n), -1), tail));
  return over(r.exp(r.negate(times(x, x))), times(root(r.pi), tail));
};

/** $\sin \pi x$. */
function sinOfPi(x: Real): Real {
  const n = r.nearestInteger(x);
  const y = r.sinCos(times(minus(x, { m: n, e: 0 }), r.pi)).sin;
  return n % 2n === 0n ? y : r.negate(y);
}

/** By Newton's iteration on erf, from a double. */
const erfInv = (x: Real): Real => {
  if (x.m < 0n) return r.negate(erfInv(r.negate(x)));
  const halfRootPi = scaled(root(r.pi), -1);
  let y = times(x, halfRootPi);
  if (r.magnitudeExponent(x) >= -2) {
    // Bisection, as Newton's iteration leaves its basin near 1.
    let [low, high] = [r.zero, integer(7)];
    for (let i = 0; i < 14; i++) {
      y = scaled(plus(low, high), -1);
      if (r.below(erf(y), x)) low = y;
      else high = y;
    }
  }
  for (let i = 0; i < 12; i++) {
    const step = times(times(minus(erf(y), x), halfRootPi), r.exp(times(y, y)));
    y = minus(y, step);
    if (step.m === 0n || r.magnitudeExponent(step) < r.magnitudeExponent(y) - 120) break;
  }
  return y;
};

/** $B_{2n} / (2n)$ for n = 1, …, from the recurrence of the Bernoulli numbers. */
const bernoulliOverIndex = ((): Real[] => {
  const count = 81;
  // Akiyama and Tanigawa's triangle, in fractions over a common denominator.
  const row: [bigint, bigint][] = [];
  const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));
  const numbers: Real[] = [];
  for (let m = 0; m < count; m++) {
    row[m] = [1n, BigInt(m + 1)];
    for (let j = m; j > 0; j--) {
      const [a, b] = row[j - 1]!;
      const [c, d] = row[j]!;
      const top = BigInt(j) * (a * d - c * b);
      const divisor = gcd(top, b * d);
      row[j - 1] = [top / divisor, (b * d) / divisor];
    }
    const [top, bottom] = row[0]!;
    if (m > 0 && m % 2 === 0) numbers.push(over({ m: top, e: 0 }, { m: bottom * BigInt(m), e: 0 }));
  }
  return numbers;
})();

/** $\\ln\\Gamma$ and $\\psi$ of positive x: recurrence up to 60, then Stirling's series (Abramowitz and Stegun, 6.1.40, 6.3.18). */
function gammaFunctions(x: Real): { readonly lgamma: Real; readonly digamma: Real } {
  let product = one;
  let sum = r.zero;
  let y = x;
  while (r.below(y, integer(60))) {
    product = times(product, y);
    sum = plus(sum, over(one, y));
    y = plus(y, one);
  }
  const inverse = over(one, y);
  let power = inverse;
  const half = over(one, two);
  const logY = log(y);
  let lgamma = plus(minus(times(minus(y, half), logY), y), scaled(log(scaled(r.pi, 1)), -1));
  let digamma = minus(logY, scaled(inverse, -1));
  bernoulliOverIndex.forEach((b, i) => {
    lgamma = plus(lgamma, times(over(b, integer(2 * i + 1)), power));
    power = times(power, inverse);
    digamma = minus(digamma, times(b, power));
    power = times(power, inverse);
  });
  return { lgamma: minus(lgamma, log(product)), digamma: minus(digamma, sum) };
}

/**
 * $\\psi^{(n)}$ for $n \\ge 1$, by recurrence from wherever x is up to 60, then the asymptotic series (Abramowitz and
 * Stegun, 6.4.6, 6.4.11).
 */
export function polygamma(n: number, x: Real): Real {
  const factorial = (k: number): Real => (k < 2 ? one : times(integer(k), factorial(k - 1)));
  const power = (a: Real, k: number): Real => (k === 0 ? one : times(a, power(a, k - 1)));
  let sum = r.zero;
  let y = x;
  while (r.below(y, integer(60))) {
    sum = plus(sum, over(factorial(n), power(y, n + 1)));
    y = plus(y, one);
  }
  const inverse = over(one, y);
  const start = power(inverse, n);
  let tail = plus(times(factorial(n - 1), start), scaled(times(factorial(n), times(start, inverse)), -1));
  bernoulliOverIndex.forEach((b, i) => {
    const rising = over(factorial(2 * i + 1 + n), factorial(2 * i + 1));
    tail = plus(tail, times(times(b, rising), times(start, power(inverse, 2 * i + 2))));
  });
  const total = plus(sum, tail);
  return n % 2 === 1 ? total : r.negate(total);
}

/** The remainder with the sign of the divisor, exact. */
function mod(x: Real, y: Real): Real {
  const e = Math.min(x.e, y.e);
  const whole = (a: Real): bigint => a.m << BigInt(a.e - e);
  const m = whole(x) % whole(y);
  return { m: m !== 0n && m < 0n !== y.m < 0n ? m + whole(y) : m, e };
}

export const unaryReferences: Readonly<Record<string, (x: Real) => Real>> = {
  exp: r.exp,
  expm1,
  exp2: (x) => r.exp(times(x, r.ln2)),
  log,
  log1p,
  log2: (x) => over(log(x), r.ln2),
  log10: (x) => over(log(x), ln10),
  sin: (x) => r.sinCos(x).sin,
  cos: (x) => r.sinCos(x).cos,
  tan: (x) => {
    const { sin, cos } = r.sinCos(x);
    return over(sin, cos);
  },
  sinh: (x) => {
    const u = expm1(r.magnitude(x));
    const y = scaled(plus(u, over(u, plus(one, u))), -1);
    return x.m < 0n ? r.negate(y) : y;
  },
  cosh: (x) => scaled(plus(r.exp(x), r.exp(r.negate(x))), -1),
  tanh: (x) => {
    const u = expm1(scaled(x, 1));
    return over(u, plus(u, two));
  },
  tanhShrink: (x) => {
    const u = expm1(scaled(x, 1));
    return minus(x, over(u, plus(u, two)));
  },
  asin: (x) => r.atan(over(x, root(times(minus(one, x), plus(one, x))))),
  acos: (x) => scaled(r.atan(root(over(minus(one, x), plus(one, x)))), 1),
  atan: r.atan,
  erf: (x) =>
    r.below(r.magnitude(x), integer(7)) ? erf(x) : x.m < 0n ? minus(erfc(r.negate(x)), one) : minus(one, erfc(x)),
  erfc,
  erfInv,
  normalCdf: (x) => scaled(erfc(over(r.negate(x), root(two))), -1),
  lgamma: (x) => {
    if (x.m > 0n) return gammaFunctions(x).lgamma;
    const a = r.negate(x);
    const sine = r.magnitude(sinOfPi(a));
    return minus(minus(log(r.pi), log(times(a, sine))), gammaFunctions(a).lgamma);
  },
  digamma: (x) => {
    if (x.m > 0n) return gammaFunctions(x).digamma;
    const a = r.negate(x);
    const cosine = sinOfPi(plus(a, over(one, two)));
    return plus(plus(gammaFunctions(a).digamma, over(one, a)), over(times(r.pi, cosine), sinOfPi(a)));
  },
  asinh,
  acosh: (x) => {
    const t = minus(x, one);
    return log1p(plus(t, root(plus(scaled(t, 1), times(t, t)))));
  },
  cbrt: (x) => (x.m < 0n ? r.negate(r.exp(over(log(r.negate(x)), integer(3)))) : r.exp(over(log(x), integer(3)))),
  atanh: (x) => scaled(log1p(over(scaled(x, 1), minus(one, x))), -1),
};

export const binaryReferences: Readonly<Record<string, (x: Real, y: Real) => Real>> = {
  pow: (x, y) => r.exp(times(y, log(x))),
  hypot: (x, y) => root(plus(times(x, x), times(y, y))),
  mod,
  atan2: (y, x) => {
    if (x.m === 0n) return y.m < 0n ? r.negate(scaled(r.pi, -1)) : scaled(r.pi, -1);
    const angle = r.atan(over(y, x));
    if (x.m > 0n) return angle;
    return y.m < 0n ? minus(angle, r.pi) : plus(angle, r.pi);
  },
};

const formats = {
  float64: { digits: 53, lowest: -1074, highest: 1023 },
  float32: { digits: 24, lowest: -149, highest: 127 },
};

/** How far `y` is from the exact value, in units in the last place of the exact value. */
export function ulpError(y: number, exact: Real, precision: Precision): number {
  const { digits, lowest, highest } = formats[precision];
  if (Number.isNaN(y)) return Infinity;
  if (exact.m === 0n) return y === 0 ? 0 : Infinity;
  const exponent = r.magnitudeExponent(exact);
  if (!Number.isFinite(y)) {
    // Infinity stands for the power of two that would come after the largest number, and for all beyond.
    if (exact.m > 0n !== y > 0) return Infinity;
    const short = minus(scaled(one, highest + 1), r.magnitude(exact));
    return short.m <= 0n ? 0 : toNumber(scaled(short, digits - 1 - highest));
  }
  const unit = Math.max(Math.min(exponent, highest) - digits + 1, lowest);
  return Math.abs(toNumber(scaled(minus(r.fromNumber(y), exact), -unit)));
}

/** About the value of a number, for error figures. */
export function toNumber(a: Real): number {
  if (a.m === 0n) return 0;
  const drop = r.magnitudeExponent(a) - a.e - 60;
  const m = drop > 0 ? a.m >> BigInt(drop) : a.m;
  return Number(m) * 2 ** Math.max(-1000, Math.min(1000, a.e + Math.max(drop, 0)));
}
