/** Models made of models: parameters, states, streams and types of each; custom models among them. */
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { grad, leavesOf, mapTree, ones, random, tanh, valueAndGrad, type Random, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import {
  activation,
  batchNorm,
  dense,
  dropout,
  flatten,
  layerNorm,
  parallel,
  residual,
  sequential,
  type BatchNormState,
  type Context,
  type DenseParams,
  type Model,
  type NoParams,
  type NoState,
  type NormParams,
  type StatefulModel,
} from "@cotangent/nn";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const bits = (tree: unknown): number[][] => leavesOf(tree).map(({ leaf }) => [...(leaf as Tensor).toTypedArray()]);

function training<S>(random: Random, state: S, setState: (next: S) => void = () => undefined): Context<S> {
  return { training: true, random, state, setState };
}

const network = sequential(
  dense({ inputs: 3, outputs: 4 }),
  batchNorm({ features: 4 }),
  activation(tanh),
  dropout({ rate: 0.5 }),
  residual(sequential(dense({ inputs: 4, outputs: 4 }), batchNorm({ features: 4 }))),
  dense({ inputs: 4, outputs: 2 }),
);

/** A model of one's own that counts its training steps and scales by a parameter. */
const counting: StatefulModel<{ scale: Tensor }, { steps: Tensor }> = {
  init: (random) => ({ scale: random.uniform([], { low: 2, high: 2 }) }),
  initState: () => ({ steps: ones([]).sub(1) }),
  apply: ({ scale }, x, context) => {
    if (context?.training) context.setState({ steps: context.state.steps.add(1) });
    return x.mul(scale);
  },
};

describe("types", () => {
  test("the type of init flows to gradients and states", () => {
    const params = network.init(random(1));
    expectTypeOf(params[0]).toEqualTypeOf<DenseParams>();
    expectTypeOf(params[1]).toEqualTypeOf<NormParams>();
    expectTypeOf(params[2]).toEqualTypeOf<NoParams>();
    expectTypeOf(params[4]).toEqualTypeOf<readonly [DenseParams, NormParams]>();
    const state = network.initState();
    expectTypeOf(state).toEqualTypeOf<
      readonly [NoState, BatchNormState, NoState, NoState, readonly [NoState, BatchNormState], NoState]
    >();
    const gradient = grad((p: typeof params) => network.apply(p, ones([2, 3])).sum())(params);
    expectTypeOf(gradient[4][1].bias).toEqualTypeOf<Tensor>();
    expect(leavesOf(gradient).map(({ path }) => path)).toEqual(leavesOf(params).map(({ path }) => path));
    const plain = sequential(dense({ inputs: 3, outputs: 4 }), activation(tanh));
    expectTypeOf(plain).toEqualTypeOf<Model<readonly [DenseParams, NoParams]>>();
    expect(plain.initState).toBeUndefined();
    expectTypeOf(residual(counting).initState()).toEqualTypeOf<{ steps: Tensor }>();
  });
});

describe("states", () => {
  test("each layer hears of its own part, and the new state has the form of the old", () => {
    const params = network.init(random(1));
    const start = network.initState();
    let state = start;
    const x = random(2).normal([8, 3], { mean: 5 });
    const run = (): Tensor =>
      network.apply(
        params,
        x,
        training(random(3), state, (next) => (state = next)),
      );
    run();
    expect(leavesOf(state).map(({ path }) => path)).toEqual([
      "[1].mean", "[1].variance", "[4][1].mean", "[4][1].variance",
    ]); // prettier-ignore
    expect(bits(start)).toEqual(bits(network.initState()));
    const [layer, after] = [batchNorm({ features: 4 }), dense({ inputs: 3, outputs: 4 }).apply(params[0], x)];
    layer.apply(params[1], after, training(random(1), layer.initState(), (next) => {
      expect(bits(state[1])).toEqual(bits(next));
    })); // prettier-ignore
    const first = state;
    run();
    expect(bits(state)).not.toEqual(bits(first));
    // What has no state keeps its place.
    expect(state.map((part) => Object.keys(part).length)).toEqual([0, 2, 0, 0, 2, 0]);
  });

  test("prediction takes the state and says nothing; without a state it is that of a model never trained", () => {
    const params = network.init(random(1));
    const x = random(2).normal([8, 3]);
    let state = network.initState();
    network.apply(
      params,
      x,
      training(random(3), state, (next) => (state = next)),
    );
    const fresh = network.apply(params, x).toArray();
    expect(network.apply(params, x, { training: false, state: network.initState() }).toArray()).toEqual(fresh);
    expect(network.apply(params, x, { training: false, state }).toArray()).not.toEqual(fresh);
  });

  test("custom models with a state fit in, one without hears of nothing", () => {
    const model = parallel(counting, residual(counting), dropout({ rate: 0.5 }));
    const params = model.init(random(1));
    let state = model.initState();
    for (let i = 0; i < 3; i++)
      model.apply(
        params,
        ones([1, 2]),
        training(random(i), state, (next) => (state = next)),
      );
    expect([state[0].steps.item(), state[1].steps.item()]).toEqual([3, 3]);
    expect(model.apply(params, ones([1, 2])).toArray()).toEqual([[2, 2, 3, 3, 1, 1]]);
    const silent = (): void => expect.unreachable("no state, nothing to say");
    const plain = sequential(dense({ inputs: 2, outputs: 2 }), dropout({ rate: 0.5 }));
    plain.apply(plain.init(random(1)), ones([1, 2]), training(random(1), undefined, silent));
  });

  test("a context reaches the model of one's own as it should", () => {
    const seen: (Context | undefined)[] = [];
    const spy: Model<NoParams> = { init: () => ({}), apply: (_p, x, context) => (seen.push(context), x) };
    const model = sequential(spy, batchNorm({ features: 1 }));
    const [params, x] = [model.init(random(1)), ones([2, 1])];
    model.apply(params, x);
    model.apply(params, x, { training: false, state: model.initState() });
    model.apply(params, x, training(random(1), model.initState()));
    expect(seen.map((context) => context?.training)).toEqual([undefined, false, true]);
    expect(seen.map((context) => context?.state)).toEqual([undefined, undefined, undefined]);
  });
});

describe("streams", () => {
  const twice = sequential(dropout({ rate: 0.5 }), dropout({ rate: 0.5 }));
  const side = parallel(dropout({ rate: 0.5 }), dropout({ rate: 0.5 }));
  const x = ones([1, 64]);

  test("the same seed gives the same bits, another one and the next step others", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const run = (source: Random): unknown =>
          network.apply(network.init(random(1)), ones([4, 3]).cumsum({ axis: 0 }), training(source, network.initState())).toArray();
        expect(run(random(seed))).toEqual(run(random(seed)));
        const going = random(seed);
        const masks = [0, 1].map(() => twice.apply([{}, {}], x, training(going, undefined)).toArray());
        expect(masks[0]).not.toEqual(masks[1]);
        expect(twice.apply([{}, {}], x, training(random(seed + 1), undefined)).toArray()).not.toEqual(masks[0]);
      }),
      { numRuns: 20 },
    );
  }); // prettier-ignore

  test("layers draw apart from each other", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const y = side.apply([{}, {}], x, training(random(seed), undefined));
        expect(y.slice([null, [0, 64]]).toArray()).not.toEqual(y.slice([null, [64, 128]]).toArray());
        const values = new Set(twice.apply([{}, {}], x, training(random(seed), undefined)).toTypedArray());
        expect(values).toEqual(new Set([0, 4]));
      }),
      { numRuns: 20 },
    );
  });
});

describe("formulas", () => {
  test("parallel joins, residual adds, nested as one likes", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 5 }), (seed, batch) => {
        const [a, b] = [dense({ inputs: 3, outputs: 2 }), dense({ inputs: 3, outputs: 3 })];
        const model = parallel(a, sequential(residual(b), layerNorm({ size: 3 })), activation(tanh));
        const params = model.init(random(seed));
        const x = random(seed).fork("x").normal([batch, 3]);
        const around = x.add(b.apply(params[1][0], x));
        const expected = [
          a.apply(params[0], x),
          layerNorm({ size: 3 }).apply(params[1][1], around),
          x.tanh(),
        ].map((t) => t.toArray() as number[][]);
        const joined = Array.from({ length: batch }, (_, i) => expected.flatMap((rows) => rows[i]!));
        expect(model.apply(params, x).toArray()).toEqual(joined);
      }),
    );
  }); // prettier-ignore

  test("gradients of the whole in training and in prediction", () => {
    const model = sequential(flatten(), network);
    const params = mapTree((p) => p.add(random(9).normal(p.shape, { std: 0.3 })), model.init(random(1)));
    const x = random(2).normal([6, 3, 1]);
    for (const context of [undefined, { training: false, state: model.initState() } as const, null]) {
      const f = (p: typeof params): Tensor =>
        model.apply(p, x, context === null ? training(random(3), model.initState()) : context).tanh().square().sum();
      const found = compareGradients(f, params, { random: random(4) });
      // A bias before batch normalisation has no effect in training.
      for (const { path, relativeError } of found)
        if (context !== null || !/^\[1\]\[(0|4\]\[0)\]\.bias$/.test(path)) expect(relativeError, path).toBeLessThan(1e-7);
    }
  }); // prettier-ignore

  test("a training step is a function: cost, gradients and state, bit for bit", () => {
    const step = (params: ReturnType<typeof network.init>, state: ReturnType<typeof network.initState>): unknown => {
      let next = state;
      const cost = (p: typeof params): Tensor =>
        network.apply(p, random(5).normal([6, 3]), training(random(6), state, (s) => (next = s))).square().mean();
      const [value, gradient] = valueAndGrad(cost)(params);
      return bits([value, gradient, next]);
    };
    const [params, state] = [network.init(random(1)), network.initState()];
    expect(step(params, state)).toEqual(step(params, state));
  }); // prettier-ignore
});
