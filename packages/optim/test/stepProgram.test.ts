/** Training steps become programs after a while, and nobody can tell by the bits. */
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import { ones, random, scalar, tensor, ThreadError, type Random, type Tensor } from "@cotangent/core";
import {
  accumulate,
  adam,
  adamw,
  chain,
  clip,
  exponentialDecay,
  groups,
  lbfgs,
  movingAverage,
  sgd,
  train,
  trainState,
  type Optimizer,
} from "@cotangent/optim";

interface Params {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

const start: Params = { weight: random(1).normal([3, 1]), bias: tensor([0]) };
const data = { x: random(2).normal([20, 3]), y: random(3).normal([20, 1]) };
type Batch = typeof data;
const cost = ({ weight, bias }: Params, { x, y }: Batch): Tensor =>
  x.matmul(weight).add(bias).tanh().sub(y).square().mean();

/** The costs of 40 steps, and the last parameters; each step with `compile: false` runs as it is. */
function run<S>(
  optimizer: Optimizer<S>,
  asItIs: boolean,
  of: typeof cost = cost,
  batches: (i: number) => Batch = () => data,
) {
  let state = trainState({ params: start, optimizer });
  const options = { cost: of, optimizer, compile: !asItIs };
  const costs: (number | null)[] = [];
  for (let i = 0; i < 40; i++) {
    state = train(state, batches(i), options);
    costs.push(state.cost);
  }
  return {
    costs,
    weight: [...state.params.weight.toTypedArray()],
    rate: (state.optimizer as { learningRate?: Tensor }).learningRate?.item(),
  };
}

describe("the bits are those of steps that run operator by operator", () => {
  test.each<[string, Optimizer<unknown>]>([
    ["sgd", sgd({ learningRate: 0.1, momentum: 0.9 }) as never],
    ["adam by a schedule", adam({ learningRate: exponentialDecay({ initial: 0.1, factor: 0.9 }) }) as never],
    ["groups", groups(adamw, { learningRate: 0.01 }, [{ match: "bias", frozen: true }]) as never],
    ["a chain", chain(clip({ globalNorm: 0.1 }), sgd({ learningRate: 0.5 })) as never],
    ["accumulation", accumulate(sgd({ learningRate: 0.5 }), { steps: 3 }) as never],
    ["an average", movingAverage(adam({ learningRate: 0.01 }), { decay: 0.9 }) as never],
  ])("%s", (_, optimizer) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect(run(optimizer, false)).toEqual(run(optimizer, true));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("batches of two sizes", () => {
    const small = { x: data.x.slice([[0, 7]]), y: data.y.slice([[0, 7]]) };
    const batches = (i: number): Batch => (i % 4 === 3 ? small : data);
    expect(run(sgd({ learningRate: 0.1 }), false, cost, batches)).toEqual(
      run(sgd({ learningRate: 0.1 }), true, cost, batches),
    );
  });
});

describe("random numbers", () => {
  const dropping = ({ weight, bias }: Params, { x, y }: Batch, { random }: { random: Random }): Tensor =>
    cost({ weight, bias }, { x: x.mul(random.bernoulli(x.shape, { probability: 0.5 })), y });
  const optimizer = sgd({ learningRate: 0.1 });

  test("drawn from the context come to the same bits and streams, by batches of two sizes", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const small = { x: data.x.slice([[0, 7]]), y: data.y.slice([[0, 7]]) };
    const states = [true, false].map((compile) => {
      let state = trainState({ params: start, optimizer, seed: 5 });
      const options = { cost: dropping as never, optimizer, compile };
      const all = [];
      for (let i = 0; i < 40; i++) {
        state = train(state, i % 5 === 4 ? small : data, options);
        all.push({ cost: state.cost, random: state.random, weight: [...state.params.weight.toTypedArray()] });
      }
      return all;
    });
    expect(states[0]).toEqual(states[1]);
    expect(new Set(states[0]!.map((each) => each.random.generator.s0)).size).toBe(40);
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("a state that was kept draws the same again, and one that draws nothing keeps its stream", () => {
    const watched = vi.fn(dropping);
    const options = { cost: watched as never, optimizer };
    let state = trainState({ params: start, optimizer });
    const states = [state];
    for (let i = 0; i < 30; i++) states.push((state = train(state, data, options)));
    expect(watched.mock.calls.length).toBe(24);
    for (const i of [3, 19, 25]) {
      const again = train(states[i]!, data, options);
      expect(again.random).toEqual(states[i + 1]!.random);
      expect(again.params.weight.toArray()).toEqual(states[i + 1]!.params.weight.toArray());
    }
    const plain = { cost, optimizer };
    for (let i = 0; i < 30; i++) expect(train(state, data, plain).random).toBe(state.random);
  });
});

test("a program it is: after a while the cost function runs when it is recorded, and to see whether it is the same", () => {
  const watched = vi.fn(cost);
  run(sgd({ learningRate: 0.1 }), false, watched);
  // 20 steps as they are, the first of the program, and its 2nd, 4th, 8th and 16th.
  expect(watched.mock.calls.length).toBe(25);
});

describe("what cannot be recorded runs as it is, with one notice", () => {
  test.each<[string, RegExp, Optimizer<unknown>, (p: Params, b: Batch, context: never) => Tensor]>([
    [
      "a cost that reads values",
      /reads a value/,
      sgd({ learningRate: 0.1 }) as never,
      (p, b) => cost(p, b).mul(scalar(p.bias.item()).add(1)),
    ],
    ["lbfgs", /./, lbfgs({ maxIterations: 2 }) as never, cost],
  ])("%s", (_, says, optimizer, of) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const result = run(optimizer, false, of as never);
    expect(warn.mock.calls.map(([text]) => text as string)).toEqual([
      expect.stringMatching(
        /^Cotangent: training steps run operator by operator, .*; compile: false leaves this notice out\.$/,
      ),
    ]);
    expect(warn.mock.calls[0]![0]).toMatch(says);
    warn.mockRestore();
    expect(result).toEqual(run(optimizer, true, of as never));
  });
});

test("more kinds of batches than are worth programs: the notice says what was new in the last", () => {
  const optimizer = sgd({ learningRate: 0.1 });
  const say = (batchOf: (i: number) => Tensor | { x: Tensor; epoch: number }): string[] => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const cost = (p: { w: Tensor }, b: Tensor | { x: Tensor; epoch: number }): Tensor =>
      "epoch" in b ? p.w.mul(b.x).mul(b.epoch) : p.w.mul(b).sum();
    const options = { cost, optimizer };
    let state = trainState({ params: { w: scalar(1) }, optimizer });
    for (let i = 0; i < 40; i++) state = train(state, batchOf(i), options);
    expect(state.step).toBe(40);
    const said = warn.mock.calls.map(([text]) => text as string);
    warn.mockRestore();
    return said;
  };
  const numbers = say((i) => ({ x: scalar(0.1), epoch: i }));
  expect(numbers).toEqual([expect.stringMatching(/there were 7 kinds .* 26 after 25 at "batch\.epoch"; make a number that changes a tensor, with scalar\(…\); compile: false/)]);
  const shapes = say((i) => ones([i + 1]));
  expect(shapes).toEqual([expect.stringMatching(/there were 7 kinds .* float64 \[27\] after float64 \[26\] at "batch"; compile: false/)]);
}); // prettier-ignore

test("without parameters there is nothing to update, and nothing to say", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const optimizer = sgd({ learningRate: 0.1 });
  const watched = vi.fn((_: object, b: Tensor) => b.sum());
  const options = { cost: watched, optimizer };
  let state = trainState({ params: {}, optimizer });
  for (let i = 0; i < 40; i++) state = train(state, tensor([i, 1]), options);
  expect([state.step, state.cost, watched.mock.calls.length]).toEqual([40, 40, 25]);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

describe("a cost that reads what changes outside runs as it is, with one notice that says what has changed", () => {
  const follow = (asItIs: boolean, changes: (step: number) => number) => {
    const optimizer = sgd({ learningRate: 0.1 });
    let factor = 0;
    const options = { cost: (p: Params, b: Batch) => cost(p, b).mul(factor), optimizer, compile: !asItIs };
    let state = trainState({ params: start, optimizer });
    const costs: (number | null)[] = [];
    for (let i = 0; i < 60; i++) {
      factor = changes(i);
      state = train(state, data, options);
      costs.push(state.cost);
    }
    return costs;
  };
  let warn: MockInstance;
  beforeEach(() => {
    warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  });
  afterEach(() => {
    warn.mockRestore();
  });

  test("at every step: no step is wrong", () => {
    const everyStep = (i: number): number => 1 / (i + 1);
    expect(follow(false, everyStep)).toEqual(follow(true, everyStep));
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^Cotangent: training steps run operator by operator.*: the number in mul was 0\.047\d+ and is 0\.045\d+; compile: false/)]]); // prettier-ignore
  });

  test("now and then: it is noticed after at most as many steps, and the notice says how many are in doubt", () => {
    const late = (i: number): number => (i < 40 ? 1 : 0.5);
    const [found, right] = [follow(false, late), follow(true, late)];
    expect(found.slice(0, 40)).toEqual(right.slice(0, 40));
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/the number in mul was 1 and is 0\.5 \(15 steps before may have had the old one\); compile: false/)]]); // prettier-ignore
    expect(found[51]! / found[50]!).toBeCloseTo(0.5, 1);
  });

  test("what the step before has left in the closure", () => {
    const costs = [true, false].map((compile) => {
      const optimizer = sgd({ learningRate: 0.1 });
      let seen = 0;
      const options = { cost: (p: Params, b: Batch) => cost(p, b).mul(1 + seen++), optimizer, compile };
      let state = trainState({ params: start, optimizer });
      for (let i = 0; i < 20; i++) state = train(state, data, options);
      expect(() => train(state, data, options)).not.toThrow();
      return state.cost;
    });
    expect(costs[0]).toBe(costs[1]);
  });
});

test("numbers that are not finite are explained as always", () => {
  const optimizer = sgd({ learningRate: 1 });
  const options = { cost: (p: { w: Tensor }) => p.w.sqrt().sum(), optimizer };
  let state = trainState({ params: { w: tensor([12]) }, optimizer });
  const walk = (): void => {
    for (let i = 0; i < 100; i++) state = train(state, undefined, options);
  };
  expect(walk).toThrow(/^train: expected a finite (cost|gradient|parameter) at step (2\d|[3-9]\d)/);
});

test("an error that comes from a batch says nothing about the program", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const optimizer = sgd({ learningRate: 1 });
  // The sum over the parameters overflows, so that every step is looked at once more as it is.
  const large = (p: { w: Tensor }, m: Tensor): Tensor => p.w.mul(1e-308).sum().add(m.inverse().sum());
  const options = { cost: large, optimizer };
  let state = trainState({ params: { w: tensor([1e308, 1e308]) }, optimizer });
  const walk = (m: Tensor): void => {
    for (let i = 0; i < 25; i++) state = train(state, m, options);
  };
  walk(tensor([[2]]));
  expect(() => walk(tensor([[0]]))).toThrow(/inverse/);
  walk(tensor([[2]]));
  expect(state.step).toBe(50);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});

test("a thread that fails ends its step, and says nothing about the program", () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const optimizer = sgd({ learningRate: 0.1 });
  let calls = 0;
  const failing: typeof optimizer = {
    ...optimizer,
    update: (...args) => {
      if (++calls === 21) throw new ThreadError("startThreads: expected threads that do their part");
      return optimizer.update(...args);
    },
  };
  const options = { cost, optimizer: failing };
  let state = trainState({ params: start, optimizer: failing });
  const walk = (): void => {
    for (let i = 0; i < 20; i++) state = train(state, data, options);
  };
  walk();
  expect(() => train(state, data, options)).toThrow(ThreadError);
  walk();
  // Recorded once, and looked at 3 times; steps that run as they are would go on counting.
  expect([state.step, calls]).toEqual([40, 25]);
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
});
