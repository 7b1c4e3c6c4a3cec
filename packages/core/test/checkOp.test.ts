/** Operators that keep, and that break, what a rule promises. */
import { describe, expect, test } from "vitest";
import { add, cholesky, log, matmul, mul, sum, tanh, type Tensor } from "@cotangent/core";
import { checkOp } from "@cotangent/core/check";
import { mapKernel } from "../src/kernel.js";
import { apply, type Primitive, type Vjp } from "../src/primitive.js";

/** The identity, with a rule. */
function identity(name: string, vjp: Vjp<void>): (x: Tensor) => Tensor {
  const primitive: Primitive = {
    name, kernel: mapKernel((s, x) => s.mul(s.constant(1), x!)), shape: null, dtype: null, vjp, jvp: "scalar",
  }; // prettier-ignore
  return (x) => apply(primitive, [x], undefined);
}

test("operators that are right pass", () => {
  for (const report of [
    checkOp(tanh),
    checkOp(add),
    checkOp(log, { domain: { min: 0.5, max: 3 } }),
    checkOp(sum, { arity: 1 }),
    checkOp(matmul, {
      shapes: [
        [
          [2, 3],
          [3, 2],
        ],
      ],
    }),
  ])
    // prettier-ignore
    expect(report.ok, report.toString()).toBe(true);
});

let count = 0;

describe("what is broken is said", () => {
  test.each<[string, RegExp, Vjp<void>]>([
    ["the gradient", /its gradient is wrong/, (_, ct) => mul(ct, 2)],
    ["linearity", /not linear in the cotangent/, (_, ct) => mul(ct, ct)],
    ["the zero cotangent", /a zero cotangent does not give zero/, (_, ct) => add(ct, 1)],
    ["determinism of the rule", /another cotangent the second time/, (_, ct) => mul(ct, 1 + 1e-9 * count++)],
    ["the shape", /expected its vjp to return a float64 tensor of shape/, (_, ct) => sum(ct)],
    ["the dtype", /expected its vjp to return a float32 tensor/, (_, ct) => ct.astype("float64")],
  ])("%s", (_name, says, vjp) => {
    const report = checkOp(identity("broken", vjp));
    expect(report.ok).toBe(false);
    expect(report.problems.join("\n")).toMatch(says);
    expect(report.toString()).toMatch(/^checkOp: promises are broken/);
  }); // prettier-ignore

  test("an operator that takes no shape tried", () => {
    expect(checkOp(cholesky).problems).toEqual([expect.stringContaining("pass shapes")]);
  });
});

test("options that make no sense are refused", () => {
  expect(() => checkOp("tanh" as never)).toThrow("checkOp: expected an operator");
  expect(() => checkOp(tanh, { arity: 0 })).toThrow("checkOp: expected arity to be an integer from 1, got 0");
  expect(() => checkOp(tanh, { domain: { min: 1, max: 0 } })).toThrow("checkOp: expected a domain");
  expect(() => checkOp(tanh, { shape: [] } as never)).toThrow('checkOp: unknown option "shape"');
});
