/** The range test against a plain loop, where it stops, and what it refuses. */
import { describe, expect, test } from "vitest";
import { ArgumentError, tensor, type Tensor } from "@cotangent/core";
import { adam, groups, learningRateRange, NotFiniteError, sgd, trainState, type RangeReport } from "@cotangent/optim";
import { elements } from "./problems.js";

interface Params {
  readonly w: Tensor;
}
const cost = (p: Params, target: Tensor): Tensor => p.w.sub(target).square().mul(0.5);
const optimizer = sgd({ learningRate: 123 });
const state = trainState({ params: { w: tensor(3) }, optimizer });
const targets = [tensor(1), tensor(0.5), tensor(1.5)];
const common = { cost, optimizer };

/** The same in plain numbers: w ← w - α (w - t) for the cost ½ (w - t)². */
function plain(low: number, high: number, steps: number, beta: number, times: number): RangeReport {
  const [rates, costs, smoothed]: [number[], number[], number[]] = [[], [], []];
  let w = 3;
  let diverged = false;
  for (let i = 0; i < steps && !diverged; i++) {
    const target = [1, 0.5, 1.5][i % 3]!;
    rates.push(low * (high / low) ** (i / (steps - 1)));
    costs.push(0.5 * (w - target) ** 2);
    w -= rates[i]! * (w - target);
    const weights = costs.map((_, j) => beta ** (i - j));
    smoothed.push(
      costs.reduce((sum, c, j) => sum + weights[j]! * c, 0) / weights.reduce((sum, weight) => sum + weight, 0),
    );
    diverged = smoothed[i]! > times * Math.min(...smoothed);
  }
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  const slopes = smoothed.slice(0, lowest + 1).map((_, i) => {
    const [a, b] = [Math.max(i - 1, 0), Math.min(i + 1, smoothed.length - 1)];
    return (smoothed[b]! - smoothed[a]!) / (b - a);
  });
  const suggestion = rates[slopes.indexOf(Math.min(...slopes))]!;
  return { rates, costs, smoothed, suggestion, diverged };
}

describe("a range test", () => {
  test.each([
    [{ lowest: 1e-3, highest: 50, steps: 60, smoothing: 0.7, divergence: 3 }, true],
    [{ lowest: 1e-2, highest: 0.5, steps: 40, smoothing: 0, divergence: 1e9 }, false],
    [{}, true],
  ])("with %j is a plain loop", (given, diverges) => {
    const { lowest = 1e-7, highest = 10, steps = 100, smoothing = 0.8, divergence = 4 } = given as Record<string, number>;
    const expected = plain(lowest, highest, steps, smoothing, divergence);
    const report = learningRateRange(state, targets, { ...common, ...given });
    expect([report.diverged, expected.diverged]).toEqual([diverges, diverges]);
    for (const list of ["rates", "costs", "smoothed"] as const) {
      expect(report[list].length).toBe(expected[list].length);
      report[list].forEach((x, i) => {
        expect(Math.abs(x - expected[list][i]!)).toBeLessThanOrEqual(1e-10 * Math.abs(expected[list][i]!));
      });
    }
    expect(report.suggestion).toBeCloseTo(expected.suggestion!, 12);
    expect(report.rates).toContain(report.suggestion);
  }); // prettier-ignore

  test("leaves the state as it was, and repeats its bits", () => {
    const before = elements(state.params);
    const [first, again] = [0, 1].map(() => learningRateRange(state, targets, common));
    expect(first).toEqual(again);
    expect(elements(state.params)).toEqual(before);
    expect(state.step).toBe(0);
  });

  test("takes a model and its loss, and an optimiser with a state", () => {
    const model = {
      init: (): Params => ({ w: tensor([[0.1], [0.2]]) }),
      apply: (p: Params, x: Tensor): Tensor => x.matmul(p.w),
    };
    const loss = (a: Tensor, b: Tensor): Tensor => a.sub(b).square().mean();
    const optimizer = adam({ learningRate: 1 });
    const start = trainState({ model, optimizer, seed: 1 });
    const batch = { features: tensor([[1, 2], [3, -1], [0, 1]]), labels: tensor([[5], [1], [2]]) }; // prettier-ignore
    const report = learningRateRange(start, [batch], { model, loss, optimizer, lowest: 1e-4, highest: 1 });
    expect(report.costs.length).toBeGreaterThan(50);
    expect(report.suggestion).toBeGreaterThan(1e-3);
    expect(Math.min(...report.costs)).toBeLessThan(report.costs[0]! / 10);
  });

  test("ends where the cost overflows", () => {
    const steep = (p: Params, target: Tensor): Tensor => p.w.sub(target).mul(20).exp();
    const report = learningRateRange(state, targets, { cost: (p, t: Tensor) => steep(p, t).add(steep(p, t.mul(-1)).reciprocal()), optimizer, divergence: 1e300 }); // prettier-ignore
    expect(report.diverged).toBe(true);
    expect(report.costs.every(Number.isFinite)).toBe(true);
  });

  test("has no suggestion where the cost never falls, or after one step", () => {
    const flat = { ...common, cost: (p: Params) => p.w.mul(0).add(2) };
    expect(learningRateRange(state, targets, flat)).toMatchObject({ suggestion: null, diverged: false });
    expect(learningRateRange(state, targets, { ...common, steps: 1 })).toEqual({
      rates: [1e-7],
      costs: [2],
      smoothed: [2],
      suggestion: null,
      diverged: false,
    });
  });

  test("bears costs below 0", () => {
    const report = learningRateRange(state, [tensor(0)], { ...common, cost: (p, t: Tensor) => cost(p, t).sub(100), highest: 1 }); // prettier-ignore
    expect(report.rates.length).toBe(100);
    expect(report.diverged).toBe(false);
  });

  test("ends with what can be gone through only once", () => {
    expect(learningRateRange(state, targets.values(), common).costs.length).toBe(3);
  });

  test("leaves the rates that groups have of their own", () => {
    const optimizer = groups(sgd, { learningRate: 1 }, [{ match: "b", learningRate: 0 }]);
    const start = trainState({ params: { a: tensor(1), b: tensor(1) }, optimizer });
    const both = (p: { a: Tensor; b: Tensor }): Tensor => p.a.square().add(p.b.square());
    const { costs } = learningRateRange(start, [0], { cost: both, optimizer, highest: 0.4 });
    expect(Math.min(...costs)).toBeGreaterThan(1);
    expect(Math.min(...costs)).toBeLessThan(1.01);
  });
});

test("a cost that is not finite at first is no divergence", () => {
  const broken = (p: Params): Tensor => p.w.sub(3).log();
  expect(() => learningRateRange(state, targets, { ...common, cost: broken })).toThrow(NotFiniteError);
});

const run =
  (options: object, batches: unknown = targets, from: unknown = state) =>
  (): unknown =>
    learningRateRange(from as typeof state, batches as Tensor[], { ...common, ...options });

test.each<[RegExp, () => unknown]>([
  [/^learningRateRange: expected a state from trainState/, run({}, targets, { w: 1 })],
  [/^learningRateRange: expected an optimizer/, run({ optimizer: 3 })],
  [/^learningRateRange: expected the options model and loss, or cost/, run({ cost: undefined })],
  [/^learningRateRange: unknown option "from"/, run({ from: 1 })],
  [/^learningRateRange: expected a lowest that is a finite number above 0, got 0/, run({ lowest: 0 })],
  [/^learningRateRange: expected a highest that is .*, got NaN/, run({ highest: NaN })],
  [/^learningRateRange: expected a highest rate above the lowest, got 1 and 2/, run({ lowest: 2, highest: 1 })],
  [/^learningRateRange: expected a steps that is an integer from 1, got 0/, run({ steps: 0 })],
  [/^learningRateRange: expected a smoothing that is .* below 1, got 1/, run({ smoothing: 1 })],
  [/^learningRateRange: expected a divergence that is a number above 1, got 1/, run({ divergence: 1 })],
  [/^learningRateRange: expected batches that can be gone through, got undefined/, () => learningRateRange(state, undefined as never, common)],
  [/^learningRateRange: expected a batch at least, got none/, run({}, [])],
])("%s", (says, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(says);
}); // prettier-ignore
