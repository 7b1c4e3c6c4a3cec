/** Training states of models with dropout and running statistics: pure, frozen, and replayed bit for bit. */
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { leavesOf, random, relu, Tensor } from "@cotangent/core";
import { batchNorm, dense, dropout, meanSquaredError, sequential } from "@cotangent/nn";
import * as optim from "@cotangent/optim";
import { train, trainState, type Optimizer, type Samples } from "@cotangent/optim";

const model = sequential(
  dense({ inputs: 3, outputs: 4, activation: relu }),
  batchNorm({ features: 4 }),
  dropout({ rate: 0.4 }),
  dense({ inputs: 4, outputs: 1 }),
);
type Params = ReturnType<typeof model.init>;
type Statistics = ReturnType<typeof model.initState>;
type State = optim.TrainState<Params, unknown, Statistics>;

const rate = { learningRate: 0.05 };
const optimizers: readonly (readonly [string, Optimizer<unknown>])[] = [
  ["sgd", optim.sgd({ ...rate, momentum: 0.9 })],
  ["adagrad", optim.adagrad(rate)],
  ["rmsprop", optim.rmsprop({ ...rate, centered: true })],
  ["adam", optim.adam(rate)],
  ["adamw", optim.adamw({ ...rate, amsgrad: true })],
  ["nadam", optim.nadam(rate)],
  ["adadelta", optim.adadelta()],
  ["lbfgs", optim.lbfgs({ ...rate, maxIterations: 3 })],
] as [string, Optimizer<unknown>][];

const batchesOf = (seed: number, count: number): Samples[] => {
  const stream = random(seed).fork("data");
  return Array.from({ length: count }, () => ({ features: stream.normal([6, 3]), labels: stream.normal([6, 1]) }));
};
const optionsOf = (optimizer: Optimizer<unknown>): optim.LossOptions<Params, unknown, Statistics> => ({
  model,
  loss: meanSquaredError,
  optimizer,
});
const start = (seed: number, optimizer: Optimizer<unknown>): State => trainState({ model, optimizer, seed });

/** A state as plain data, every bit of its tensors included. */
const plain = (value: unknown): unknown => {
  if (value instanceof Tensor) return [value.shape, value.dtype, Array.from(value.toTypedArray(), bitsOf)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return typeof value === "number" ? bitsOf(value) : value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
};
const bitsOf = (x: number): string => new BigInt64Array(Float64Array.of(x).buffer)[0]!.toString(16);

/** Every plain object and array in a state. */
function containersIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null || value instanceof Tensor) return [];
  return [value, ...Object.values(value).flatMap(containersIn)];
}

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const runs = { numRuns: 10 };

describe.each(optimizers)("with %s", (_name, optimizer) => {
  const options = optionsOf(optimizer);

  test("a run from any state kept ends with the same bits", () => {
    fc.assert(
      fc.property(seeds, fc.nat({ max: 6 }), (seed, at) => {
        const batches = batchesOf(seed, 6);
        const states = [start(seed, optimizer)];
        for (const batch of batches) states.push(train(states.at(-1)!, batch, options));
        // Random streams and numbers survive JSON; tensors are kept as they are.
        const kept = { ...states[at]!, random: JSON.parse(JSON.stringify(states[at]!.random)) as State["random"] };
        const replayed = batches.slice(at).reduce((state, batch) => train(state, batch, optionsOf(optimizer)), kept);
        expect(plain(replayed)).toEqual(plain(states.at(-1)));
      }),
      runs,
    );
  });

  test("a step is pure: the same state and batch twice give the same bits, and the state stays as it was", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const [first, second] = batchesOf(seed, 2);
        const state = train(start(seed, optimizer), first!, options);
        const before = plain(state);
        expect(plain(train(state, second!, options))).toEqual(plain(train(state, second!, options)));
        expect(plain(state)).toEqual(before);
      }),
      runs,
    );
  });

  test("states are frozen to the ground, and not tracked", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        for (const state of [start(seed, optimizer), train(start(seed, optimizer), batchesOf(seed, 1)[0]!, options)]) {
          for (const each of containersIn(state)) expect(Object.isFrozen(each)).toBe(true);
          for (const { leaf } of leavesOf([state.params, state.modelState, state.optimizer]))
            expect((leaf as Tensor).requiresGrad).toBe(false);
        }
      }),
      runs,
    );
  });
});

const optimizer = optim.sgd(rate);
const options = optionsOf(optimizer);
const [batch] = batchesOf(1, 1);

test("running statistics and the random stream go into the next state", () => {
  const first = start(1, optimizer);
  const next = train(first, batch!, options);
  const mean = (state: State): unknown => (state.modelState[1] as { readonly mean: Tensor }).mean.toArray();
  expect(mean(first)).toEqual([0, 0, 0, 0]);
  expect(mean(next)).not.toEqual(mean(first));
  expect(next.random.seed).toBe(first.random.seed);
  expect(next.random.generator).not.toEqual(first.random.generator);
  // Another stream drops other units.
  const elsewhere = { ...first, random: next.random };
  expect(train(elsewhere, batch!, options).cost).not.toBe(next.cost);
});

describe("dropout and running statistics in programs", () => {
  const adam = optim.adam(rate);
  const batches = [...batchesOf(2, 25), ...batchesOf(3, 5)];
  const run = (compile: boolean): { states: State[]; options: optim.LossOptions<Params, unknown, Statistics> } => {
    const options = { ...optionsOf(adam as Optimizer<unknown>), compile };
    const states = [start(7, adam as Optimizer<unknown>)];
    for (const batch of batches) states.push(train(states.at(-1)!, batch, options));
    return { states, options };
  };

  test("compiled steps give the states of steps that run as they are, without a notice", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const [compiled, eager] = [run(true), run(false)];
    expect(compiled.states.map(plain)).toEqual(eager.states.map(plain));
    // Back to states kept, and on from there by other batches: streams are part of the states.
    for (const at of [28, 22, 5])
      expect(plain(train(compiled.states[at]!, batch!, compiled.options))).toEqual(
        plain(train(eager.states[at]!, batch!, eager.options)),
      );
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  test("fit comes to the same bits", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const all = { features: random(4).normal([30, 3]), labels: random(5).normal([30, 1]) };
    const rows = (compile: boolean): Promise<unknown> =>
      optim
        .fit({ model, loss: meanSquaredError, optimizer: adam, data: all, epochs: 8, batchSize: 7, seed: 3, compile })
        .then(({ state }) => plain({ ...state, metrics: null }));
    expect(await rows(true)).toEqual(await rows(false));
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

test("a model that draws nothing shares the random state of the state before", () => {
  const plainModel = dense({ inputs: 3, outputs: 1 });
  const state = trainState({ model: plainModel, optimizer, seed: 1 });
  const next = train(state, batch!, { model: plainModel, loss: meanSquaredError, optimizer });
  expect(next.random).toBe(state.random);
  expect(next.modelState).toBeUndefined();
});

test("a model state that is tracked is cut off from its history", () => {
  const counting = {
    init: () => ({ w: random(1).normal([3, 1]) }),
    initState: () => ({ seen: random(1).normal([]) }),
    apply: ({ w }: { w: Tensor }, x: Tensor, context?: optim.Context<{ seen: Tensor }>) => {
      const y = x.matmul(w);
      if (context?.training) context.setState({ seen: context.state.seen.add(y.mean()) });
      return y;
    },
  };
  let state = trainState({ model: counting, optimizer, seed: 1 });
  for (let i = 0; i < 3; i++) state = train(state, batch!, { model: counting, loss: meanSquaredError, optimizer });
  expect(state.modelState.seen.requiresGrad).toBe(false);
  expect(state.params.w.requiresGrad).toBe(false);
});

test("options exchanged between steps count", () => {
  const changing = { ...options };
  const state = start(1, optimizer);
  const slow = train(state, batch!, changing);
  changing.optimizer = optim.sgd({ learningRate: 1 });
  expect(plain(train(state, batch!, changing))).not.toEqual(plain(slow));
});
