/**
 * Real numbers m·2^e with integers m of about 230 bits, and elementary functions of them by series: what the accuracy
 * tests compare with. Every function is accurate relative to its result, and starts from nothing but integers.
 */
export interface Real {
  readonly m: bigint;
  readonly e: number;
}

const precision = 230;

const bitLength = (m: bigint): number => {
  const hex = (m < 0n ? -m : m).toString(16);
  return m === 0n ? 0 : hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
};

function real(m: bigint, e: number): Real {
  const excess = bitLength(m) - precision;
  return excess > 0 ? { m: m >> BigInt(excess), e: e + excess } : { m, e };
}

export const zero: Real = { m: 0n, e: 0 };
export const integer = (n: number): Real => ({ m: BigInt(n), e: 0 });
export const one = integer(1);
export const two = integer(2);

const view = new DataView(new ArrayBuffer(8));

/** The exact value of a finite double. */
export function fromNumber(x: number): Real {
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const field = Number((bits >> 52n) & 2047n);
  const fraction = bits & ((1n << 52n) - 1n);
  const m = field === 0 ? fraction : fraction | (1n << 52n);
  return { m: bits >> 63n === 1n ? -m : m, e: Math.max(field, 1) - 1075 };
}

export const negate = (a: Real): Real => ({ m: -a.m, e: a.e });
export const magnitude = (a: Real): Real => (a.m < 0n ? negate(a) : a);
export const scaled = (a: Real, k: number): Real => ({ m: a.m, e: a.e + k });

export function plus(a: Real, b: Real): Real {
  if (a.m === 0n) return b;
  if (b.m === 0n) return a;
  if (a.e < b.e) return plus(b, a);
  const shift = a.e - b.e;
  // Beyond this distance the smaller one only matters by its sign.
  if (shift > 3 * precision && bitLength(b.m) + precision < shift + bitLength(a.m)) return a;
  return real((a.m << BigInt(shift)) + b.m, b.e);
}
export const minus = (a: Real, b: Real): Real => plus(a, negate(b));
export const times = (a: Real, b: Real): Real => real(a.m * b.m, a.e + b.e);

export function over(a: Real, b: Real): Real {
  const shift = precision + bitLength(b.m) - bitLength(a.m) + 2;
  return shift > 0 ? real((a.m << BigInt(shift)) / b.m, a.e - b.e - shift) : real(a.m / b.m, a.e - b.e);
}

/** The exponent of the leading bit. */
export const magnitudeExponent = (a: Real): number => bitLength(a.m) + a.e - 1;
export const below = (a: Real, b: Real): boolean => minus(a, b).m < 0n;

export function root(a: Real): Real {
  if (a.m === 0n) return a;
  let shift = 2 * precision + 4 - bitLength(a.m);
  if ((a.e - shift) % 2 !== 0) shift++;
  const n = shift > 0 ? a.m << BigInt(shift) : a.m >> BigInt(-shift);
  let x = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return real(x, (a.e - shift) / 2);
    x = next;
  }
}

/** The nearest integer. */
export function nearestInteger(a: Real): bigint {
  if (a.e >= 0) return a.m << BigInt(a.e);
  const shift = BigInt(-a.e);
  return (a.m + (1n << (shift - 1n))) >> shift;
}

/** Adds terms until they no longer matter. */
export function series(
  first: Real,
  next: (term: Real, n: number) => Real,
  weight: (n: number) => Real | null = () => null,
): Real {
  let sum = zero;
  let term = first;
  for (let n = 1; ; n++) {
    const w = weight(n);
    const summand = w === null ? term : times(term, w);
    if (summand.m === 0n || (sum.m !== 0n && magnitudeExponent(summand) < magnitudeExponent(sum) - precision))
      return sum;
    sum = plus(sum, summand);
    term = next(term, n);
  }
}

/** Σ ± x^{2k+1}/(2k+1), for small x. */
function arcSeries(x: Real, sign: bigint): Real {
  const square = times(x, x);
  return series(
    x,
    (term) => times(term, { m: sign * square.m, e: square.e }),
    (n) => over(one, integer(2 * n - 1)),
  );
}

export const ln2 = (() => {
  const a = (n: number, k: number): Real => times(integer(k), arcSeries(over(one, integer(n)), 1n));
  // ln 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749)
  return plus(minus(a(26, 18), a(4801, 2)), a(8749, 8));
})();

/** π to 1500 bits, for the reduction of large angles. */
const piBits = 1500;
const wholePi = (() => {
  const unit = 1n << BigInt(piBits + 20);
  const arc = (n: bigint): bigint => {
    let sum = 0n;
    for (let power = unit / n, k = 1n; power !== 0n; power = -power / (n * n), k += 2n) sum += power / k;
    return sum;
  };
  return (16n * arc(5n) - 4n * arc(239n)) >> 20n;
})();
export const pi = real(wholePi, -piBits);

export function expm1(x: Real): Real {
  if (x.m === 0n) return x;
  if (magnitudeExponent(x) < -2) return series(x, (term, n) => over(times(term, x), integer(n + 1)));
  return minus(exp(x), one);
}

export function exp(x: Real): Real {
  const k = nearestInteger(over(x, ln2));
  const r = scaled(minus(x, times({ m: k, e: 0 }, ln2)), -6);
  let y = plus(
    one,
    series(r, (term, n) => over(times(term, r), integer(n + 1))),
  );
  for (let i = 0; i < 6; i++) y = times(y, y);
  return scaled(y, Number(k));
}

export function log1p(x: Real): Real {
  if (x.m === 0n) return x;
  if (magnitudeExponent(x) < -3) return scaled(arcSeries(over(x, plus(x, two)), 1n), 1);
  return log(plus(one, x));
}

export function log(x: Real): Real {
  const e = magnitudeExponent(x);
  let m = scaled(x, -e);
  let k = e;
  if (below(scaled(one, 0), minus(m, over(one, two)))) {
    m = scaled(m, -1);
    k++;
  }
  // m is in (3/4, 3/2]; square roots bring it close to 1, and keep what is already close.
  let doublings = 0;
  let d = minus(m, one);
  while (d.m !== 0n && magnitudeExponent(d) > -5) {
    d = over(d, plus(one, root(plus(one, d))));
    doublings++;
  }
  const fraction = d.m === 0n ? zero : scaled(arcSeries(over(d, plus(d, two)), 1n), 1 + doublings);
  return plus(times(integer(k), ln2), fraction);
}

export function atan(x: Real): Real {
  let y = x;
  let doublings = 0;
  while (y.m !== 0n && magnitudeExponent(y) > -5) {
    y = over(y, plus(one, root(plus(one, times(y, y)))));
    doublings++;
  }
  return y.m === 0n ? y : scaled(arcSeries(y, -1n), doublings);
}

/** Sine and cosine; x must be a number of at most 53 bits. */
export function sinCos(x: Real): { readonly sin: Real; readonly cos: Real } {
  // x = q·π/2 + r in integers with 1400 bits after the point.
  const bits = 1400n;
  const fixed = x.e + 1400 >= 0 ? x.m << BigInt(x.e + 1400) : null;
  const half = wholePi >> (BigInt(piBits) - bits + 1n);
  let q = 0n;
  let r = x;
  if (fixed !== null && magnitudeExponent(x) > -3) {
    q = (2n * fixed + half) / (2n * half);
    if (fixed < 0n) q = -((-2n * fixed + half) / (2n * half));
    // The product q·π/2 needs as many more bits as q has.
    r = real((x.m << BigInt(x.e + 1400)) * (1n << 100n) - q * (wholePi >> (BigInt(piBits) - bits - 99n)), -1500);
  }
  const square = times(r, r);
  const sine = series(r, (term, n) => over(negate(times(term, square)), integer(2 * n * (2 * n + 1))));
  const cosine = series(one, (term, n) => over(negate(times(term, square)), integer(2 * n * (2 * n - 1))));
  const turn = Number(((q % 4n) + 4n) % 4n);
  if (turn === 0) return { sin: sine, cos: cosine };
  if (turn === 1) return { sin: cosine, cos: negate(sine) };
  if (turn === 2) return { sin: negate(sine), cos: negate(cosine) };
  return { sin: negate(cosine), cos: sine };
}
