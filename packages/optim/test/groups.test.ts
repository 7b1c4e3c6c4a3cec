/** Groups by path and frozen parameters: against plain loops with options of each element's own, and what they refuse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, grad, leavesOf, ShapeError, tensor, valueAndGrad, type Tensor } from "@cotangent/core";
import * as optim from "@cotangent/optim";
import { freeze, groups, lbfgs, sgd, type Group, type LearningRate, type Optimizer } from "@cotangent/optim";
import { elements, make, networkProblem, rows } from "./problems.js";
import { network, ruleOf, type Given } from "./rules.js";

type Layers = ReturnType<typeof networkProblem.start>;
const gradientOf = grad<[Layers]>(networkProblem.cost);

/** The path of each of the network's elements. */
const pathOf = (i: number): string => (i < 6 ? "[0].weight" : i < 9 ? "[0].bias" : i < 12 ? "[1].weight" : "[1].bias");

/** Twenty steps beside plain loops, in which each element has the options that `optionsOf` says; `null`: none. */
function compare(
  name: string,
  optimizer: Optimizer<unknown>,
  optionsOf: (path: string, step: number) => Given | null,
): void {
  let params = networkProblem.start();
  let state = optimizer.init(params);
  let expected = [...network.start];
  const kept = expected.map((): Record<string, number> => ({}));
  for (let t = 1; t <= 20; t++) {
    ({ params, state } = optimizer.update(gradientOf(params), state, params));
    const g = network.gradient(expected);
    expected = expected.map((p, i) => {
      const given = optionsOf(pathOf(i), t - 1);
      return given === null ? p : ruleOf(name, given)(p, g[i]!, t, kept[i]!);
    });
    elements(params).forEach((p, i) => {
      const e = expected[i]!;
      expect(Math.abs(p - e), `step ${t}, element ${i}: ${p}, not ${e}`).toBeLessThanOrEqual(1e-10 * Math.abs(e));
    });
  }
  const moved = elements(params).map((p, i) => p !== network.start[i]);
  expect(moved).toEqual(network.start.map((_, i) => optionsOf(pathOf(i), 0) !== null));
}

interface Common {
  readonly learningRate?: LearningRate | number | boolean;
  readonly weightDecay?: number | boolean;
}
const makerOf = (name: keyof typeof optim): ((options: Common) => Optimizer<unknown>) => optim[name] as never;

describe.each(rows)("groups of %s", (_title, name, given) => {
  test("are plain loops with options of each element's own", () => {
    const falling = (step: number): number => 0.05 / (1 + step);
    const optimizer = groups(makerOf(name), given, [
      { match: "[0].bias", frozen: true },
      { match: "*.bias", weightDecay: 0.3, learningRate: 0.01 },
      { match: ["[1].**"], learningRate: falling },
    ]);
    compare(name, optimizer, (path, step) => {
      if (path === "[0].bias") return null;
      if (path === "[1].bias") return { ...given, weightDecay: 0.3, learningRate: 0.01 };
      return path === "[1].weight" ? { ...given, learningRate: falling(step) } : given;
    });
  });

  test("none are the optimiser itself, bit for bit, and freezing is leaving out", () => {
    const step = (optimizer: Optimizer<unknown>): number[] => {
      let params = networkProblem.start();
      let state = optimizer.init(params);
      for (let i = 0; i < 3; i++) ({ params, state } = optimizer.update(gradientOf(params), state, params));
      return elements(params);
    };
    const plain = make(name, given) as Optimizer<unknown>;
    expect(step(groups(makerOf(name), given, []))).toEqual(step(plain));
    compare(name, freeze(plain, ["[0].*", "**.bias"]), (path) => (path === "[1].weight" ? given : null));
  });
});

describe("frozen parameters", () => {
  const params = { encoder: [{ w: tensor([1]) }, { w: tensor([2]) }], head: tensor([3]) };
  const momentum = { learningRate: 1, momentum: 0.5 };

  test.each([
    ["in groups", groups(sgd, momentum, [{ match: "encoder.**", frozen: true }])],
    ["by freeze", freeze(sgd(momentum), "encoder.**")],
  ])("%s come back as the same tensors, and the state keeps nothing for them", (_how, optimizer) => {
    const start = (optimizer as Optimizer<object>).init(params);
    const { params: next, state } = (optimizer as Optimizer<object>).update(params, start, params);
    expect(next.encoder[0]!.w).toBe(params.encoder[0]!.w);
    expect(next.encoder[1]!.w).toBe(params.encoder[1]!.w);
    expect(elements(next)).toEqual([1, 2, 0]);
    const slots = leavesOf(state)
      .map(({ path }) => path)
      .filter((path) => path.includes("velocity"));
    expect(slots).toEqual([slots[0]]);
    expect(slots[0]).toMatch(/velocity\.head$/);
  });

  test("bear lbfgs, which then minimises over the others", () => {
    const at = valueAndGrad((p: { a: Tensor; b: { c: Tensor } }) => p.a.sub(p.b.c).square().add(p.b.c.square()).sum());
    const objective = (p: { a: Tensor; b: { c: Tensor } }): { value: Tensor; gradients: typeof p } => {
      const [value, gradients] = at(p);
      return { value, gradients };
    };
    const start = { a: tensor([5]), b: { c: tensor([2]) } };
    const optimizer = freeze(lbfgs({ lineSearch: "strongWolfe" }), "b.*");
    const { gradients } = objective(start);
    const { params } = optimizer.update(gradients, optimizer.init(start), start, { objective });
    expect(params.b.c).toBe(start.b.c);
    expect(params.a.item()).toBeCloseTo(2, 6);
  });

  test("may be all there are", () => {
    const optimizer = groups(sgd, { learningRate: 1 }, [{ match: "**", frozen: true }]);
    const { params: next, state } = optimizer.update(params, optimizer.init(params), params);
    expect(leavesOf(next).map(({ leaf }) => leaf)).toEqual(leavesOf(params).map(({ leaf }) => leaf));
    expect(state.step.item()).toBe(1);
  });
});

test("the rate of one update is for groups without a rate of their own", () => {
  const optimizer = groups(sgd, { learningRate: 1 }, [
    { match: "b", learningRate: 0.5 },
    { match: "c", momentum: 0.9 },
  ]);
  const params = { a: tensor(0), b: tensor(0), c: tensor(0) };
  const gradients = { a: tensor(-1), b: tensor(-1), c: tensor(-1) };
  const { params: next } = optimizer.update(gradients, optimizer.init(params), params, { learningRate: 3 });
  expect(elements(next)).toEqual([3, 0.5, 3]);
});

test("an option that is undefined is the common one", () => {
  const optimizer = groups(sgd, { learningRate: 1, momentum: 0.5 }, [
    { match: "a", momentum: undefined, frozen: undefined },
  ]);
  const start = { a: tensor(0), b: tensor(0) };
  let [params, state] = [start, optimizer.init(start)];
  for (let i = 0; i < 3; i++) ({ params, state } = optimizer.update({ a: tensor(-1), b: tensor(-1) }, state, params));
  expect(elements(params)).toEqual([4.25, 4.25]);
});

describe("patterns", () => {
  const names = fc.constantFrom("a", "b", "ab", "layer1");
  const path = fc.array(fc.oneof(names, fc.nat(3)), { minLength: 1, maxLength: 5 });
  const written = (segments: readonly (string | number)[]): string =>
    segments.reduce<string>(
      (text, each) => (typeof each === "number" ? `${text}[${each}]` : text === "" ? each : `${text}.${each}`),
      "",
    );
  /** A tree with one leaf, at the path. */
  const treeOf = (segments: readonly (string | number)[]): unknown =>
    segments.reduceRight<unknown>(
      (tree, each) => (typeof each === "number" ? [...Array.from({ length: each }, () => []), tree] : { [each]: tree }),
      tensor(0),
    );
  const matches = (pattern: string, segments: readonly (string | number)[]): boolean => {
    try {
      freeze(sgd({ learningRate: 1 }), pattern).init(treeOf(segments));
      return true;
    } catch (error) {
      expect((error as Error).message).toMatch(/^freeze.init: expected a pattern that matches a parameter, got/);
      return false;
    }
  };
  /** By taking every way: exponential, and plain. */
  const plain = (pattern: readonly (string | number)[], segments: readonly (string | number)[]): boolean => {
    const [first, ...rest] = pattern;
    if (first === undefined) return segments.length === 0;
    if (first === "**") return plain(rest, segments) || (segments.length > 0 && plain(pattern, segments.slice(1)));
    if (segments.length === 0) return false;
    const text = String(segments[0]);
    const fits =
      first === "*" || first === segments[0] || (first === "a*" && text.startsWith("a")) || (first === "*1" && text.endsWith("1")); // prettier-ignore
    return fits && plain(rest, segments.slice(1));
  };

  test("mean what trying every way says", () => {
    const segment = fc.oneof(names, fc.nat(3), fc.constantFrom("*", "**", "a*", "*1"));
    fc.assert(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 5 }), path, (pattern, segments) => {
        expect(matches(written(pattern), segments)).toBe(plain(pattern, segments));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["layers[*].bias", ["layers", 0, "bias"], true],
    ["layers.*.bias", ["layers", 12, "bias"], true],
    ["layers.1.bias", ["layers", 1, "bias"], true],
    ["encoder.**", ["encoder"], true],
    ["a.c", ["abc"], false],
    ["a+", ["aa"], false],
    ["(a|b)", ["a"], false],
  ])("%s and %j: %s", (pattern, segments, says) => {
    expect(matches(pattern, segments)).toBe(says);
  });

  test("of many stars do not take for ever", () => {
    const deep = Array.from({ length: 200 }, () => "a");
    expect(matches(`${"**.a.".repeat(100)}b`, deep)).toBe(false);
  });
});

const params = { w: tensor([1, 2]), b: [tensor(1)] };
const run = (list: readonly unknown[]): unknown =>
  groups(sgd, { learningRate: 1 }, list as Group<object>[]).init(params);
const good = groups(sgd, { learningRate: 1 }, [{ match: "w", momentum: 0.5 }]);
const state = good.init(params);

test.each<[RegExp, () => unknown]>([
  [/^groups: expected a function that makes an optimizer/, () => groups(sgd({ learningRate: 1 }) as never, {}, [])],
  [/^groups: expected an optimizer such as sgd.*, got 3/, () => groups((() => 3) as never, {}, [])],
  [/^groups: expected an optimizer that treats every parameter by itself, got lbfgs; freeze/, () => groups(lbfgs as never, {}, [])],
  [/^sgd: expected the option learningRate/, () => groups(sgd, {} as never, [])],
  [/^groups: expected a list of groups.*, got undefined/, () => groups(sgd, { learningRate: 1 }, undefined as never)],
  [/^groups: expected a group such as .*, got null/, () => run([null])],
  [/^groups: expected a pattern of paths .*, got undefined/, () => run([{ weightDecay: 1 }])],
  [/^groups: expected a pattern of paths .*, got 3/, () => run([{ match: ["w", 3] }])],
  [/^groups: expected a pattern of paths .*, got an empty list/, () => run([{ match: [] }])],
  [/^groups: for "w", sgd: unknown option "weightdecay"/, () => run([{ match: "w", weightdecay: 1 }])],
  [/^groups: for "w", sgd: expected a learningRate .* got -1/, () => run([{ match: "w", learningRate: -1 }])],
  [/^groups: expected frozen: true by itself for "w", got frozen: true with momentum/, () => run([{ match: "w", frozen: true, momentum: 1 }])],
  [/^groups: expected frozen: true by itself for "w", got frozen: false/, () => run([{ match: "w", frozen: false }])],
  [/^groups.init: expected a pattern that matches a parameter, got "\*.bias"; there is "w", "b\[0\]"/, () => run([{ match: "*.bias", frozen: true }])],
  [/^groups.init: .* got "v"; there are none/, () => groups(sgd, { learningRate: 1 }, [{ match: "v" }]).init({})],
  [/^groups.init: expected a group of parameters that no group before it has, got "w"; put the narrower/, () => run([{ match: "*" }, { match: "w" }])],
  [/^groups.init: expected parameters of different paths, got "a.b" twice/, () => good.init({ "a.b": 1, a: { b: 2 } })],
  [/^groups.init: expected a tensor.* at "w", got the string/, () => good.init({ w: "1" })],
  [/^groups.update: expected a state that init or update gave, got undefined/, () => good.update(params, {} as never, params)],
  [/^groups.update: expected a state of 2 groups, got an array of length 0/, () => good.update(params, { ...state, groups: [] }, params)],
  [/^groups.update: unknown option "rate"/, () => good.update(params, state, params, { rate: 1 } as never)],
  [/^groups.update: expected gradients .*, got none at "w", "b\[0\]"; one at "v", where the parameters have none/, () => good.update({ v: tensor(1) } as never, state, params)],
  [/^freeze: expected an optimizer/, () => freeze(sgd as never, "w")],
  [/^freeze: expected a pattern/, () => freeze(good, undefined as never)],
  [/^freeze.init: .* got "v"; there is "w", "b\[0\]"/, () => freeze(good, ["w", "v"]).init(params)],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore

test("a gradient of another shape is named by its path", () => {
  const gradients = { ...params, w: tensor([1]) };
  for (const optimizer of [good, freeze(good, "b[0]")] as Optimizer<never>[]) {
    const update = (): unknown => optimizer.update(gradients, state as never, params);
    expect(update).toThrow(ShapeError);
    expect(update).toThrow(/\[1\] for a parameter of shape \[2\] at "w"/);
  }
});
