/** Where a verdict is hard: kinks that nobody announces, cancelling terms, fast functions, tiny derivatives. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cbrt, defineOp, inverse, mul, random, relu, tensor, type Tensor } from "@cotangent/core";
import { assertGradients, gradcheck } from "@cotangent/core/check";
import { mapKernel } from "../src/kernel.js";
import { apply, type Primitive } from "../src/primitive.js";

const modes = ["fast", "full"] as const;

const raw = (x: Tensor, each: (v: number) => number): Tensor =>
  tensor(x.toTypedArray().map(each), { shape: x.shape, dtype: x.dtype });

/** The identity, with another factor in reverse mode. */
const off = (factor: number, name = "off"): ((x: Tensor) => Tensor) => {
  const primitive: Primitive = {
    name,
    kernel: mapKernel((s, x) => s.mul(s.constant(1), x!)),
    shape: null,
    dtype: null,
    vjp: (_, ct) => ct.mul(factor),
    jvp: "scalar",
  };
  return (x) => apply(primitive, [x], undefined);
};

describe("cancelling terms are no fault", () => {
  const standardised = (x: Tensor): Tensor => {
    const centred = x.sub(x.mean());
    return centred.div(centred.square().mean().sqrt());
  };
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, number[], number])[] = [
    ["shares of a whole", (x) => x.div(x.sum()).sum(), [4], 1],
    ["shares of a small whole", (x) => x.div(x.sum()).sum(), [4], 1e-6],
    ["standardisation", standardised, [6], 1e-4],
    ["a sum of what is standardised", (x) => standardised(x).square().sum(), [6], 1e-4],
    ["an inverse times itself", (x) => inverse(x).matmul(x).sum(), [3, 3], 1],
    ["softmax", (x) => x.softmax().sum(), [5], 1],
  ];
  test.each(cases)("%s", (_name, f, shape, scale) => {
    for (const order of [1, 2] as const)
      for (const mode of modes)
        for (let seed = 0; seed < 12; seed++) {
          const x = random(seed).uniform(shape, { low: 0.2, high: 2 }).mul(scale);
          const report = gradcheck(f, [x], { mode, order, seed });
          expect(report.ok, `${seed}: ${report.toString()}`).toBe(true);
        }
  });

  test.each(["square", "exp", "tanh", "sin", "reciprocal", "log", "sqrt"] as const)("order 2 of %s at 1e-2", (name) => {
    for (const scale of [1, 1e-2, 1e-4])
      for (let seed = 0; seed < 10; seed++) {
        const x = random(seed).uniform([3], { low: 0.2, high: 2 }).mul(scale);
        const report = gradcheck((t) => t[name]().mul(t), [x], { order: 2, seed });
        expect(report.ok, report.toString()).toBe(true);
      }
  });

  test("what is wrong beside them still is", () => {
    const wrong = off(1.001);
    const f = (x: Tensor): Tensor =>
      x
        .div(wrong(x.sum()))
        .mul(tensor([1, 2, 1, 1]))
        .sum();
    const { ok, culprits } = gradcheck(f, [random(1).uniform([4], { low: 0.2, high: 2 })]);
    expect([ok, culprits[0]?.op]).toEqual([false, "off"]);
  });
});

describe("functions faster than the usual steps", () => {
  const cases: readonly (readonly [string, (x: Tensor) => Tensor, number])[] = [
    ["reciprocal", (x) => x.reciprocal(), 1e-6],
    ["reciprocal, closer", (x) => x.reciprocal(), -1e-9],
    ["pow(-2)", (x) => x.pow(-2), 1e-5],
    ["a sine of large numbers", (x) => x.sin(), 1e8],
    ["a fast sine", (x) => x.mul(1e8).sin(), 0.7],
    ["sqrt", (x) => x.sqrt(), 1e-12],
    ["log", (x) => x.log(), 1e-12],
    ["cbrt", (x) => cbrt(x), 1e-9],
    ["rsqrt", (x) => x.rsqrt(), 1e-10],
    ["log1p at the edge", (x) => x.log1p(), -1 + 1e-9],
    ["acos at the edge", (x) => x.acos(), 1 - 1e-8],
  ];
  test.each(cases)("%s: judged, and no kink", (_name, f, x) => {
    for (const mode of modes) {
      const right = gradcheck(f, [tensor([x])], { mode });
      expect([right.ok, right.kinks, right.undecided], right.toString()).toEqual([true, [], []]);
      const wrong = off(1.01);
      const report = gradcheck((t: Tensor) => wrong(f(t)), [tensor([x])], { mode });
      expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "off"]);
    }
  });

  test.each([
    ["a vertical tangent", (x: Tensor) => cbrt(x), 0],
    ["the edge of a root", (x: Tensor) => x.sqrt(), 0],
    ["more phase than numbers have digits", (x: Tensor) => x.mul(1e20).sin(), 0.7],
    ["a slope far below the digits of the value", (x: Tensor) => x.mul(1e-20).add(1), 0.7],
  ])("%s is undecided, and that is said", (_name, f, x) => {
    const report = gradcheck(f, [tensor([x])], { mode: "full" });
    expect([report.ok, report.undecided.map(({ input, index }) => [input, index])], report.toString()).toEqual([
      true,
      [["inputs[0]", [0]]],
    ]);
    expect(report.toString()).toContain("undecided: ");
    expect(report.toString()).toMatch(/^gradcheck: nothing found wrong/);
  });

  test("assertGradients does not pass what could not be judged at all", () => {
    expect(() => assertGradients((x) => x.mul(1e20).sin(), [tensor([0.7])])).toThrow(/nothing could be judged/);
    const partly = (x: Tensor, y: Tensor): Tensor => x.mul(1e-20).add(y);
    expect(assertGradients(partly, [tensor(0.7), tensor(1)], { mode: "full" }).undecided).toHaveLength(1);
  });
});

describe("kinks that no operator announces", () => {
  const rampedRaw = defineOp({
    name: "ramp",
    forward: (x: Tensor) => raw(x, (v) => Math.max(v, 0)),
    vjp: (ct, [x]) => [ct.mul(x.greater(0).astype(x.dtype))],
    jvp: ([t], [x]) => t.mul(x.greater(0).astype(x.dtype)),
  });
  const half = defineOp({
    name: "half",
    forward: (x: Tensor) => raw(x, Math.abs),
    vjp: (ct, [x]) => [ct.mul(x.sign()).add(ct.mul(x.equal(0).astype(x.dtype)).mul(1.5))],
    jvp: ([t], [x]) => t.mul(x.sign()).add(t.mul(x.equal(0).astype(x.dtype)).mul(1.5)),
  });

  test.each(modes)("inside of a raw kernel, %s mode", (mode) => {
    for (const values of [[0], [0, 2], [0, 0, -1], [0, 1, 0, 2, 0]]) {
      const report = gradcheck((x: Tensor) => rampedRaw(x).sum(), [tensor(values)], { mode });
      expect(report.ok, report.toString()).toBe(true);
      expect(report.kinks.length).toBeGreaterThan(0);
    }
    const [kink] = gradcheck((x: Tensor) => rampedRaw(x).sum(), [tensor([0, 2])], { mode }).kinks;
    expect([kink!.input, kink!.index, Math.round(kink!.left), Math.round(kink!.right)]).toEqual(["inputs[0]", [0], 0, 1]); // prettier-ignore
  });

  test.each(modes)("of many elements, %s mode", (mode) => {
    const x = tensor(Float64Array.from({ length: 100 }, (_, i) => (i % 3) - 1));
    const report = gradcheck((t: Tensor) => rampedRaw(t).mul(rampedRaw(t.neg()).add(1)).sum(), [x], { mode });
    expect(report.ok, report.toString()).toBe(true);
  });

  test.each(modes)("behind a branch of JavaScript, %s mode", (mode) => {
    const f = (x: Tensor): Tensor => (x.item() > 0 ? x.mul(3) : x.mul(-1));
    const report = gradcheck(f, [tensor(0)], { mode });
    expect([report.ok, report.kinks.length], report.toString()).toEqual([true, 1]);
    expect([Math.round(report.kinks[0]!.left), Math.round(report.kinks[0]!.right)]).toEqual([-1, 3]);
  });

  test.each(modes)("what is no subgradient fails there too, %s mode", (mode) => {
    const report = gradcheck((x: Tensor) => half(x).sum(), [tensor([0, 2])], { mode });
    expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "half"]);
  });

  test("close to a raw kink, but beside it, nothing is accepted that is wrong", () => {
    const wrong = defineOp({
      ...rampedRaw.definition,
      name: "wrong",
      vjp: (ct) => [ct.mul(0.5)],
      jvp: ([t]) => t.mul(0.5),
    });
    for (const x of [1e-3, 1e-5, -1e-5]) {
      expect(gradcheck(rampedRaw, [tensor([x])], { mode: "full" }).ok).toBe(true);
      expect(gradcheck(wrong, [tensor([x])], { mode: "full" }).ok).toBe(false);
    }
  });

  test.each(modes)("kinks of the gradient are listed at order 2, %s mode", (mode) => {
    const report = gradcheck((x) => relu(x).square().sum(), [tensor([0, 2])], { order: 2, mode });
    expect(report.ok, report.toString()).toBe(true);
    expect(report.kinks.map(({ op, index, order }) => [op, index, order])).toEqual([["relu", [0], 2]]);
  });

  test("none is listed where only the domain ends nearby", () => {
    for (const x of [1e-3, 1e-6, 1e-9, 1e-12])
      for (const name of ["log", "sqrt", "rsqrt"] as const)
        for (const mode of modes) {
          const report = gradcheck((t) => t[name]().sum(), [tensor([x, 1])], { mode });
          expect([report.ok, report.kinks, report.undecided], report.toString()).toEqual([true, [], []]);
        }
  });
});

describe("tiny derivatives", () => {
  /** Contracts by 1/3 a layer, so that 40 layers leave 1e-19 of the input. */
  const deep =
    (layers: number, at: number, wrong: (x: Tensor) => Tensor) =>
    (x: Tensor): Tensor => {
      let y = x;
      for (let i = 0; i < layers; i++) {
        y = y.mul(0.3).add(0.5).sin();
        if (i === at) y = wrong(y);
      }
      return y.sum();
    };
  test.each([10, 40, 80])("a rule twice too large is found in %i layers", (layers) => {
    for (const mode of modes) {
      const right = gradcheck(deep(layers, 5, off(1)), [tensor([0.5, -1])], { mode });
      expect(right.ok, right.toString()).toBe(true);
      const { ok, culprits } = gradcheck(deep(layers, 5, off(2)), [tensor([0.5, -1])], { mode });
      expect([ok, culprits[0]?.op, culprits[0]?.verdict]).toEqual([false, "off", "reverse"]);
    }
  });

  test("without forward mode, node by node", () => {
    const twice = defineOp({ name: "twice", forward: (x: Tensor) => x, vjp: (ct) => [ct.mul(2)] });
    const { ok, culprits } = gradcheck(deep(40, 5, twice), [tensor([0.5, -1])]);
    expect([ok, culprits[0]?.op]).toEqual([false, "twice"]);
  });
});

describe("no rule for forward mode", () => {
  const bump = defineOp({
    name: "bump",
    forward: (x: Tensor) => x.square().neg().exp(),
    vjp: (ct, [x], y) => [ct.mul(x).mul(y).mul(-2)],
  });
  const dent = defineOp({ ...bump.definition, name: "dent", vjp: (ct, [x], y) => [ct.mul(x).mul(y).mul(-2.01)] });
  const lame: Primitive = {
    name: "lame",
    kernel: { kind: "routine", run: ([x], _s, _p, y) => x!.forEach((v, i) => (y[i] = 3 * v)) },
    shape: null,
    dtype: null,
    vjp: (_, ct) => mul(ct, 3),
    jvp: ([t]) => mul(t!, 2),
  };

  test.each(modes)("a note, not a failure, %s mode", (mode) => {
    for (const order of [1, 2] as const) {
      const report = gradcheck((x: Tensor) => bump(x.sin()).sum(), [tensor([0.5, -1])], { mode, order });
      expect([report.ok, report.undecided], report.toString()).toEqual([true, []]);
      expect(report.notes.join("\n")).toContain("forward mode was not compared: bump: expected a rule");
    }
  });

  test.each(modes)("wrong rules are found and named all the same, %s mode", (mode) => {
    const wrong = gradcheck((x: Tensor) => dent(x.sin()).sum(), [tensor([0.5, -1])], { mode });
    expect([wrong.ok, wrong.culprits.map(({ op }) => op)], wrong.toString()).toEqual([false, ["dent"]]);
    expect(wrong.failures[0]!.numeric).not.toBeNaN();
    const other = gradcheck((x: Tensor) => off(1.5)(bump(x)).sum(), [tensor([0.5, -1])], { mode });
    expect(other.culprits.map(({ op }) => op)).toEqual(["off"]);
  });

  test("a wrong rule for forward mode of another operator is not masked", () => {
    const report = gradcheck((x: Tensor) => bump(apply(lame, [x], undefined)).sum(), [tensor([0.5, -0.2])]);
    expect(report.culprits.map(({ op, verdict }) => [op, verdict])).toEqual([["lame", "forward"]]);
  });
});

describe("rules that remember", () => {
  const remembering = (save: (x: Tensor) => Tensor) => {
    const op = defineOp({
      name: "stale",
      forward: (x: Tensor) => x.square(),
      vjp: (ct, [x]) => [ct.mul(save(x)).mul(2)],
      jvp: ([t], [x]) => t.mul(x).mul(2),
    });
    return (x: Tensor): Tensor => op(x.sin()).sum();
  };

  test.each(modes)("a value saved at the first call, %s mode", (mode) => {
    let saved: Tensor | null = null;
    const report = gradcheck(remembering((x) => (saved ??= x)), [tensor([0.5, -1])], { mode }); // prettier-ignore
    expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "stale"]);
    expect(report.culprits[0]!.line).toMatch(/gradcheck\.verdict\.test\.ts:\d+/);
  });

  test.each(modes)("a value saved without forward mode, %s mode", (mode) => {
    let saved: Tensor | null = null;
    const op = defineOp({
      name: "stale",
      forward: (x: Tensor) => x.square(),
      vjp: (ct, [x]) => [ct.mul((saved ??= x)).mul(2)],
    });
    const report = gradcheck((x: Tensor) => op(x), [tensor([0, -1])], { mode });
    expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "stale"]);
  });

  test.each(modes)("a rule that is another one from its second call on, %s mode", (mode) => {
    let calls = 0;
    const report = gradcheck(remembering((x) => (calls++ === 0 ? x : x.mul(1.5))), [tensor([0.5, -1])], { mode }); // prettier-ignore
    expect(report.ok, report.toString()).toBe(false);
    expect(report.toString()).toContain("stale");
  });

  test("a rule that gives something else every time, by less than differences see", () => {
    let calls = 0;
    const report = gradcheck(remembering((x) => x.mul(1 + 1e-14 * calls++)), [tensor([0.5, -1])]); // prettier-ignore
    expect(report.ok).toBe(false);
    expect(report.problems.join()).toMatch(
      /^stale, called at .*gradcheck\.verdict\.test\.ts:\d+:\d+, .*rule.*second time/,
    );
  });
});

describe("rules that throw", () => {
  const throwing = (thrown: () => unknown, mode: "vjp" | "jvp") =>
    defineOp({
      name: "breaks",
      forward: (x: Tensor) => x.square(),
      vjp: (ct, [x]) => [mode === "vjp" ? (thrown() as Tensor) : ct.mul(x).mul(2)],
      jvp: ([t], [x]) => (mode === "jvp" ? (thrown() as Tensor) : t.mul(x).mul(2)),
    });
  const cases = [
    ["a TypeError", () => (null as unknown as Tensor).mul(1), "TypeError: "],
    ["an operator that refuses", () => tensor([1, 2]).add(tensor([1, 2, 3])), "ShapeError: "],
    ["text", () => { throw "nonsense"; }, "nonsense"],  
  ] as const; // prettier-ignore
  test.each(cases)("%s: operator, line and message", (_name, thrown, says) => {
    for (const mode of ["vjp", "jvp"] as const)
      for (const order of [1, 2] as const) {
        const op = throwing(thrown, mode);
        const report = gradcheck((x: Tensor) => op(x.sin()).sum(), [tensor([0.5, -1])], { order });
        expect([report.ok, report.culprits[0]?.op], report.toString()).toEqual([false, "breaks"]);
        expect(report.culprits[0]!.line).toMatch(/gradcheck\.verdict\.test\.ts:\d+/);
        expect(report.culprits[0]!.message).toContain(says);
        expect(report.culprits[0]!.message).toContain(mode);
        expect(report.failures[0]!.op).toBe("breaks");
        expect(() => assertGradients((x: Tensor) => op(x), [tensor([0.5])])).toThrow(/assertGradients: .*wrong/);
      }
  });

  test("what the function itself throws at its own inputs is passed on", () => {
    expect(() => gradcheck(() => { throw new RangeError("mine"); }, [tensor([1])])).toThrow(/^mine$/); // prettier-ignore
  });

  test("what it throws at other points is taken as the end of its domain", () => {
    const f = (x: Tensor): Tensor => {
      if (x.min().item() < 1) throw new RangeError("below 1");
      return x.square().sum();
    };
    const report = gradcheck(f, [tensor([1 + 1e-6, 2])], { mode: "full" });
    expect([report.ok, report.kinks, report.undecided], report.toString()).toEqual([true, [], []]);
  });
});

test("over random affine chains at all scales, right passes and a percent too much does not", () => {
  const exponent = fc.integer({ min: -6, max: 6 });
  fc.assert(
    fc.property(exponent, exponent, fc.nat(), (a, b, seed) => {
      const x = random(seed)
        .uniform([3], { low: 0.5, high: 2 })
        .mul(10 ** a);
      const f = (t: Tensor): Tensor => t.mul(10 ** -a).sin().mul(10 ** b).sum(); // prettier-ignore
      expect(gradcheck(f, [x], { seed }).ok).toBe(true);
      const wrong = off(1.01);
      const report = gradcheck((t: Tensor) => f(wrong(t)), [x], { seed });
      expect([report.ok, report.culprits[0]?.op]).toEqual([false, "off"]);
    }),
    { numRuns: 60 },
  );
});
