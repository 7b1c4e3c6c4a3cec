/** Histories keep what their policy wants, go back and branch, and never change; differences and sharing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, tensor, type Tensor } from "@cotangent/core";
import {
  adam,
  diff,
  history,
  sgd,
  sharing,
  train,
  trainState,
  type History,
  type HistoryPolicy,
  type SgdState,
  type TrainState,
} from "@cotangent/optim";

interface Params {
  readonly w: Tensor;
}
type State = TrainState<Params, SgdState>;

const optimizer = sgd({ learningRate: 0.1, momentum: 0.5 });
const cost = (p: Params, target: number): Tensor => p.w.sub(target).square().sum();
const start: State = trainState({ params: { w: tensor([0, 1]) }, optimizer });
const run = (from: State, targets: readonly number[], by = optimizer): State[] => {
  const states = [from];
  for (const target of targets) states.push(train(states.at(-1)!, target, { cost, optimizer: by }));
  return states;
};
const keep = (policy: HistoryPolicy, states: readonly State[]): History<Params, SgdState, undefined> =>
  states.reduce((kept, state) => kept.add(state), history<Params, SgdState, undefined>(policy));
const scored = (scores: readonly number[]): State[] =>
  scores.map((score, step) => ({ ...start, step, metrics: { score } }));

describe("what is kept", () => {
  test.each<[string, HistoryPolicy, number[]]>([
    ["every third", { every: 3 }, [0, 3, 6, 9]],
    ["the last two", { last: 2 }, [9, 10]],
    ["both", { every: 5, last: 2 }, [0, 5, 9, 10]],
    ["the lowest cost", { best: {} }, [7]],
    ["the three lowest costs and every tenth", { every: 10, best: { count: 3 } }, [0, 3, 5, 7, 10]],
  ])("%s", (_title, policy, steps) => {
    const costs = [null, 9, 8, 2, 7, 1.5, 6, 1, 5, 4, 3];
    const states = costs.map((cost, step): State => ({ ...start, step, cost }));
    expect(keep(policy, states).steps).toEqual(steps);
  });

  test("the best by a metric are the first ones of a sorted list, earlier ones before their equals", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), fc.integer({ min: 1, max: 4 }), (scores, n) => {
        const kept = keep({ best: { metric: "score", mode: "max", count: n } }, scored(scores));
        const sorted = scores.map((score, step) => ({ score, step })).sort((a, b) => b.score - a.score || a.step - b.step);
        expect(kept.steps).toEqual(sorted.slice(0, n).map(({ step }) => step).sort((a, b) => a - b));
        expect(kept.best!.step).toBe(sorted[0]!.step);
      }),
    );
  }); // prettier-ignore

  test("states without the metric, or with one that is not finite, are none of the best", () => {
    const states = [start, ...scored([0, NaN, 3, Infinity]).slice(1)];
    expect(keep({ best: { metric: "score", mode: "max" } }, states).steps).toEqual([2]);
  });
});

describe("a history is a value", () => {
  const states = run(start, [1, 2, 3, 4, 5, 6]);

  test("adding, rewinding and branching leave it as it is", () => {
    const before = keep({ every: 1, last: 2, best: {} }, states.slice(0, 5));
    const steps = before.steps;
    before.add(states[5]!);
    before.rewind(1);
    before.branch(2).add(states[3]!);
    expect(before.steps).toEqual(steps);
    expect(Object.isFrozen(before) && Object.isFrozen(before.states)).toBe(true);
    expect(() => (before.states as State[]).push(start)).toThrow(TypeError);
  });

  test("lines that grow from any histories hold their own states, each in its order", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 40 }), (picks) => {
        const grown = [{ kept: keep({ every: 1 }, [start]), states: [start] }];
        for (const [i, pick] of picks.entries()) {
          const { kept, states } = grown[pick % grown.length]!;
          const state: State = { ...start, step: kept.newest + 1, cost: i };
          grown.push({ kept: kept.add(state), states: [...states, state] });
        }
        for (const { kept, states } of grown) {
          expect(kept.states.length).toBe(states.length);
          kept.states.forEach((state, i) => expect(state).toBe(states[i]));
        }
      }),
    );
  });

  test("states are kept as they are, and found again", () => {
    const kept = keep({ every: 2 }, states);
    for (const step of [0, 2, 4, 6]) expect(kept.at(step)).toBe(states[step]);
    expect(kept.latest).toBe(states[6]);
    expect(kept.best).toBeNull();
    expect(history({ last: 1 }).latest).toBeNull();
  });

  test("rewinding forgets what came later, and training goes on from there with the same bits", () => {
    const back = keep({ every: 2, last: 1 }, states).rewind(2);
    expect(back.steps).toEqual([0, 2]);
    const again = run(back.latest!, [3, 4]);
    expect(diff(again.at(-1), states[4])).toEqual([]);
    expect(back.add(again[1]!).add(again[2]!).steps).toContain(4);
  });
});

describe("a branch", () => {
  const states = run(start, [1, 2, 3, 4]);
  const trunk = keep({ every: 2 }, states);

  test("goes on at another rate, and does not touch the trunk", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.09, noNaN: true }), (rate) => {
        const before = trunk.states.map((state) => [state.step, state.params.w.toArray(), state.cost]);
        const line = trunk.branch(2, { name: "slow" });
        const [, ...others] = run(line.latest!, [3, 4], sgd({ learningRate: rate, momentum: 0.5 }));
        const grown = others.reduce((kept, state) => kept.add(state), line);
        expect(grown.steps).toEqual([2, 4]);
        expect(grown.at(4).params.w.toArray()).not.toEqual(states[4]!.params.w.toArray());
        expect(grown.lineage).toEqual([{ name: "slow", step: 2 }]);
        expect(grown.parent).toBe(trunk);
        expect(trunk.states.map((state) => [state.step, state.params.w.toArray(), state.cost])).toEqual(before);
      }),
    );
  });

  test("of a branch knows both turns", () => {
    const line = trunk.branch(0).add(states[2]!).branch(2, { name: "again" });
    expect(line.lineage).toEqual([{ name: "branch 1", step: 0 }, { name: "again", step: 2 }]);
    expect(line.parent!.parent).toBe(trunk);
  }); // prettier-ignore

  test("of another optimiser begins with a fresh state of it, and the same parameters", () => {
    const other = adam({ learningRate: 0.01 });
    const { latest } = trunk.branch(2, { optimizer: other });
    expect(latest!.params).toBe(states[2]!.params);
    expect(latest!.optimizer.step.item()).toBe(0);
    expect(Object.isFrozen(latest) && Object.isFrozen(latest!.optimizer)).toBe(true);
    expect(train(latest!, 1, { cost, optimizer: other }).step).toBe(3);
  });

  test("of another seed has another random stream", () => {
    expect(diff(trunk.at(2), trunk.branch(2, { seed: 5 }).latest).map(({ path }) => path)).toContain("random.seed");
  });

  test("keeps where it begins, whatever the policy", () => {
    const line = states.slice(1).reduce((kept, state) => kept.add(state), keep({ last: 1 }, [start]).branch(0));
    expect(line.steps).toEqual([0, 4]);
  });
});

describe("differences", () => {
  const numbers = fc.double({ noDefaultInfinity: true, min: -1e6, max: 1e6 });
  const trees = fc.array(fc.array(numbers, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

  test("there are none between a state and itself, or its copy", () => {
    fc.assert(
      fc.property(trees, (values) => {
        const tree = (): unknown => ({ list: values.map((each) => tensor(each)), step: values[0]![0], text: "a", none: null });
        const [a, b] = [tree(), tree()];
        expect([diff(a, a), diff(a, b)]).toEqual([[], []]);
      }),
    );
  }); // prettier-ignore

  test("are the leaves that changed, with the largest difference and the relative norm", () => {
    const states = run(start, [1, 2]);
    const changes = diff(states[1], states[2]);
    const paths = ["params.w", "optimizer.step", "optimizer.velocity.w", "step", "cost"];
    expect(changes.map(({ path }) => path)).toEqual(paths);
    const [a, b] = [states[1]!.params.w, states[2]!.params.w];
    expect(changes[0]).toMatchObject({ kind: "changed", elements: 2 });
    expect(changes[0]!.maxAbs).toBeCloseTo(b.sub(a).abs().max().item(), 15);
    expect(changes[0]!.relative).toBeCloseTo(b.sub(a).norm().div(a.norm()).item(), 14);
  });

  test.each<[string, unknown, unknown, object[]]>([
    ["of zeros' signs", { a: tensor([0]) }, { a: tensor([-0]) }, [{ path: "a", kind: "changed", elements: 1, maxAbs: 0, relative: 0 }]],
    ["NaN, which equals itself", { a: tensor([NaN, 1]) }, { a: tensor([NaN, NaN]) }, [{ path: "a", kind: "changed", elements: 1, maxAbs: NaN, relative: NaN }]],
    ["from 0", [0], [2], [{ path: "[0]", kind: "changed", elements: 1, maxAbs: 2, relative: Infinity }]],
    ["huge ones", { a: tensor([3e300, 4e300]) }, { a: tensor([0, 0]) }, [{ path: "a", kind: "changed", elements: 2, maxAbs: 4e300, relative: 1 }]],
    ["of shape", { a: tensor([1, 2]) }, { a: tensor([1]) }, [{ path: "a", kind: "replaced", elements: 1, maxAbs: null, relative: null }]],
    ["of dtype", { a: tensor([1]) }, { a: tensor([1], { dtype: "float32" }) }, [{ path: "a", kind: "replaced", elements: 1, maxAbs: null, relative: null }]],
    ["of text", { a: "x" }, { a: "y" }, [{ path: "a", kind: "changed", elements: 1, maxAbs: null, relative: null }]],
    ["from null", { a: null }, { a: 1 }, [{ path: "a", kind: "replaced", elements: 1, maxAbs: null, relative: null }]],
    ["leaves that only one has", { a: 1, b: [2] }, { a: 1, c: { d: 3 } }, [{ path: "b[0]", kind: "removed", elements: 1, maxAbs: null, relative: null }, { path: "c.d", kind: "added", elements: 1, maxAbs: null, relative: null }]],
    ["a leaf in place of a tree", { a: [1] }, { a: 1 }, [{ path: "a[0]", kind: "removed", elements: 1, maxAbs: null, relative: null }, { path: "a", kind: "added", elements: 1, maxAbs: null, relative: null }]],
  ])("%s", (_title, a, b, expected) => {
    expect(diff(a, b)).toEqual(expected);
  }); // prettier-ignore
});

test("sharing counts tensors by reference, and a history each tensor once", () => {
  const frozen = tensor([1, 2, 3], { dtype: "float32" });
  const [a, b] = [
    { frozen, w: tensor(1) },
    { frozen, w: tensor(2), again: frozen },
  ];
  const one = { tensors: 1, bytes: 8 };
  expect(sharing(a, b)).toEqual({ shared: { tensors: 1, bytes: 12 }, onlyFirst: one, onlySecond: one });
  const branchOf = trainState({ params: { w: frozen }, optimizer: sgd({ learningRate: 1 }) });
  const kept = history({ every: 1 }, branchOf).add({ ...branchOf, step: 1 });
  // The parameter, and the optimiser's count and rate.
  expect(kept.memory).toEqual({ tensors: 3, bytes: 12 + 4 + 8 });
});

const kept = keep({ every: 5 }, scored([1, 2, 3, 4, 5, 6]));
test.each<[RegExp, () => unknown]>([
  [/^history: expected at least one of every, last and best/, () => history({})],
  [/^history: expected an options object, got null/, () => history(null as never)],
  [/^history: unknown option "evry"/, () => history({ evry: 1 } as never)],
  [/^history: expected an every that is an integer from 1, got 0/, () => history({ every: 0 })],
  [/^history: expected a last that is an integer from 1, got 1.5/, () => history({ last: 1.5 })],
  [/^history: best: unknown option "by"/, () => history({ best: { by: "cost" } as never })],
  [/^history: best: expected a mode, "min" or "max", for the metric "accuracy", got undefined/, () => history({ best: { metric: "accuracy" } })],
  [/^history: best: expected a count that is an integer from 1, got NaN/, () => history({ best: { count: NaN } })],
  [/^history.add: expected a state from trainState or train, got an object/, () => kept.add({} as never)],
  [/^history.add: expected a state after step 5, got one of step 5; rewind or branch first/, () => kept.add({ ...start, step: 5 })],
  [/^history.at: expected a step that is kept, got 3; the nearest kept: 5, 0/, () => kept.at(3)],
  [/^history.at: expected a step that is kept, got undefined/, () => kept.at(undefined as never)],
  [/^history.at: .* none is kept yet/, () => history({ last: 1 }).at(0)],
  [/^history.rewind: expected a step that is kept, got 4/, () => kept.rewind(4)],
  [/^history.branch: expected a step that is kept, got 4/, () => kept.branch(4)],
  [/^history.branch: unknown option "rate"/, () => kept.branch(5, { rate: 1 } as never)],
  [/^history.branch: expected a name, got 1/, () => kept.branch(5, { name: 1 as never })],
  [/^history.branch: expected an optimizer such as sgd/, () => kept.branch(5, { optimizer: sgd as never })],
])("%s", (says, wrong) => {
  expect(wrong).toThrow(ArgumentError);
  expect(wrong).toThrow(says);
}); // prettier-ignore
