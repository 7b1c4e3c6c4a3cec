/**
 * Dual numbers over any reading: every expression becomes its own forward-mode derivative, without any `vjp`.
 * Over numbers it is an exact oracle for tests; over tensors it is `jvp`, which can be recorded and differentiated again.
 * @module
 */
import type { ElementaryFunctions, Scalar } from "../scalar.js";

/** A primal value and its tangent; `null` is a zero that nobody has to compute with. */
export interface Dual<T> {
  readonly x: T;
  readonly t: T | null;
}

type UnaryName = {
  [K in keyof ElementaryFunctions<unknown>]: Parameters<ElementaryFunctions<unknown>[K]>["length"] extends 1
    ? K
    : never;
}[keyof ElementaryFunctions<unknown>];

function inverse<T, M>(s: Scalar<T, M>, x: T): T {
  return s.div(s.constant(1), x);
}

/** $c e^{-x^2 / d}$. */
function bell<T, M>(s: Scalar<T, M>, c: number, x: T, d: number): T {
  return s.mul(s.constant(c), s.exp(s.div(s.neg(s.mul(x, x)), s.constant(d))));
}

/** $1 - x^2$ without cancellation. */
function lessSquare<T, M>(s: Scalar<T, M>, x: T): T {
  const one = s.constant(1);
  return s.mul(s.sub(one, x), s.add(one, x));
}

/** The derivative of each elementary function at x, where y is the function's value. */
const slopes: { readonly [K in UnaryName]: <T, M>(s: Scalar<T, M>, x: T, y: T) => T } = {
  exp: (_, _x, y) => y,
  expm1: (s, x) => s.exp(x),
  exp2: (s, _x, y) => s.mul(y, s.constant(Math.LN2)),
  log: (s, x) => inverse(s, x),
  log1p: (s, x) => inverse(s, s.add(s.constant(1), x)),
  log2: (s, x) => inverse(s, s.mul(x, s.constant(Math.LN2))),
  log10: (s, x) => inverse(s, s.mul(x, s.constant(Math.LN10))),
  sin: (s, x) => s.cos(x),
  cos: (s, x) => s.neg(s.sin(x)),
  tan: (s, _x, y) => s.add(s.constant(1), s.mul(y, y)),
  asin: (s, x) => inverse(s, s.sqrt(lessSquare(s, x))),
  acos: (s, x) => s.neg(inverse(s, s.sqrt(lessSquare(s, x)))),
  atan: (s, x) => inverse(s, s.add(s.constant(1), s.mul(x, x))),
  sinh: (s, x) => s.cosh(x),
  cosh: (s, x) => s.sinh(x),
  tanh: (s, _x, y) => s.sub(s.constant(1), s.mul(y, y)),
  tanhShrink: (s, x) => {
    const y = s.tanh(x);
    return s.mul(y, y);
  },
  asinh: (s, x) => inverse(s, s.hypot(x, s.constant(1))),
  acosh: (s, x) => inverse(s, s.mul(s.sqrt(s.sub(x, s.constant(1))), s.sqrt(s.add(x, s.constant(1))))),
  atanh: (s, x) => inverse(s, lessSquare(s, x)),
  cbrt: (s, _x, y) => inverse(s, s.mul(s.constant(3), s.mul(y, y))),
  erf: (s, x) => bell(s, 2 / Math.sqrt(Math.PI), x, 1),
  erfc: (s, x) => bell(s, -2 / Math.sqrt(Math.PI), x, 1),
  erfInv: (s, _x, y) => bell(s, Math.sqrt(Math.PI) / 2, y, -1),
  normalCdf: (s, x) => bell(s, 1 / Math.sqrt(2 * Math.PI), x, 2),
  lgamma: (s, x) => s.digamma(x),
  digamma: (s, x) => s.polygamma(1, x),
};

function addTangents<T, M>(s: Scalar<T, M>, a: T | null, b: T | null): T | null {
  return a === null ? b : b === null ? a : s.add(a, b);
}

function times<T, M>(s: Scalar<T, M>, t: T | null, slope: () => T): T | null {
  return t === null ? null : s.mul(t, slope());
}

/** Reads expressions over pairs of `s`. */
export function dual<T, M>(s: Scalar<T, M>): Scalar<Dual<T>, M> {
  const fixed = (x: T): Dual<T> => ({ x, t: null });
  const zero = (): T => s.constant(0);
  const elementary = Object.fromEntries(
    (Object.keys(slopes) as UnaryName[]).map((name) => [
      name,
      ({ x, t }: Dual<T>): Dual<T> => {
        const y = s[name](x);
        return { x: y, t: times(s, t, () => slopes[name](s, x, y)) };
      },
    ]),
  ) as { [K in UnaryName]: (x: Dual<T>) => Dual<T> };
  return {
    ...elementary,
    precision: s.precision,
    constant: (value) => fixed(s.constant(value)),
    add: (a, b) => ({ x: s.add(a.x, b.x), t: addTangents(s, a.t, b.t) }),
    sub: (a, b) => ({ x: s.sub(a.x, b.x), t: addTangents(s, a.t, b.t === null ? null : s.neg(b.t)) }),
    mul: (a, b) => ({
      x: s.mul(a.x, b.x),
      t: addTangents(s, a.t === null ? null : s.mul(a.t, b.x), b.t === null ? null : s.mul(a.x, b.t)),
    }),
    div: (a, b) => {
      const x = s.div(a.x, b.x);
      const fromB = b.t === null ? null : s.neg(s.div(s.mul(x, b.t), b.x));
      return { x, t: addTangents(s, a.t === null ? null : s.div(a.t, b.x), fromB) };
    },
    neg: ({ x, t }) => ({ x: s.neg(x), t: t === null ? null : s.neg(t) }),
    abs: ({ x, t }) => {
      const sign = (): T =>
        s.select(s.less(zero(), x), s.constant(1), s.select(s.less(x, zero()), s.constant(-1), s.mul(zero(), x)));
      return { x: s.abs(x), t: times(s, t, sign) };
    },
    sqrt: ({ x, t }) => {
      const y = s.sqrt(x);
      return { x: y, t: t === null ? null : s.div(t, s.add(y, y)) };
    },
    floor: ({ x }) => fixed(s.floor(x)),
    round: ({ x }) => fixed(s.round(x)),
    less: (a, b) => s.less(a.x, b.x),
    lessEqual: (a, b) => s.lessEqual(a.x, b.x),
    equal: (a, b) => s.equal(a.x, b.x),
    and: (a, b) => s.and(a, b),
    or: (a, b) => s.or(a, b),
    not: (a) => s.not(a),
    select: (mask, a, b) => ({
      x: s.select(mask, a.x, b.x),
      t: a.t === null && b.t === null ? null : s.select(mask, a.t ?? zero(), b.t ?? zero()),
    }),
    scale: ({ x, t }, k, more) => ({ x: s.scale(x, k.x, more), t: t === null ? null : s.scale(t, k.x, more) }),
    exponent: ({ x }) => fixed(s.exponent(x)),
    mantissa: ({ x, t }) => ({ x: s.mantissa(x), t: t === null ? null : s.scale(t, s.neg(s.exponent(x))) }),
    pow: (a, b) => {
      const z = s.pow(a.x, b.x);
      // So near 0 the power of -1 would be infinite, and 0 · ∞.
      const near = s.constant(s.precision === "float32" ? 2 ** -126 : 2 ** -1022);
      const flat = s.and(s.less(s.abs(a.x), near), s.equal(b.x, zero()));
      const slope = (): T => s.select(flat, zero(), s.mul(b.x, s.pow(a.x, s.sub(b.x, s.constant(1)))));
      // At x = 0 with y ≥ 0 the power stays what it is, however y moves.
      const still = s.and(s.equal(a.x, zero()), s.lessEqual(zero(), b.x));
      const byExponent = (): T => s.select(still, zero(), s.mul(z, s.log(s.select(still, s.constant(1), a.x))));
      return { x: z, t: addTangents(s, times(s, a.t, slope), times(s, b.t, byExponent)) };
    },
    polygamma: (order, { x, t }) => ({ x: s.polygamma(order, x), t: times(s, t, () => s.polygamma(order + 1, x)) }),
    atan2: (a, b) => {
      const h = s.hypot(a.x, b.x);
      // At the origin, and infinitely far from it, the angle counts as flat.
      const flat = s.or(s.equal(h, zero()), s.equal(h, s.constant(Infinity)));
      const safe = s.select(flat, s.constant(1), h);
      const over = (leg: T): T => s.select(flat, zero(), s.div(s.div(leg, safe), safe));
      return {
        x: s.atan2(a.x, b.x),
        t: addTangents(
          s,
          times(s, a.t, () => over(b.x)),
          times(s, b.t, () => over(s.neg(a.x))),
        ),
      };
    },
    hypot: (a, b) => {
      const z = s.hypot(a.x, b.x);
      const origin = s.equal(z, zero());
      const over = (leg: T): T => s.select(origin, zero(), s.div(leg, s.select(origin, s.constant(1), z)));
      return {
        x: z,
        t: addTangents(
          s,
          times(s, a.t, () => over(a.x)),
          times(s, b.t, () => over(b.x)),
        ),
      };
    },
    mod: (a, b) => {
      const z = s.mod(a.x, b.x);
      const quotient = (): T => {
        const whole = s.div(a.x, b.x);
        const known = s.select(
          s.equal(s.abs(z), s.constant(Infinity)),
          s.constant(-1),
          s.round(s.sub(whole, s.div(z, b.x))),
        );
        return s.select(s.equal(z, z), known, s.floor(whole));
      };
      return {
        x: z,
        t: addTangents(
          s,
          a.t,
          times(s, b.t, () => s.neg(quotient())),
        ),
      };
    },
  };
}
