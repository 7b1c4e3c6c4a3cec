/** Derivatives of order 1 to 4 of every elementary function against closed forms. */
import { describe, expect, test } from "vitest";
import { grad, tensor, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";
import * as activation from "../packages/core/src/ops/activation.js";
import * as arithmetic from "../packages/core/src/ops/arithmetic.js";
import * as elementary from "../packages/core/src/ops/elementary.js";
import * as gated from "../packages/core/src/ops/gated.js";
import * as hyperbolic from "../packages/core/src/ops/hyperbolic.js";
import * as piecewise from "../packages/core/src/ops/piecewise.js";
import * as rectifier from "../packages/core/src/ops/rectifier.js";
import * as rounding from "../packages/core/src/ops/rounding.js";
import * as special from "../packages/core/src/ops/special.js";
import * as trigonometric from "../packages/core/src/ops/trigonometric.js";
import { activationRows } from "./orders.activation.js";
import type { Orders } from "./taylor.js";

type Unary = (x: Tensor) => Tensor;
type Real = (x: number) => number;

const { PI, LN2, LN10, exp, sin, cos, tan, sinh, cosh, tanh, sqrt, log } = Math;

/** Derivatives of $c\, x^p$. */
const power = (p: number, c = 1): Orders => {
  const order = (n: number): Real => {
    let factor = c;
    for (let i = 0; i < n; i++) factor *= p - i;
    return (x) => factor * x ** (p - n);
  };
  return [order(1), order(2), order(3), order(4)];
};

/** Derivatives of $c \ln(x + a)$. */
const logarithm = (c = 1, a = 0): Orders => [
  (x) => c / (x + a),
  (x) => -c / (x + a) ** 2,
  (x) => (2 * c) / (x + a) ** 3,
  (x) => (-6 * c) / (x + a) ** 4,
];

/** Derivatives of $e^{k x}$. */
const exponential = (k = 1): Orders => [1, 2, 3, 4].map((n) => (x: number) => k ** n * exp(k * x)) as never;

/** Derivatives of a function whose first derivative is $g$ and the next ones those of $g$, negated where asked. */
const negated = (orders: Orders): Orders => orders.map((f) => (x: number) => -f(x)) as never;

// With t = tan x and s = 1 + t²: s, 2 t s, 2 s (1 + 3 t²), 8 t s (2 + 3 t²).
const tangent: Orders = [
  (x) => 1 + tan(x) ** 2,
  (x) => 2 * tan(x) * (1 + tan(x) ** 2),
  (x) => 2 * (1 + tan(x) ** 2) * (1 + 3 * tan(x) ** 2),
  (x) => 8 * tan(x) * (1 + tan(x) ** 2) * (2 + 3 * tan(x) ** 2),
];

// With t = tanh x and s = 1 - t²: s, -2 t s, -2 s (1 - 3 t²), 8 t s (2 - 3 t²).
const hyperbolicTangent: Orders = [
  (x) => 1 - tanh(x) ** 2,
  (x) => -2 * tanh(x) * (1 - tanh(x) ** 2),
  (x) => -2 * (1 - tanh(x) ** 2) * (1 - 3 * tanh(x) ** 2),
  (x) => 8 * tanh(x) * (1 - tanh(x) ** 2) * (2 - 3 * tanh(x) ** 2),
];

// With u = 1 - x²: u^(-1/2), x u^(-3/2), (1 + 2 x²) u^(-5/2), (9 x + 6 x³) u^(-7/2).
const arcSine: Orders = [
  (x) => (1 - x * x) ** -0.5,
  (x) => x * (1 - x * x) ** -1.5,
  (x) => (1 + 2 * x * x) * (1 - x * x) ** -2.5,
  (x) => (9 * x + 6 * x ** 3) * (1 - x * x) ** -3.5,
];

// With u = 1 + x²: 1/u, -2 x/u², (6 x² - 2)/u³, 24 x (1 - x²)/u⁴.
const arcTangent: Orders = [
  (x) => 1 / (1 + x * x),
  (x) => (-2 * x) / (1 + x * x) ** 2,
  (x) => (6 * x * x - 2) / (1 + x * x) ** 3,
  (x) => (24 * x * (1 - x * x)) / (1 + x * x) ** 4,
];

// With u = 1 + x²: u^(-1/2), -x u^(-3/2), (2 x² - 1) u^(-5/2), (9 x - 6 x³) u^(-7/2).
const areaSine: Orders = [
  (x) => (1 + x * x) ** -0.5,
  (x) => -x * (1 + x * x) ** -1.5,
  (x) => (2 * x * x - 1) * (1 + x * x) ** -2.5,
  (x) => (9 * x - 6 * x ** 3) * (1 + x * x) ** -3.5,
];

// With u = x² - 1: u^(-1/2), -x u^(-3/2), (2 x² + 1) u^(-5/2), -(6 x³ + 9 x) u^(-7/2).
const areaCosine: Orders = [
  (x) => (x * x - 1) ** -0.5,
  (x) => -x * (x * x - 1) ** -1.5,
  (x) => (2 * x * x + 1) * (x * x - 1) ** -2.5,
  (x) => -(6 * x ** 3 + 9 * x) * (x * x - 1) ** -3.5,
];

// With u = 1 - x²: 1/u, 2 x/u², (2 + 6 x²)/u³, 24 x (1 + x²)/u⁴.
const areaTangent: Orders = [
  (x) => 1 / (1 - x * x),
  (x) => (2 * x) / (1 - x * x) ** 2,
  (x) => (2 + 6 * x * x) / (1 - x * x) ** 3,
  (x) => (24 * x * (1 + x * x)) / (1 - x * x) ** 4,
];

// With g = 2/√π e^(-x²): g, -2 x g, (4 x² - 2) g, (12 x - 8 x³) g.
const bell: Real = (x) => (2 / sqrt(PI)) * exp(-x * x);
const error: Orders = [
  bell,
  (x) => -2 * x * bell(x),
  (x) => (4 * x * x - 2) * bell(x),
  (x) => (12 * x - 8 * x ** 3) * bell(x),
];

/** $\psi^{(n)}(x)$ by its recurrence up to 30 and five terms of its asymptotic series there, errors below 1e-16. */
function polygamma(n: number, x: number): number {
  const factorial = (m: number): number => (m < 2 ? 1 : m * factorial(m - 1));
  const sign = n % 2 === 0 ? -1 : 1;
  let total = 0;
  let z = x;
  for (; z < 30; z++) total += factorial(n) / z ** (n + 1);
  const bernoulli = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66];
  total += factorial(n - 1) / z ** n + factorial(n) / (2 * z ** (n + 1));
  bernoulli.forEach((b, i) => {
    const k = 2 * i + 2;
    total += (b * factorial(k + n - 1)) / (factorial(k) * z ** (k + n));
  });
  return sign * total;
}

// As a function of y, the inverse error function has x' = √π/2 e^(x²) =: q, and then x'' = 2 x q², x''' = (2 + 8 x²) q³,
// x'''' = (28 x + 48 x³) q⁴.
const inverseError =
  (order: number): Real =>
  (y) => {
    const x = ops.erfInv(tensor(y)).item();
    const q = (sqrt(PI) / 2) * exp(x * x);
    return [q, 2 * x * q ** 2, (2 + 8 * x * x) * q ** 3, (28 * x + 48 * x ** 3) * q ** 4][order - 1]!;
  };

const digammaOf =
  (order: number): Real =>
  (x) =>
    polygamma(order, x);
/** Of `lgamma`; its first derivative, ψ(x), by the recurrence and the asymptotic series too. */
const digammaValue: Real = (x) => {
  let total = 0;
  let z = x;
  for (; z < 30; z++) total -= 1 / z;
  return total + log(z) - 1 / (2 * z) - 1 / (12 * z ** 2) + 1 / (120 * z ** 4) - 1 / (252 * z ** 6) + 1 / (240 * z ** 8);
}; // prettier-ignore

const flat: Orders = [() => 0, () => 0, () => 0, () => 0];
const anywhere = [-1.9, -0.6, 0.3, 1.7];
const above = [0.3, 0.9, 2.5];
const inside = [-0.8, -0.2, 0.1, 0.6];

const table: Readonly<Record<string, readonly [Unary, Orders, readonly number[]]>> = {
  ...activationRows(),
  exp: [ops.exp, exponential(), anywhere],
  expm1: [ops.expm1, exponential(), anywhere],
  exp2: [ops.exp2, [1, 2, 3, 4].map((n) => (x: number) => LN2 ** n * 2 ** x) as never, anywhere],
  log: [ops.log, logarithm(), above],
  log1p: [ops.log1p, logarithm(1, 1), [-0.5, ...above]],
  log2: [ops.log2, logarithm(1 / LN2), above],
  log10: [ops.log10, logarithm(1 / LN10), above],
  sin: [ops.sin, [cos, (x) => -sin(x), (x) => -cos(x), sin], anywhere],
  cos: [ops.cos, [(x) => -sin(x), (x) => -cos(x), sin, cos], anywhere],
  tan: [ops.tan, tangent, [-1.2, -0.4, 0.3, 1.1]],
  asin: [ops.asin, arcSine, inside],
  acos: [ops.acos, negated(arcSine), inside],
  atan: [ops.atan, arcTangent, anywhere],
  sinh: [ops.sinh, [cosh, sinh, cosh, sinh], anywhere],
  cosh: [ops.cosh, [sinh, cosh, sinh, cosh], anywhere],
  tanh: [ops.tanh, hyperbolicTangent, anywhere],
  asinh: [ops.asinh, areaSine, anywhere],
  acosh: [ops.acosh, areaCosine, [1.3, 2, 4]],
  atanh: [ops.atanh, areaTangent, inside],
  erf: [ops.erf, error, anywhere],
  erfc: [ops.erfc, negated(error), anywhere],
  erfInv: [ops.erfInv, [inverseError(1), inverseError(2), inverseError(3), inverseError(4)], inside],
  lgamma: [ops.lgamma, [digammaValue, digammaOf(1), digammaOf(2), digammaOf(3)], above],
  digamma: [ops.digamma, [digammaOf(1), digammaOf(2), digammaOf(3), digammaOf(4)], above],
  sqrt: [ops.sqrt, power(0.5), above],
  rsqrt: [ops.rsqrt, power(-0.5), above],
  cbrt: [ops.cbrt, power(1 / 3), above],
  reciprocal: [ops.reciprocal, power(-1), above],
  square: [ops.square, [(x) => 2 * x, () => 2, () => 0, () => 0], anywhere],
  "pow(2.5)": [(x) => ops.pow(x, 2.5), power(2.5), above],
  "pow by the exponent": [(x) => ops.pow(3, x), [1, 2, 3, 4].map((n) => (x: number) => log(3) ** n * 3 ** x) as never, anywhere],
  "div by the divisor": [(x) => ops.div(5, x), power(-1, 5), above],
  neg: [ops.neg, [() => -1, () => 0, () => 0, () => 0], anywhere],
  floor: [ops.floor, flat, anywhere],
  ceil: [ops.ceil, flat, anywhere],
  round: [ops.round, flat, anywhere],
  trunc: [ops.trunc, flat, anywhere],
}; // prettier-ignore

test("every elementary function and activation has a row", () => {
  const families = { activation, arithmetic, elementary, gated, hyperbolic, piecewise, rectifier, rounding, special, trigonometric }; // prettier-ignore
  const functions = Object.values(families).flatMap((family) => Object.keys(family));
  // The others are parts of rules, reached by those of the public ones.
  const wanted = functions.filter((name) => Object.hasOwn(ops, name));
  expect(wanted.length).toBeGreaterThan(60);
  const rows = new Set(Object.keys(table).map((name) => /^\w+/.exec(name)![0]));
  expect(wanted.filter((name) => !rows.has(name))).toEqual([]);
});

describe("derivatives of orders 1 to 4 against closed forms, to 1e-9", () => {
  const nth = (f: Unary, order: number): Unary => (order === 0 ? f : nth(grad(f) as Unary, order - 1));

  test.each(Object.keys(table))("%s", (name) => {
    const [f, orders, points] = table[name]!;
    orders.forEach((exact, i) => {
      const derivative = nth(f, i + 1);
      for (const x of points) {
        const [actual, expected] = [derivative(tensor(x)).item(), exact(x)];
        const bound = 1e-9 * Math.max(1, Math.abs(expected));
        expect(Math.abs(actual - expected), `order ${i + 1} at ${x}: ${actual}`).toBeLessThanOrEqual(bound);
      }
    });
  });
});
