/**
 * A law over every elementwise operator: at edges, forward and reverse mode give the same derivative. The convention at
 * NaN: an operator that lets it through lets the cotangent through too.
 */
import { describe, expect, test } from "vitest";
import { grad, jvp, onesLike, tensor, vjp, type DType, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";
import type { activation } from "./cases/activation.js";
import type { arithmetic } from "./cases/arithmetic.js";
import type { elementary } from "./cases/elementary.js";
import type { piecewise } from "./cases/piecewise.js";

const inf = Infinity;

type Call = (...xs: Tensor[]) => Tensor;
/** How many operands, and the operator; flat ones give nothing to compare. */
type Row = readonly [operands: 1 | 2 | 3, call: Call] | "flat";
type Elementwise = Exclude<
  keyof typeof arithmetic | keyof typeof piecewise | keyof typeof elementary | keyof typeof activation,
  "glu" | "softmax" | "logSoftmax"
>;

const one = (call: (x: Tensor) => Tensor): Row => [1, call as Call];
const two = (call: (x: Tensor, y: Tensor) => Tensor): Row => [2, call as Call];

/** A missing operator is a compile error. */
const table: { readonly [K in Elementwise]: Row } = {
  add: two(ops.add), sub: two(ops.sub), mul: two(ops.mul), div: two(ops.div), rsub: two(ops.rsub), rdiv: two(ops.rdiv),
  neg: one(ops.neg), square: one(ops.square), reciprocal: one(ops.reciprocal), sqrt: one(ops.sqrt), abs: one(ops.abs),
  sign: "flat", clamp: one((x) => ops.clamp(x, { min: -1, max: 3 })), rsqrt: one(ops.rsqrt), cbrt: one(ops.cbrt),
  lerp: [3, ops.lerp as Call], hypot: two(ops.hypot), mod: two(ops.mod), maximum: two(ops.maximum),
  minimum: two(ops.minimum), equal: "flat", notEqual: "flat", less: "flat", lessEqual: "flat", greater: "flat",
  greaterEqual: "flat", logicalAnd: "flat", logicalOr: "flat", logicalXor: "flat", logicalNot: "flat", isNaN: "flat",
  isFinite: "flat", where: two((x, y) => ops.where(ops.less(x, y), x, y)), floor: "flat", ceil: "flat", round: "flat",
  trunc: "flat", exp: one(ops.exp), expm1: one(ops.expm1), exp2: one(ops.exp2), log: one(ops.log),
  log1p: one(ops.log1p), log2: one(ops.log2), log10: one(ops.log10), sin: one(ops.sin), cos: one(ops.cos),
  tan: one(ops.tan), asin: one(ops.asin), acos: one(ops.acos), atan: one(ops.atan), atan2: two(ops.atan2),
  sinh: one(ops.sinh), cosh: one(ops.cosh), tanh: one(ops.tanh), asinh: one(ops.asinh), acosh: one(ops.acosh),
  atanh: one(ops.atanh), erf: one(ops.erf), erfc: one(ops.erfc), erfInv: one(ops.erfInv), lgamma: one(ops.lgamma),
  digamma: one(ops.digamma), pow: two(ops.pow), logAddExp: two(ops.logAddExp), xlogy: two(ops.xlogy),
  sigmoid: one(ops.sigmoid), softplus: one(ops.softplus), logisticLoss: two(ops.logisticLoss),
  logSigmoid: one(ops.logSigmoid), silu: one(ops.silu), gelu: one(ops.gelu), mish: one(ops.mish),
  softSign: one(ops.softSign), tanhShrink: one(ops.tanhShrink), relu: one(ops.relu), leakyRelu: one(ops.leakyRelu),
  elu: one(ops.elu), selu: one(ops.selu), celu: one(ops.celu), relu6: one(ops.relu6), hardTanh: one(ops.hardTanh),
  hardSigmoid: one(ops.hardSigmoid), hardSwish: one(ops.hardSwish),
}; // prettier-ignore

const rows = Object.entries({ ...table, "gelu by tanh": one((x) => ops.gelu(x, { approximate: "tanh" })) }).flatMap(
  ([name, row]) => (row === "flat" ? [] : [[name, ...row] as const]),
);

const edges = [NaN, inf, -inf, 0, -0, 1, -1, 3, -3, 0.5, 6, -2, 1e300, -1e300, 5e-324, 2 ** -149, -1e-310];

/** Every combination of edges, one tensor an operand. */
function grid(operands: number, dtype: DType): Tensor[] {
  const size = edges.length ** operands;
  return Array.from({ length: operands }, (_, k) =>
    tensor(
      Array.from({ length: size }, (_n, i) => edges[Math.floor(i / edges.length ** k) % edges.length]!),
      { dtype },
    ),
  );
}

/** The same up to NaN-ness: zeros as they are, other numbers to rounding, since the modes round in different orders. */
function alike(a: number, b: number, tolerance: number): boolean {
  if (a === 0 || b === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return a === b || (a !== a && b !== b);
  return Math.abs(a - b) <= tolerance * Math.abs(a);
}

function compare(names: string, call: Call, xs: readonly Tensor[], tolerance: number): void {
  const [y, pullback] = vjp<Tensor[]>(call, ...xs);
  const reverse = pullback(onesLike(y)) as Tensor[];
  xs.forEach((x, k) => {
    const along = (v: Tensor): Tensor => call(...xs.map((other, i) => (i === k ? v : other)));
    const forward = jvp<[Tensor]>(along, [x], [onesLike(x)])[1].toTypedArray();
    const points = xs.map((each) => each.toTypedArray());
    reverse[k]!.toTypedArray().forEach((v, i) => {
      const at = points.map((values) => values[i]).join(", ");
      if (!alike(v, forward[i]!, tolerance))
        expect.fail(`${names}, by operand ${k} at (${at}): reverse ${v}, forward ${forward[i]!}`);
    });
  });
}

// A slope is made of a few roundings of terms of its own size, or of differences of terms near 1, as small as e^-6.
describe.each([["float64", 1e-12], ["float32", 2e-4]] as const)("forward and reverse mode agree at edges, %s", (dtype, tolerance) => {
  test.each(rows)("%s", (name, operands, call) => {
    compare(name, call, grid(operands, dtype), tolerance);
  });
}); // prettier-ignore

const reverse = (f: (x: Tensor) => Tensor) => (x: Tensor) => grad((t: Tensor) => f(t).sum())(x);
const forward = (f: (x: Tensor) => Tensor) => (x: Tensor) => jvp<[Tensor]>(f, [x], [onesLike(x)])[1];

/** x and the second derivative there. */
const seconds: Readonly<Record<string, readonly [(x: Tensor) => Tensor, readonly (readonly [number, number])[]]>> = {
  asin: [ops.asin, [[1, inf], [-1, -inf], [0, 0]]],
  acos: [ops.acos, [[1, -inf], [-1, inf], [0, 0]]],
  atanh: [ops.atanh, [[1, inf], [-1, -inf], [0, 0]]],
  acosh: [ops.acosh, [[1, -inf], [inf, 0], [1e200, 0]]],
  asinh: [ops.asinh, [[inf, 0], [-inf, 0], [1e200, 0], [0, 0]]],
  atan: [ops.atan, [[inf, 0], [-inf, 0], [1e300, 0], [0, 0]]],
  // 1e100 is so far out that its third power underflows, 1e50 is not.
  "atan far out": [ops.atan, [[1e50, -2e-150], [1e100, -2e-300], [1e120, 0]]],
  cbrt: [ops.cbrt, [[0, -inf], [-0, inf], [inf, 0], [-inf, 0], [8, -1 / 144]]],
  rsqrt: [ops.rsqrt, [[0, inf], [-0, -inf], [inf, 0]]],
  erf: [ops.erf, [[inf, 0], [-inf, 0], [1e300, 0], [0, 0]]],
  erfc: [ops.erfc, [[inf, 0], [-inf, 0], [1e300, 0], [0, 0]]],
  erfInv: [ops.erfInv, [[1, inf], [-1, -inf], [0, 0]]],
  softSign: [ops.softSign, [[inf, 0], [-inf, 0], [0, 0]]],
  // One limit from both sides at odd orders, two at even ones.
  lgamma: [ops.lgamma, [[-1, inf], [0, inf], [-0, inf]]],
  digamma: [ops.digamma, [[-1, NaN], [-2, NaN], [0, -inf], [-0, inf]]],
  relu6: [ops.relu6, [[NaN, 0]]],
  "gelu by tanh": [(x) => ops.gelu(x, { approximate: "tanh" }), [[NaN, NaN]]],
  hardSwish: [ops.hardSwish, [[NaN, 1 / 3]]],
}; // prettier-ignore

describe("second derivatives at edges, by both modes over both", () => {
  test.each(Object.entries(seconds))("%s", (name, [f, points]) => {
    for (const [x, expected] of points)
      for (const dtype of Math.abs(expected) < 1e-30 && expected !== 0 ? (["float64"] as const) : (["float64", "float32"] as const)) {
        const second = [reverse(reverse(f)), reverse(forward(f)), forward(reverse(f)), forward(forward(f))];
        const values = second.map((g) => g(tensor(x, { dtype })).item());
        for (const value of values)
          expect(alike(value, expected, dtype === "float64" ? 1e-14 : 1e-6), `${name} at ${x}, ${dtype}: ${values.join(", ")}`).toBe(true);
      }
  }); // prettier-ignore
});

describe("the derivative of mod by the divisor is -⌊x / y⌋", () => {
  const { MIN_VALUE } = Number;
  test.each([
    [5, inf, 0], [-5, -inf, 0], [5, -inf, 1], [-5, inf, 1], [0, inf, 0], [-0, inf, 0], [3 * MIN_VALUE, 2 * MIN_VALUE, -1],
    [1e-300, 1e-310, -1e10], [1, 1e-300, -1e300], [1, 1e-310, -inf], [-1, 1e-310, inf], [1, 0, -inf], [-1, 0, inf],
    [1.7e308, -1e308, 2], [NaN, inf, NaN], [1, NaN, NaN],
  ])("x = %d, y = %d: %d", (x, y, expected) => {
    const by = (v: Tensor): Tensor => ops.mod(x, v);
    for (const mode of [reverse, forward])
      expect(alike(mode(by)(tensor(y)).item(), expected, 1e-10), String(mode(by)(tensor(y)).item())).toBe(true);
  });
}); // prettier-ignore

test("NaN that comes through lets the cotangent through", () => {
  const at = (f: (x: Tensor) => Tensor): number => reverse(f)(tensor(NaN)).item();
  for (const f of [ops.relu, ops.relu6, ops.hardTanh, (x: Tensor) => x.clamp({ min: 0 }), (x: Tensor) => x.maximum(0), (x: Tensor) => x.minimum(0)])
    expect(at(f)).toBe(1);
  expect(at(ops.hardSigmoid)).toBe(1 / 6);
  expect(at(ops.abs)).toBeNaN();
  // Beside NaN the other side gets its cotangent too.
  expect(at((x) => ops.maximum(x, tensor(2)))).toBe(1);
  expect(reverse((x) => ops.maximum(NaN, x))(tensor(2)).item()).toBe(1);
}); // prettier-ignore
