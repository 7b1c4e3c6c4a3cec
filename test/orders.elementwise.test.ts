/** Derivatives of elementwise operators above the second order. */
import { describe, expect, test } from "vitest";
import { grad, tensor, type Tensor } from "@cotangent/core";
import * as ops from "../packages/core/src/ops/index.js";

const { E, PI, SQRT2 } = Math;

function close(actual: number, expected: number, what: string): void {
  expect(Math.abs(actual - expected), `${what}: ${actual}`).toBeLessThanOrEqual(1e-14 * Math.abs(expected));
}

type Unary = (x: Tensor) => Tensor;

describe("orders above 2", () => {
  const nth = (f: Unary, order: number): Unary => (order === 0 ? f : nth(grad(f) as Unary, order - 1));

  test("lgamma's derivatives are the polygamma functions", () => {
    // ψ''(1) = -2 ζ(3), ψ'''(1/2) = π⁴, ψ⁗(1) = -24 ζ(5)
    close(nth(ops.lgamma, 2)(tensor(1)).item(), PI ** 2 / 6, "order 2");
    close(nth(ops.lgamma, 3)(tensor(1)).item(), -2 * 1.2020569031595942, "order 3");
    close(nth(ops.lgamma, 4)(tensor(0.5)).item(), PI ** 4, "order 4");
    close(nth(ops.lgamma, 5)(tensor(1)).item(), -24 * 1.03692775514337, "order 5");
    close(nth(ops.lgamma, 3)(tensor(-0.5)).item(), -0.8287966442343199, "order 3 between poles");
  });

  test("pow's derivatives at 0 end where the power does", () => {
    const orders = [1, 2, 3, 4].map((n) => nth((x) => x.pow(3), n)(tensor(0)).item());
    expect(orders).toEqual([0, 0, 6, 0]);
  });

  test("those of elu stay on their side", () => {
    const third = nth((x) => x.elu({ alpha: 2 }), 3);
    close(third(tensor(-1)).item(), 2 / E, "below");
    expect(third(tensor(1)).item()).toBe(0);
    expect(third(tensor(1000)).item()).toBe(0);
  });

  test("those of the rest agree with differences of the order before", () => {
    const points: Readonly<Record<string, readonly [Unary, number]>> = {
      gelu: [ops.gelu, 0.7], "gelu by tanh": [(x) => ops.gelu(x, { approximate: "tanh" }), 0.7], silu: [ops.silu, -0.4],
      mish: [ops.mish, 0.3], atan2: [(x) => ops.atan2(x, SQRT2), 0.5], hypot: [(x) => ops.hypot(x, 2), 0.5],
      logAddExp: [(x) => ops.logAddExp(x, 0.5), 0.1], asinh: [ops.asinh, 0.5], acosh: [ops.acosh, 2],
      digamma: [ops.digamma, 1.5], erfInv: [ops.erfInv, 0.3], rsqrt: [ops.rsqrt, 2], cbrt: [ops.cbrt, 2],
    }; // prettier-ignore
    for (const [name, [f, x]] of Object.entries(points))
      for (let order = 3; order <= 4; order++) {
        const before = nth(f, order - 1);
        const h = 1e-3;
        const at = (t: number): number => before(tensor(x + t)).item();
        const numeric = (8 * (at(h / 2) - at(-h / 2)) - (at(h) - at(-h))) / (6 * h);
        const analytic = nth(f, order)(tensor(x)).item();
        expect(Math.abs(analytic - numeric), `${name}, order ${order}`).toBeLessThan(1e-8 * (1 + Math.abs(numeric)));
      }
  });
});
