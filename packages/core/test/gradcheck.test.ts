/** What a gradient check says, on functions that are right, wrong, kinked, or no functions at all. */
import { describe, expect, test } from "vitest";
import {
  GradientError,
  noGrad,
  random,
  setDefaultDtype,
  tensor,
  where,
  withDefaultDtype,
  type Tensor,
} from "@cotangent/core";
import { assertGradients, gradcheck, type GradientReport } from "@cotangent/core/check";
import { mapKernel } from "../src/kernel.js";
import { apply, type Primitive } from "../src/primitive.js";

const doubled: Primitive = {
  name: "doubled",
  kernel: mapKernel((s, x) => s.tanh(x!)),
  shape: null,
  dtype: null,
  vjp: (_, ct, _x, y) => ct.mul(2).mul(y.square().rsub(1)),
  jvp: "scalar",
};
const wrong = (x: Tensor): Tensor => apply(doubled, [x], undefined);

describe.each(["fast", "full"] as const)("%s mode", (mode) => {
  test("right gradients pass, to order 2, over trees and numbers", () => {
    const f = (p: { w: Tensor; b: Tensor[] }, c: Tensor): Tensor => p.w.matmul(p.w).add(p.b[0]!).tanh().mul(c);
    const report = gradcheck(f, [{ w: tensor([[1, 2], [3, -4]]).mul(0.25), b: [tensor([0.5, -0.5])] }, 3], { mode, order: 2 }); // prettier-ignore
    expect(report.ok, report.toString()).toBe(true);
    expect([report.failures, report.kinks, report.elements, report.mode]).toEqual([[], [], 7, mode]);
  });

  test("a wrong rule: operator, line, input, index, both numbers with a bar", () => {
    const x = tensor([[0.25, -1], [0.5, 2]]); // prettier-ignore
    const report = gradcheck((a: Tensor, b: Tensor) => wrong(a.mul(b)).sum(), [tensor([1, 1]), x], { mode });
    expect(report.ok).toBe(false);
    const { op, line, input, index, analytic, numeric, errorBar, verdict } = report.failures.at(-1)!;
    expect([op, input, verdict]).toEqual(["doubled", "inputs[1]", "reverse"]);
    expect(line).toMatch(/gradcheck\.test\.ts:\d+:\d+$/);
    // The element where the slope is steepest.
    expect(index).toEqual([0, 0]);
    expect(numeric).toBeCloseTo(1 - Math.tanh(0.25) ** 2, 9);
    expect(analytic).toBeCloseTo(2 * numeric, 9);
    expect(errorBar).toBeLessThan(1e-9);
    expect(report.culprits[0]!.shapes).toEqual([[2, 2]]);
    expect(report.toString()).toMatch(
      /^gradcheck: the gradients are wrong .*\nwrong operator: doubled, called at .*:\d+/,
    );
  });

  test("the numbers of an output with several elements are those of one of them", () => {
    const { failures } = gradcheck(wrong, [tensor([0.25, 1])], { mode });
    expect(failures.map(({ output, index }) => [output, index])).toEqual([[0, [0]]]);
    expect(failures[0]!.numeric).toBeCloseTo(1 - Math.tanh(0.25) ** 2, 9);
  });

  test("a value taken out of the graph: every operator passes, and that is said", () => {
    const report = gradcheck((x) => x.mul(noGrad(() => x.exp())).sum(), [tensor([1, 2])], { mode });
    expect([report.ok, report.culprits.length, report.failures[0]!.op]).toEqual([false, 0, null]);
    expect(report.toString()).toContain("no single operator is to blame");
  });

  test("any slope between those of the two sides passes, and the kink is listed", () => {
    const report = gradcheck((x) => x.relu().sum(), [tensor([0, 2])], { mode });
    expect(report.ok, report.toString()).toBe(true);
    expect(report.kinks.map(({ op, input, index, analytic }) => [op, input, index, analytic])).toEqual([
      ["relu", "inputs[0]", [0], 0],
    ]);
    const [kink] = report.kinks;
    expect([kink!.left, kink!.right].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([0, 1]);
  });

  test("what is no subgradient fails at the kink", () => {
    const shifted: Primitive = {
      ...doubled,
      name: "shifted",
      kernel: mapKernel((s, x) => s.select(s.less(s.constant(0), x!), x!, s.constant(0))),
      vjp: (_, ct, [x]) => where(x!.equal(0), ct.mul(1.5), where(x!.greater(0), ct, 0)),
    };
    expect(gradcheck((x) => apply(shifted, [x], undefined).sum(), [tensor([0, 2])], { mode }).ok).toBe(false);
  });
});

test("thousands of kinks on the way do not drown the slopes", () => {
  const x = random(1).normal([200, 20]);
  const w = random(2).normal([20, 50]);
  const report = gradcheck((a, b) => a.matmul(b).relu().matmul(b.transpose()).abs().sum(), [x, w]);
  expect(report.ok, report.toString()).toBe(true);
  expect(report.kinks).toEqual([]);
  expect(report.evaluations).toBeLessThanOrEqual(40);
});

test("wrong in one element of many is found, and its index", () => {
  const mask = tensor(
    Float64Array.from({ length: 5000 }, (_, i) => (i === 4321 ? 0.999 : 1)),
    { shape: [50, 100] },
  );
  const bent: Primitive = { ...doubled, name: "bent", vjp: (_, ct, _x, y) => ct.mul(mask).mul(y.square().rsub(1)) };
  const { failures } = gradcheck((x) => apply(bent, [x], undefined).sum(), [random(1).normal([50, 100])]);
  expect([failures[0]!.op, failures[0]!.index]).toEqual(["bent", [43, 21]]);
});

test("float64 whatever the default is; float32 inputs are converted, and nothing is changed", () => {
  const x = tensor([0.5, 1], { dtype: "float32" });
  const seen: string[] = [];
  const f = (y: Tensor): Tensor => {
    seen.push(y.dtype, tensor([1]).dtype);
    return y.tanh();
  };
  expect(withDefaultDtype("float32", () => gradcheck(f, [x]).ok)).toBe(true);
  expect([...new Set(seen)]).toEqual(["float64"]);
  expect(x.dtype).toBe("float32");
  setDefaultDtype("float64");
});

test("a function that computes in float32 passes with wider bars, and a note", () => {
  const report = gradcheck((x) => x.astype("float32").tanh().sum(), [tensor([0.5, 1])]);
  expect(report.ok, report.toString()).toBe(true);
  expect(report.notes.join()).toContain("float32");
});

test("inputs that are no floats are passed on, unconnected ones named", () => {
  const report = gradcheck((x, i, u) => x.take(i).add(u.mul(0).shape.length), [tensor([1, 2, 3]), tensor([2, 0], { dtype: "int32" }), tensor([1])]); // prettier-ignore
  expect([report.ok, report.unconnected]).toEqual([true, ["inputs[2]"]]);
});

test("an impure function is found out", () => {
  let count = 0;
  const report = gradcheck((x) => x.mul(count++), [tensor([1, 2])]);
  expect([report.ok, report.problems.length]).toEqual([false, 1]);
  expect(report.problems[0]).toMatch(/two evaluations at the same inputs differ/);
});

test("a rule of the wrong shape is named", () => {
  const lost: Primitive = { ...doubled, name: "lost", vjp: (_, ct) => ct.sum() };
  const { ok, culprits } = gradcheck((x) => apply(lost, [x], undefined).sum(), [tensor([1, 2])]);
  expect([ok, culprits[0]!.op]).toEqual([false, "lost"]);
  expect(culprits[0]!.message).toMatch(/^lost: expected its vjp to return/);
});

/** The identity, whose rule is wrong by a factor. */
const off: Primitive = {
  ...doubled,
  name: "off",
  kernel: mapKernel((s, x) => s.mul(s.constant(1), x!)),
  vjp: (_, ct) => ct.mul(1.001),
};

test.each<[string, (x: Tensor) => Tensor, number]>([
  ["a large square", (x) => x.square(), 1e6],
  ["a logarithm near 0", (x) => x.log(), 1e-6],
  ["a fast oscillation", (x) => x.mul(1e3).sin(), 0.7],
  ["a large exponential", (x) => x.exp(), 50],
  ["a pole nearby", (x) => x.reciprocal(), 1e-4],
  ["a tiny slope", (x) => x.mul(1e-9).tanh(), 3],
  ["a small change of a large value", (x) => x.add(1e6).square(), 0.5],
])("%s: right passes, a thousandth too much does not", (_name, f, x) => {
  for (const mode of ["fast", "full"] as const) {
    const right = gradcheck(f, [tensor([x])], { mode });
    expect(right.ok, right.toString()).toBe(true);
    const { ok, culprits } = gradcheck((t: Tensor) => apply(off, [f(t)], undefined), [tensor([x])], { mode });
    expect([ok, culprits[0]?.op]).toEqual([false, "off"]);
  }
});

test("digits lost inside of the function widen the bar", () => {
  // 1 - tanh² loses its digits far out, and differences of it more.
  for (let seed = 0; seed < 40; seed++) {
    const report = gradcheck((x, y) => x.mul(y).tanh(), [tensor([-2]), tensor(2.5 + seed / 8)], { order: 2, seed });
    expect(report.ok, report.toString()).toBe(true);
  }
});

test("reports are plain data on request, and the same for the same seed", () => {
  const report = gradcheck(wrong, [tensor([1])], { seed: 7 });
  const data = report.toJSON();
  expect(JSON.parse(JSON.stringify(report))).toEqual(data);
  expect([data.ok, data.failures[0]!.op, data.seed]).toEqual([false, "doubled", 7]);
  expect(gradcheck(wrong, [tensor([1])], { seed: 7 }).toJSON()).toEqual(data);
});

test("assertGradients throws the report", () => {
  let caught: (Error & { report?: GradientReport }) | null = null;
  try {
    assertGradients(wrong, [tensor([1])]);
  } catch (error) {
    caught = error as Error;
  }
  expect(caught).toBeInstanceOf(GradientError);
  expect(caught!.message).toMatch(/^assertGradients: gradcheck: the gradients are wrong/);
  expect(caught!.report!.failures[0]!.op).toBe("doubled");
});

test.each<[string, RegExp, () => unknown]>([
  ["no function", /gradcheck: expected a function, got 3/, () => gradcheck(3 as never, [tensor(1)])],
  ["no list", /gradcheck: expected a list of arguments.*brackets/, () => gradcheck((x) => x, tensor(1) as never)],
  ["an unknown option", /unknown option "modes"/, () => gradcheck((x) => x, [tensor(1)], { modes: "full" } as never)],
  ["an unknown mode", /expected mode "fast" or "full", got/, () => gradcheck((x) => x, [1], { mode: "slow" as never })],
  ["order 3", /expected order 1 or 2, got 3/, () => gradcheck((x) => x, [1], { order: 3 as never })],
  ["no floats", /expected float inputs/, () => gradcheck((x) => x, [tensor([1], { dtype: "int32" })])],
  ["a number out", /return a tensor, got 1/, () => gradcheck((x) => x.item() as never, [1])],
  ["an int output", /expected a float output, got int32/, () => gradcheck((x) => x.argmax(), [tensor([1, 2])])],
  ["text in a tree", /inputs|"\[0\]\.a"/, () => gradcheck((x) => x, [{ a: "text" }] as never)],
])("%s is refused", (_name, says, run) => expect(run).toThrow(says)); // prettier-ignore
