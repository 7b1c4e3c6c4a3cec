/** What elementwise operators give at edges, kinks and ties, and that both modes agree on the derivative there. */
import { describe, expect, test } from "vitest";
import { grad, jvp, random, tensor, vjp, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import * as ops from "../packages/core/src/ops/index.js";

const inf = Infinity;

/** Relative closeness for what is not exact by nature; infinities, zeros and NaN are compared as they are. */
function close(actual: number, expected: number, what: string): void {
  if (expected === 0) expect(Math.abs(actual), what).toBe(0);
  else if (!Number.isFinite(expected)) expect(actual, what).toBe(expected);
  else expect(Math.abs(actual - expected), `${what}: ${actual}`).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
}

type Unary = (x: Tensor) => Tensor;

/** x, value, derivative; -0 and 0 count as equal. */
type Rows = readonly (readonly [x: number, value: number, derivative: number])[];

/** Both far ends of a function that goes from 0 to x, with derivatives from 0 to 1. */
const gate: Rows = [
  [1000, 1000, 1],
  [inf, inf, 1],
  [-1000, 0, 0],
  [-inf, 0, 0],
  [NaN, NaN, NaN],
];
const lambda = 1.0507009873554805;
const lambdaAlpha = 1.7580993408473766;
const { E, LN2, LN10, PI } = Math;
const rootPi = Math.sqrt(PI);

// prettier-ignore
const unaries: Readonly<Record<string, readonly [Unary, Rows]>> = {
  rsqrt: [ops.rsqrt, [[4, 0.5, -0.0625], [0, inf, -inf], [-1, NaN, NaN], [inf, 0, 0]]],
  cbrt: [ops.cbrt, [[8, 2, 1 / 12], [-8, -2, 1 / 12], [0, 0, inf], [inf, inf, 0]]],
  exp2: [ops.exp2, [[0, 1, LN2], [3, 8, 8 * LN2], [1000, 2 ** 1000, 2 ** 1000 * LN2], [inf, inf, inf], [-inf, 0, 0]]],
  log2: [ops.log2, [[8, 3, 1 / (8 * LN2)], [0, -inf, inf], [inf, inf, 0]]],
  log10: [ops.log10, [[1000, 3, 1 / (1000 * LN10)], [0, -inf, inf], [inf, inf, 0]]],
  tan: [ops.tan, [[0, 0, 1], [inf, NaN, NaN]]],
  asin: [ops.asin, [[0, 0, 1], [1, PI / 2, inf], [-1, -PI / 2, inf], [2, NaN, NaN]]],
  acos: [ops.acos, [[0, PI / 2, -1], [1, 0, -inf], [-1, PI, -inf], [2, NaN, NaN]]],
  atan: [ops.atan, [[0, 0, 1], [1, PI / 4, 0.5], [inf, PI / 2, 0], [-inf, -PI / 2, 0]]],
  sinh: [ops.sinh, [[0, 0, 1], [1000, inf, inf], [-1000, -inf, inf]]],
  cosh: [ops.cosh, [[0, 1, 0], [1000, inf, inf], [-1000, inf, -inf]]],
  tanh: [ops.tanh, [[0, 0, 1], [1000, 1, 0], [-inf, -1, 0]]],
  asinh: [ops.asinh, [[0, 0, 1], [1e200, 461.2101657793691, 1e-200], [inf, inf, 0], [-inf, -inf, 0]]],
  acosh: [ops.acosh, [[1, 0, inf], [1e200, 461.2101657793691, 1e-200], [inf, inf, 0], [0.5, NaN, NaN]]],
  atanh: [ops.atanh, [[0, 0, 1], [1, inf, inf], [-1, -inf, inf]]],
  erf: [ops.erf, [[0, 0, 2 / rootPi], [1000, 1, 0], [-inf, -1, 0]]],
  erfc: [ops.erfc, [[0, 1, -2 / rootPi], [1000, 0, 0], [-inf, 2, 0]]],
  erfInv: [ops.erfInv, [[0, 0, rootPi / 2], [1, inf, inf], [-1, -inf, inf], [2, NaN, NaN]]],
  lgamma: [ops.lgamma, [
    [1, 0, -0.5772156649015329], [0, inf, -inf], [-1, inf, NaN], [1000, 5905.220423209181, 6.907255195648812],
    [inf, inf, inf],
  ]],
  digamma: [ops.digamma, [[1, -0.5772156649015329, PI ** 2 / 6], [0, -inf, inf], [-0, inf, inf], [inf, inf, 0]]],
  "pow(2)": [(x) => x.pow(2), [[0, 0, 0], [-3, 9, -6], [-inf, inf, -inf]]],
  "pow(1)": [(x) => x.pow(1), [[0, 0, 1]]],
  "pow(0)": [(x) => x.pow(0), [[0, 1, 0], [-2, 1, 0], [inf, 1, 0]]],
  "pow(3)": [(x) => x.pow(3), [[0, 0, 0], [-2, -8, 12]]],
  "pow(0.5)": [(x) => x.pow(0.5), [[0, 0, inf], [4, 2, 0.25], [-1, NaN, NaN]]],
  "pow(-1)": [(x) => x.pow(-1), [[0, inf, -inf], [-2, -0.5, -0.25]]],
  "2 to the power": [(x) => ops.pow(2, x), [[0, 1, LN2], [-inf, 0, 0]]],
  "a tiny number to the power 0": [(x) => x.pow(0), [[0, 1, 0], [5e-324, 1, 0]]],
  "0 to the power": [(x) => ops.pow(0, x), [[0, 1, 0], [2, 0, 0], [-1, inf, -inf]]],
  abs: [ops.abs, [[0, 0, 0]]],
  clamp: [(x) => x.clamp({ min: -1, max: 1 }), [[-1, -1, 1], [1, 1, 1], [2, 1, 0], [inf, 1, 0]]],
  "clamp, bounds crossed": [(x) => x.clamp({ min: 1, max: -1 }), [[-2, -1, 0], [0, -1, 0], [2, -1, 0]]],
  expm1: [ops.expm1, [[0, 0, 1], [-40, -1, Math.exp(-40)], [-inf, -1, 0]]],
  relu: [ops.relu, [[0, 0, 0], [1000, 1000, 1], [-inf, 0, 0], [NaN, NaN, 1]]],
  leakyRelu: [(x) => x.leakyRelu({ negativeSlope: 0.25 }), [
    [0, 0, 0.25], [-1000, -250, 0.25], [inf, inf, 1], [-inf, -inf, 0.25],
  ]],
  sigmoid: [ops.sigmoid, [[0, 0.5, 0.25], [1000, 1, 0], [-1000, 0, 0], [inf, 1, 0], [-inf, 0, 0], [NaN, NaN, NaN]]],
  softplus: [(x) => x.softplus({ beta: 2 }), [
    [0, LN2 / 2, 0.5], [1000, 1000, 1], [-1000, 0, 0], [inf, inf, 1], [-inf, 0, 0],
  ]],
  logSigmoid: [ops.logSigmoid, [[0, -LN2, 0.5], [1000, 0, 0], [-1000, -1000, 1], [inf, 0, 0], [-inf, -inf, 1]]],
  elu: [(x) => x.elu({ alpha: 0.5 }), [
    [0, 0, 0.5], [1, 1, 1], [-1, 0.5 / E - 0.5, 0.5 / E], [1000, 1000, 1], [-1000, -0.5, 0], [inf, inf, 1],
    [-inf, -0.5, 0], [NaN, NaN, NaN],
  ]],
  selu: [ops.selu, [
    [0, 0, lambdaAlpha], [1, lambda, lambda], [1000, 1000 * lambda, lambda], [-1000, -lambdaAlpha, 0],
    [inf, inf, lambda], [-inf, -lambdaAlpha, 0],
  ]],
  celu: [(x) => x.celu({ alpha: 0.5 }), [
    [0, 0, 1], [-0.5, 0.5 / E - 0.5, 1 / E], [1000, 1000, 1], [-1000, -0.5, 0], [inf, inf, 1], [-inf, -0.5, 0],
  ]],
  gelu: [ops.gelu, [
    [0, 0, 0.5], [1, 0.8413447460685429, 1.083315470587686], [-10, -7.619853024160526e-23, -7.618400096464814e-22],
    [-30, -1.4720141781444562e-196, -4.416031690708494e-195], ...gate,
  ]],
  "gelu by tanh": [(x) => x.gelu({ approximate: "tanh" }), [
    [0, 0, 0.5], [1, 0.8411919906082768, 1.0829640838457826], ...gate,
  ]],
  silu: [ops.silu, [[0, 0, 0.5], [1, 0.7310585786300049, 0.9276705118714867], ...gate]],
  mish: [ops.mish, [[0, 0, 0.6], [1, 0.8650983882673103, 1.0490362200997922], ...gate]],
  hardTanh: [ops.hardTanh, [[-1, -1, 0], [1, 1, 0], [0, 0, 1], [1000, 1, 0], [inf, 1, 0], [-inf, -1, 0]]],
  hardSigmoid: [ops.hardSigmoid, [[-3, 0, 0], [3, 1, 0], [0, 0.5, 1 / 6], [1000, 1, 0], [inf, 1, 0], [-inf, 0, 0]]],
  hardSwish: [ops.hardSwish, [
    [-3, 0, 0], [3, 3, 1], [0, 0, 0.5], [-1.5, -0.375, 0], [1000, 1000, 1], [inf, inf, 1], [-inf, 0, 0],
  ]],
  softSign: [ops.softSign, [[0, 0, 1], [1000, 1000 / 1001, 1 / 1001 ** 2], [inf, 1, 0], [-inf, -1, 0]]],
  tanhShrink: [ops.tanhShrink, [[0, 0, 0], [1000, 999, 1], [-1000, -999, 1], [inf, inf, 1], [-inf, -inf, 1]]],
  relu6: [ops.relu6, [[0, 0, 0], [6, 6, 0], [3, 3, 1], [1000, 6, 0], [inf, 6, 0], [-inf, 0, 0]]],
};

describe.each(Object.entries(unaries))("%s", (_, [call, rows]) => {
  test.each(rows)("at %d is %d with the derivative %d, in both modes", (x, value, derivative) => {
    const point = tensor(x);
    close(call(point).item(), value, "value");
    close(grad(call)(point).item(), derivative, "reverse");
    const [, tangent] = jvp<[Tensor]>(call, [point], [tensor(1)]);
    close(tangent.item(), derivative, "forward");
  });
});

type Binary = (x: Tensor, y: Tensor) => Tensor;

/** x, y, value, derivative by x, derivative by y. */
type BinaryRows = readonly (readonly [x: number, y: number, value: number, byX: number, byY: number])[];

// prettier-ignore
const binaries: Readonly<Record<string, readonly [Binary, BinaryRows]>> = {
  // 1 over the rounded 0.1 is below 10.
  mod: [ops.mod, [
    [7, 3, 1, 1, -2], [-7, 3, 2, 1, 3], [7, -3, -2, 1, 3], [6, 3, 0, 1, -2], [1, 0.1, 0.09999999999999995, 1, -9],
    [1, 0, NaN, 1, -inf], [5, inf, 5, 1, 0],
  ]],
  hypot: [ops.hypot, [[3, 4, 5, 0.6, 0.8], [0, 0, 0, 0, 0], [0, -2, 2, 0, -1], [3e200, 4e200, 5e200, 0.6, 0.8]]],
  atan2: [ops.atan2, [
    [1, 1, PI / 4, 0.5, -0.5], [0, 0, 0, 0, 0], [0, -1, PI, -1, 0], [-0, -1, -PI, -1, 0],
    [1e200, 1e200, PI / 4, 5e-201, -5e-201], [1e-200, 1e-200, PI / 4, 5e199, -5e199], [1, inf, 0, 0, 0],
    [inf, inf, PI / 4, 0, 0],
  ]],
  // The exponent of a negative base cannot move.
  pow: [ops.pow, [
    [0, 0, 1, 0, 0], [0, 2, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0.5, 0, inf, 0], [2, 3, 8, 12, 8 * LN2],
    [-2, 2, 4, -4, NaN], [inf, 0, 1, 0, inf],
  ]],
  logAddExp: [ops.logAddExp, [
    [0, 0, LN2, 0.5, 0.5], [1000, 1000, 1000 + LN2, 0.5, 0.5], [1000, -1000, 1000, 1, 0],
    [-1000, -1000, LN2 - 1000, 0.5, 0.5], [-inf, 3, 3, 0, 1], [3, -inf, 3, 1, 0], [-inf, -inf, -inf, 0.5, 0.5],
    [inf, inf, inf, 0.5, 0.5], [inf, -inf, inf, 1, 0], [inf, 3, inf, 1, 0], [NaN, 1, NaN, NaN, NaN],
  ]],
  xlogy: [ops.xlogy, [
    [2, E, 2, 1, 2 / E], [0, 2, 0, LN2, 0], [0, 0, 0, 0, 0], [0, -1, 0, 0, 0], [0, inf, 0, 0, 0],
    [0, NaN, NaN, NaN, NaN], [1, 0, -inf, -inf, inf], [1, -1, NaN, NaN, -1],
  ]],
  maximum: [ops.maximum, [[2, 2, 2, 0.5, 0.5]]],
  minimum: [ops.minimum, [[2, 2, 2, 0.5, 0.5]]],
  "lerp to the end": [(x, y) => ops.lerp(x, y, 1), [[0.1, 0.7, 0.7, 0, 1], [1e16, 1, 1, 0, 1]]],
  "lerp by a weight": [(x, w) => ops.lerp(x, 10, w), [[2, 0.5, 6, 0.5, 8]]],
};

describe.each(Object.entries(binaries))("%s", (_, [call, rows]) => {
  test.each(rows)("of %d and %d is %d with the derivatives %d and %d, in both modes", (x, y, value, byX, byY) => {
    const [a, b] = [tensor(x), tensor(y)];
    close(call(a, b).item(), value, "value");
    const [, pullback] = vjp<[Tensor, Tensor]>(call, a, b);
    const [reverseX, reverseY] = pullback(tensor(1)) as [Tensor, Tensor];
    close(reverseX.item(), byX, "reverse by x");
    close(reverseY.item(), byY, "reverse by y");
    const along = (p: Binary, point: Tensor): number =>
      jvp<[Tensor]>((t) => (point === a ? p(t, b) : p(a, t)), [point], [tensor(1)])[1].item();
    close(along(call, a), byX, "forward by x");
    close(along(call, b), byY, "forward by y");
  });
});

describe("activations", () => {
  const names = [
    "sigmoid", "softplus", "logSigmoid", "relu", "leakyRelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardTanh",
    "hardSigmoid", "hardSwish", "softSign", "tanhShrink", "relu6",
  ] as const; // prettier-ignore

  test.each(names)("%s has finite derivatives to order 3 far out and at kinks, equal in both modes", (name) => {
    for (const approximate of name === "gelu" ? (["none", "tanh"] as const) : [undefined]) {
      const call: Unary = (x) =>
        (ops[name] as (x: Tensor, options?: object) => Tensor)(x, approximate && { approximate });
      const tangentOf =
        (f: Unary): Unary =>
        (x) =>
          jvp<[Tensor]>(f, [x], [tensor(1)])[1];
      for (const x of [-inf, -1000, -750, -37, -3, -1, -0, 0, 1, 3, 6, 37, 750, 1000, inf]) {
        let [reverse, forward, mixed]: Unary[] = [call, call, call] as [Unary, Unary, Unary];
        for (let order = 1; order <= 3; order++) {
          mixed = tangentOf(reverse!);
          reverse = grad(reverse!) as Unary;
          forward = tangentOf(forward!);
          const expected = reverse(tensor(x)).item();
          expect(expected, `${name}, order ${order} at ${x}`).toSatisfy(Number.isFinite);
          for (const other of [forward, mixed])
            expect(Math.abs(other(tensor(x)).item() - expected), `${name}, order ${order} at ${x}`).toBeLessThan(1e-13);
        }
      }
    }
  });

  test.each(names)("%s is finite with finite gradients in float32 too", (name) => {
    const x = tensor([-1000, -100, -20, 0, 20, 100, 1000], { dtype: "float32" });
    const call = ops[name] as Unary;
    expect(call(x).isFinite().all().item()).toBe(1);
    const slopes = grad((t: Tensor) => call(t).sum())(x);
    expect(slopes.dtype).toBe("float32");
    const wide = grad((t: Tensor) => call(t).sum())(x.astype("float64"));
    expect(slopes.sub(wide).abs().max().item()).toBeLessThan(1e-6);
    expect(
      grad((t: Tensor) => call(t).sum())(tensor([-inf, inf], { dtype: "float32" }))
        .isFinite()
        .all()
        .item(),
    ).toBe(1);
  });

  test.each(["gelu", "silu", "mish"] as const)("%s fades to 0 from below", (name) => {
    for (const x of [-1000, -inf]) expect(ops[name](tensor(x)).item()).toBe(-0);
  });

  test("text and odd options are refused", () => {
    expect(() => ops.elu(1, { alfa: 1 } as never)).toThrow(/^elu: unknown option "alfa"/);
    expect(() => ops.hardTanh(1, { min: "a" } as never)).toThrow(/^hardTanh: expected min below max/);
  });
});

describe("integers", () => {
  test("mod keeps them, and a divisor of 0 gives 0", () => {
    const z = ops.mod(tensor([-7, 7, 5, -(2 ** 31)], { dtype: "int32" }), tensor([3, -3, 0, -1], { dtype: "int32" }));
    expect(z.dtype).toBe("int32");
    expect(z.toArray()).toEqual([2, -2, 0, 0]);
    expect(ops.mod(tensor(5, { dtype: "int32" }), 0).item()).toBe(0);
  });

  test("trunc keeps them; elementary functions give the default float", () => {
    const x = tensor([-2, 3], { dtype: "int32" });
    expect(x.trunc().dtype).toBe("int32");
    for (const y of [x.cbrt(), x.lgamma(), x.gelu(), x.hypot(x), x.lerp(5, 0.5), x.logAddExp(x)])
      expect(y.dtype).toBe("float64");
    expect(x.lerp(5, 0.5).toArray()).toEqual([1.5, 4]);
    expect(x.logicalXor(tensor([true, true])).dtype).toBe("bool");
  });
});

describe("truth tables", () => {
  test("logicalXor, with NaN as true as any number but 0", () => {
    const x = tensor([0, 0, 1, 1, NaN, NaN]);
    const y = tensor([0, 2, 0, 2, 0, 3]);
    expect(ops.logicalXor(x, y).toArray()).toEqual([false, true, true, false, true, false]);
  });

  test("trunc keeps signs of zero, infinities and NaN", () => {
    expect(ops.trunc(tensor([-0.5, -0, 0.5, -inf, inf, NaN, 1e300])).toArray()).toEqual([
      -0,
      -0,
      0,
      -inf,
      inf,
      NaN,
      1e300,
    ]);
  });
});

describe("gradient checks", () => {
  test("pass over the jumps of mod and the cut of atan2", () => {
    const kinksOf = (f: Unary, x: readonly number[]): number =>
      compareGradients(({ p }: { p: Tensor }) => f(p).sum(), { p: tensor(x) }, { random: random(1) })[0]!.kinks;
    expect(kinksOf((x) => x.mod(1.5), [1, 1.5, 3 - 1e-9])).toBe(2);
    expect(kinksOf((y) => y.atan2(-1), [0.5, -1e-9, -0.5])).toBe(1);
    expect(kinksOf((y) => y.atan2(1), [0.5, -1e-9, -0.5])).toBe(0);
  });
});
