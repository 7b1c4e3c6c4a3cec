/** Training: states as values, mini-batches, replays, and when it stops. */
import { isDraft } from "immer";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, leavesOf, mapTree, random, tensor, Tensor } from "@cotangent/core";
import { sgd, train, trainState, type Context, type Optimizer, type SgdState, type TrainState } from "@cotangent/optim";

interface Params {
  readonly w: Tensor;
  readonly b: readonly Tensor[];
}
interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}
type State = TrainState<Params, SgdState>;

const cost = ({ w, b }: Params, { x, y }: Batch): Tensor => x.matmul(w).add(b[0]!).tanh().sub(y).square().mean();
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const bits = (state: unknown): number[][] => leavesOf(state).map(({ leaf }) => [...(leaf as Tensor).toTypedArray()]);

const firstParams = (seed: number): Params => ({
  w: random(seed).normal([3, 2]),
  b: [random(seed).fork("b").normal([2])],
});
function dataOf(seed: number, n: number): Batch {
  const source = random(seed).fork("data");
  return { x: source.normal([n, 3]), y: source.normal([n, 2]).tanh() };
}

/** Batches of some rows, in an order of the epoch's own. */
function batchesOf({ x, y }: Batch, size: number, seed: number, epoch: number): Batch[] {
  const order = random(seed).fork(`epoch ${epoch}`).permutation(x.shape[0]!);
  return Array.from({ length: Math.ceil(x.shape[0]! / size) }, (_, i) => {
    const rows = order.slice([[i * size, Math.min(x.shape[0]!, (i + 1) * size)]]);
    return { x: x.take(rows), y: y.take(rows) };
  });
}

/** A whole training run: every state on the way. */
function run(seed: number, size: number, optimizer = sgd({ learningRate: 0.3 })): State[] {
  const options = { cost, optimizer };
  const states = [trainState({ params: firstParams(seed), optimizer })];
  for (let epoch = 0; epoch < 3; epoch++)
    for (const batch of batchesOf(dataOf(seed, 10), size, seed, epoch))
      states.push(train(states.at(-1)!, batch, options));
  return states;
}

describe("a run", () => {
  test("of the same seed gives the same bits, of another one others", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, size) => {
        const all = (from: number): unknown =>
          run(from, size).map(({ params, cost: now, step }) => [bits(params), now, step]);
        expect(all(seed)).toEqual(all(seed));
        expect(all(seed)).not.toEqual(all(seed + 1));
      }),
      { numRuns: 20 },
    );
  });

  test("is descent by hand: parameters, costs and counts", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 10 }), (seed, size) => {
        const states = run(seed, size);
        let params = firstParams(seed);
        expect(states[0]).toMatchObject({ step: 0, cost: null });
        expect(bits(states[0]!.params)).toEqual(bits(params));
        const batches = [0, 1, 2].flatMap((epoch) => batchesOf(dataOf(seed, 10), size, seed, epoch));
        batches.forEach((batch, i) => {
          const { step, cost: now, optimizer } = states[i + 1]!;
          expect([step, now, optimizer.step.item()]).toEqual([i + 1, cost(params, batch).item(), i + 1]);
          const gradients = grad<[Params]>((p) => cost(p, batch))(params);
          params = mapTree((p, g) => p.sub(g.mul(0.3)), params, gradients) as Params;
          expect(bits(states[i + 1]!.params)).toEqual(bits(params));
        });
        expect(states.length).toBe(3 * Math.ceil(10 / size) + 1);
      }),
      { numRuns: 20 },
    );
  });

  test("lowers the cost of the whole data", () => {
    const states = run(1, 4);
    const data = dataOf(1, 10);
    expect(cost(states.at(-1)!.params, data).item()).toBeLessThan(cost(states[0]!.params, data).item());
  });

  test("goes on from any state kept, and branches", () => {
    const states = run(5, 4);
    const batches = [0, 1, 2].flatMap((epoch) => batchesOf(dataOf(5, 10), 4, 5, epoch));
    const at = (rate: number): ((state: State, batch: Batch) => State) => {
      const options = { cost, optimizer: sgd({ learningRate: rate }) };
      return (state, batch) => train(state, batch, options);
    };
    const replayed = batches.slice(4).reduce(at(0.3), states[4]!);
    expect(bits(replayed.params)).toEqual(bits(states.at(-1)!.params));
    const branch = at(0.1)(states[4]!, batches[4]!);
    expect(bits(branch.params)).not.toEqual(bits(states[5]!.params));
    expect(branch.cost).toBe(states[5]!.cost);
  });

  test("keeps no history: states are not tracked", () => {
    for (const { params } of run(1, 5))
      for (const { leaf } of leavesOf(params)) expect((leaf as Tensor).requiresGrad).toBe(false);
  });
});

/** Every plain object and array in a tree. */
function containersIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null || value instanceof Tensor) return [];
  return [value, ...Object.values(value).flatMap(containersIn)];
}

describe("states are values", () => {
  test("frozen below what was frozen already", () => {
    const optimizer = sgd({ learningRate: 0.1 });
    const told = (): { readonly statistics: { mean: Tensor } } => Object.freeze({ statistics: { mean: tensor(0) } });
    const params = Object.freeze({ layers: [{ w: tensor(1) }] });
    const begun = trainState({ params, modelState: told(), optimizer });
    const noted = (p: typeof params, _batch: null, context: Context<ReturnType<typeof told>>): Tensor => {
      if (context.training) context.setState(told());
      return p.layers[0]!.w.square();
    };
    const next = train(begun, null, { cost: noted, optimizer });
    for (const { params, modelState } of [begun, next])
      expect([params.layers, params.layers[0], modelState.statistics].every(Object.isFrozen)).toBe(true);
  });

  test("frozen to the ground, tensors apart, which are the optimiser's own and never drafts", () => {
    const made: unknown[] = [];
    const inner = sgd({ learningRate: 0.1 });
    const optimizer: Optimizer<SgdState> = {
      init: (params) => inner.init(params),
      update: (gradients, state, params) => {
        for (const { leaf } of [...leavesOf(gradients), ...leavesOf(params)]) expect(isDraft(leaf)).toBe(false);
        expect(isDraft(params) || isDraft(state) || isDraft(gradients)).toBe(false);
        const next = inner.update(gradients, state, params);
        made.push(...leavesOf(next.params).map(({ leaf }) => leaf));
        return next;
      },
    };
    const states = run(2, 5, optimizer);
    for (const state of states) {
      const containers = containersIn(state);
      expect(containers.length).toBe(7); // the state, parameters, their list, the optimiser's, random and its numbers, metrics
      for (const each of containers) expect(Object.isFrozen(each)).toBe(true);
      for (const { leaf } of leavesOf(state.params))
        expect([leaf instanceof Tensor, isDraft(leaf)]).toEqual([true, false]);
    }
    const held = states.slice(1).flatMap(({ params }) => leavesOf(params).map(({ leaf }) => leaf));
    expect(held.length).toBe(made.length);
    held.forEach((leaf, i) => expect(leaf).toBe(made[i]));
  });

  test("a step leaves the state before it as it was", () => {
    const states = run(3, 5);
    const kept = states.map((state) => [bits(state.params), state.cost, state.step, state.optimizer.step.item()]);
    const options = { cost, optimizer: sgd({ learningRate: 5 }) };
    for (const state of states) expect(train(state, dataOf(4, 6), options)).not.toBe(state);
    expect(states.map((state) => [bits(state.params), state.cost, state.step, state.optimizer.step.item()])).toEqual(
      kept,
    );
    expect(() => ((states[0] as { step: number }).step = 7)).toThrow(TypeError);
  });
});
