/** L-BFGS: its minima, its formula in plain numbers, its line search, and what it refuses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  grad,
  NumericError,
  ShapeError,
  tensor,
  valueAndGrad,
  variable,
  type Tensor,
} from "@cotangent/core";
import { lbfgs, train, trainState, type Evaluation, type LbfgsOptions, type LbfgsState } from "@cotangent/optim";
import { strongWolfe, type Trial } from "../src/lineSearch.js";
import { elements, networkProblem, quadraticProblem } from "./problems.js";
import { quadratic } from "./rules.js";

type Point = { readonly x: Tensor };

const rosenbrock = ({ x }: Point): Tensor => {
  const [a, b] = [x.slice([[0, -1]]), x.slice([[1, x.size]])];
  return b.sub(a.square()).square().mul(100).add(a.rsub(1).square()).sum();
};

function objectiveOf<P>(cost: (params: P) => Tensor): (params: P) => Evaluation<P> {
  const both = valueAndGrad<[P]>(cost);
  return (params) => {
    const [value, gradients] = both(params as never);
    return { value: value as Tensor, gradients: gradients as P };
  };
}

function run<P>(options: LbfgsOptions, cost: (p: P) => Tensor, start: P, updates: number): { params: P; state: LbfgsState }[] {
  const [optimizer, objective] = [lbfgs(options), objectiveOf(cost)];
  const states = [{ params: start, state: optimizer.init(start) }];
  for (let i = 0; i < updates; i++) {
    const { params, state } = states.at(-1)!;
    states.push(optimizer.update(objective(params).gradients, state, params, { objective }));
  }
  return states;
} // prettier-ignore

describe("a minimum is reached", () => {
  test.each([2, 5, 10])("of Rosenbrock's valley in %i dimensions", (n) => {
    const start = { x: tensor(Array.from({ length: n }, (_, i) => (i % 2 === 0 ? -1.2 : 1))) };
    const options = { lineSearch: "strongWolfe", toleranceChange: 1e-20, maxIterations: 100 } as const;
    const { params } = run(options, rosenbrock, start, 2).at(-1)!;
    for (const x of elements(params)) expect(Math.abs(x - 1)).toBeLessThan(1e-7);
  });

  test("of a quadratic, in few steps", () => {
    const { params, state } = run({ lineSearch: "strongWolfe", toleranceChange: 1e-20 }, quadraticProblem.cost, quadraticProblem.start(), 1).at(-1)!; // prettier-ignore
    quadratic.gradient(elements(params)).forEach((g) => expect(Math.abs(g)).toBeLessThan(1e-6));
    expect(state.iterations.item()).toBeLessThan(15);
  });

  test("of a network's cost, by training steps too", () => {
    const optimizer = lbfgs({ lineSearch: "strongWolfe" });
    const options = { cost: (p: ReturnType<typeof networkProblem.start>) => networkProblem.cost(p), optimizer };
    let state = trainState({ params: networkProblem.start(), optimizer });
    for (let i = 0; i < 3; i++) state = train(state, null, options);
    expect(networkProblem.cost(state.params).item()).toBeLessThan(1e-9);
  });
});

/** The inverse Hessian's estimate as a matrix, by the formula of Broyden, Fletcher, Goldfarb and Shanno. */
function plainBfgs(rate: number, iterations: number, historySize: number): number[][] {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const times = (m: readonly number[][], v: readonly number[]): number[] => m.map((row) => dot(row, v));
  const pairs: [s: number[], y: number[]][] = [];
  let x = [...quadratic.start];
  let g = quadratic.gradient(x);
  return Array.from({ length: iterations }, (_, k) => {
    const [, newest] = pairs.at(-1) ?? [];
    const scale = newest === undefined ? 1 : dot(pairs.at(-1)![0], newest) / dot(newest, newest);
    let H = x.map((_x, i) => x.map((_y, j) => (i === j ? scale : 0)));
    for (const [s, y] of pairs) {
      const r = 1 / dot(s, y);
      const left = x.map((_x, i) => x.map((_y, j) => (i === j ? 1 : 0) - r * s[i]! * y[j]!));
      const half = left.map((row) => x.map((_x, j) => dot(row, H.map((each) => each[j]!)))); // left H
      H = half.map((row, i) => left.map((other, j) => dot(row, other) + r * s[i]! * s[j]!)); // left H leftᵀ + r s sᵀ
    }
    const length = k === 0 ? Math.min(1, 1 / g.reduce((sum, each) => sum + Math.abs(each), 0)) * rate : rate;
    const s = times(H, g).map((each) => -length * each);
    const next = x.map((each, i) => each + s[i]!);
    const gNext = quadratic.gradient(next);
    pairs.push([s, gNext.map((each, i) => each - g[i]!)]);
    if (pairs.length > historySize) pairs.shift();
    [x, g] = [next, gNext];
    return x;
  });
} // prettier-ignore

test.each([1, 2, 100])("without a line search it is BFGS with the latest %i pairs, over updates", (historySize) => {
  const options = { learningRate: 0.3, maxIterations: 2, maxEvaluations: 10, historySize };
  const states = run(options, quadraticProblem.cost, quadraticProblem.start(), 5);
  const expected = plainBfgs(0.3, 10, historySize);
  states.slice(1).forEach(({ params, state }, k) => {
    elements(params).forEach((x, i) => {
      const e = expected[2 * k + 1]![i]!;
      expect(Math.abs(x - e)).toBeLessThanOrEqual(1e-10 * Math.abs(e));
    });
    expect([state.step.item(), state.iterations.item()]).toEqual([k + 1, 2 * k + 2]);
    expect(state.moves.length).toBe(Math.min(2 * k + 1, historySize));
  });
});

// From PyTorch 1.13, torch.optim.LBFGS(line_search_fn="strong_wolfe", max_iter=5, history_size=3) at Rosenbrock's
// function from (-1.2, 1).
test("with the line search it goes PyTorch's way", () => {
  const options = { lineSearch: "strongWolfe", maxIterations: 5, historySize: 3 } as const;
  const states = run(options, rosenbrock, { x: tensor([-1.2, 1]) }, 4);
  const expected = [
    [-1.0276177663827242, 1.0584120782656612],
    [-0.6801753334182908, 0.43533127873180566],
    [-0.357461407885078, 0.0967352233340206],
    [0.20577480359454975, -0.0014625542990492311],
  ];
  states
    .slice(1)
    .forEach(({ params }, k) =>
      elements(params).forEach((x, i) => expect(Math.abs(x / expected[k]![i]! - 1)).toBeLessThan(1e-9)),
    );
});

describe("the line search", () => {
  /** Along a line, x⁴ + a x³ + b x² + c x with a slope at 0 that falls. */
  const along = (a: number, b: number, c: number) => (length: number): Trial => ({
    length,
    value: length ** 4 + a * length ** 3 + b * length ** 2 + c * length,
    slope: 4 * length ** 3 + 3 * a * length ** 2 + 2 * b * length + c,
    gradient: tensor(0),
  }); // prettier-ignore
  const coefficient = fc.double({ min: -3, max: 3, noNaN: true });

  test("ends where both conditions of Wolfe hold", () => {
    const slope = fc.double({ min: -5, max: -0.1, noNaN: true });
    const first = fc.double({ min: 1e-3, max: 100, noNaN: true });
    fc.assert(
      fc.property(coefficient, coefficient, slope, first, (a, b, c, length) => {
        const evaluate = along(a, b, c);
        const { found, evaluations } = strongWolfe(evaluate, evaluate(0), length, 1);
        expect(found.value).toBeLessThanOrEqual(1e-4 * found.length * c);
        expect(Math.abs(found.slope)).toBeLessThanOrEqual(0.9 * Math.abs(c));
        expect(evaluations).toBeLessThanOrEqual(26);
      }),
      {
        numRuns: 1000,
        examples: [[-0.45705304115648043, -2.370649628049932, -0.10000000000000009, 0.0010000000000000018]],
      },
    );
  });

  test("grows tenfold where the slope falls ever faster, as no minimum is in sight", () => {
    const lengths: number[] = [];
    const evaluate = (length: number): Trial => {
      lengths.push(length);
      return along(-1, -3, -0.1)(length);
    };
    const { found } = strongWolfe(evaluate, along(-1, -3, -0.1)(0), 0.001, 1);
    [0.001, 0.01, 0.1, 1].forEach((length, i) => expect(lengths[i]).toBeCloseTo(length, 12));
    expect(found.slope).toBeGreaterThan(-0.09);
    expect(lengths.length).toBeLessThan(10);
  });

  test("comes back from where the objective is not finite", () => {
    for (const bad of [NaN, Infinity]) {
      const evaluate = (length: number): Trial =>
        length > 0.1 ? { length, value: bad, slope: NaN, gradient: tensor(0) } : along(0, 1, -1)(length);
      const { found } = strongWolfe(evaluate, evaluate(0), 10, 1);
      expect(found.value).toBeLessThan(0);
      expect(found.length).toBeGreaterThan(0);
    }
  });

  test("gives up where nothing is better", () => {
    const evaluate = (length: number): Trial => ({ length, value: length === 0 ? 0 : 1, slope: -1, gradient: tensor(0) });
    const { found, evaluations } = strongWolfe(evaluate, evaluate(0), 1, 1);
    expect([found.length, evaluations <= 26]).toEqual([0, true]);
  }); // prettier-ignore
});

describe("as a value", () => {
  test("frozen trees go in, nothing changes, bits repeat, float32 stays", () => {
    for (const dtype of ["float64", "float32"] as const) {
      const [optimizer, objective] = [lbfgs({ lineSearch: "strongWolfe", maxIterations: 3 }), objectiveOf(networkProblem.cost)];
      const params = Object.freeze(networkProblem.start(dtype));
      const state = Object.freeze(optimizer.init(params));
      const before = elements([params, state]);
      const { gradients } = objective(params);
      const [first, again] = [0, 1].map(() => optimizer.update(gradients, state, params, { objective }));
      expect(elements([params, state])).toEqual(before);
      expect(elements(first)).toEqual(elements(again));
      expect(first!.params.map(({ weight, bias }) => [weight.dtype, bias.dtype])).toEqual([[dtype, dtype], [dtype, dtype]]);
    }
  }); // prettier-ignore

  test("derivatives flow through where what goes in is tracked, lengths being constants", () => {
    const optimizer = lbfgs({ learningRate: 0.1, maxIterations: 3, toleranceChange: 0 });
    const objective = objectiveOf(quadraticProblem.cost);
    const after = (x: Tensor): Tensor =>
      optimizer.update({ x }, optimizer.init({ x }), { x }, { objective }).params.x.sum();
    expect(after(tensor(quadratic.start)).requiresGrad).toBe(false);
    expect(after(variable(quadratic.start)).requiresGrad).toBe(true);
    // One step is x - t (A x - b), whose length t = 0.1 / |A x - b|₁ counts as a constant.
    const one = lbfgs({ learningRate: 0.1, maxIterations: 1 });
    const derivative = grad<[Tensor]>((x) => one.update({ x }, one.init({ x }), { x }, { objective }).params.x.sum())(tensor(quadratic.start)).toTypedArray();
    const t = 0.1 * Math.min(1, 1 / quadratic.gradient(quadratic.start).reduce((sum, g) => sum + Math.abs(g), 0));
    derivative.forEach((d, j) => expect(d).toBeCloseTo(1 - t * quadratic.A.reduce((sum, row) => sum + row[j]!, 0), 12));
  }); // prettier-ignore

  test("an empty tree and a start at the minimum stay", () => {
    const optimizer = lbfgs();
    const objective = (params: object): Evaluation<object> => ({ value: 1, gradients: params });
    expect(optimizer.update({}, optimizer.init({}), {}, { objective }).params).toEqual({});
    const still = run({}, ({ x }: Point) => x.square().sum(), { x: tensor([0, 0]) }, 1).at(-1)!;
    expect(elements(still.params)).toEqual([0, 0]);
    expect([still.state.step.item(), still.state.iterations.item()]).toEqual([1, 0]);
  });
});

describe("what is refused", () => {
  const p = { x: tensor([1, 2]) };
  const update = (objective: unknown, gradients: unknown = p): unknown =>
    lbfgs().update(gradients as Point, lbfgs().init(p), p, { objective: objective as never });

  test.each<[RegExp, new (text: string) => Error, () => unknown]>([
    [/^lbfgs: unknown option "maxIter"/, ArgumentError, () => lbfgs({ maxIter: 3 } as never)],
    [/^lbfgs: expected a maxIterations that is an integer from 1, got 0/, ArgumentError, () => lbfgs({ maxIterations: 0 })],
    [/^lbfgs: expected a lineSearch that is "strongWolfe" or null, got the string "wolfe"/, ArgumentError, () => lbfgs({ lineSearch: "wolfe" as never })],
    [/^lbfgs: expected a toleranceGradient that is a finite number from 0/, ArgumentError, () => lbfgs({ toleranceGradient: -1 })],
    [/^lbfgs.update: expected the option objective, .*, got undefined/, ArgumentError, () => update(undefined)],
    [/^lbfgs.update: expected gradients of the parameters' structure, got none at "x"/, ArgumentError, () => update(() => 1, {})],
    [/^lbfgs.update: expected gradients of their parameters' shapes/, ShapeError, () => update(() => ({ value: 1, gradients: { x: tensor(1) } }))],
    [/^lbfgs.update: expected a finite value of the objective, got NaN/, NumericError, () => update(() => ({ value: NaN, gradients: p }))],
    [/^lbfgs.update: expected a finite value of the objective, got NaN; lower/, NumericError, () => update(({ x }: Point) => ({ value: x.slice([0]).item() < 1 ? NaN : 1, gradients: p }))],
    [/^lbfgs.update: expected the objective to return \{ value, gradients \}, got 3/, ArgumentError, () => update(() => 3)],
  ])("%s", (says, kind, call) => {
    expect(call).toThrow(kind);
    expect(call).toThrow(says);
  }); // prettier-ignore
});
