/** Layers and networks: shapes, formulas, seeds, and what zeros as first weights do. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  full,
  grad,
  leavesOf,
  mapTree,
  ones,
  random,
  relu,
  ShapeError,
  sigmoid,
  tanh,
  tensor,
  type Tensor,
} from "@cotangent/core";
import {
  binaryCrossEntropyWithLogits,
  deepNetwork,
  dense,
  logisticRegression,
  sequential,
  shallowNetwork,
  zerosInit,
  type DenseParams,
  type Initialiser,
  type Model,
} from "@cotangent/nn";

type Params = readonly DenseParams[];
const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 2, maxLength: 5 });
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const bits = (params: unknown): number[][] => leavesOf(params).map(({ leaf }) => [...(leaf as Tensor).toTypedArray()]);

describe("shapes and formulas", () => {
  test("parameters and outputs have the shapes that the sizes say", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), seeds, (layers, batch, seed) => {
        const model = deepNetwork({ sizes: layers });
        const params = model.init(random(seed));
        expect(params.map(({ weight }) => weight.shape)).toEqual(layers.slice(1).map((n, i) => [layers[i], n]));
        expect(params.map(({ bias }) => bias?.shape)).toEqual(layers.slice(1).map((n) => [n]));
        expect(model.apply(params, ones([batch, layers[0]!])).shape).toEqual([batch, layers.at(-1)]);
      }),
    );
  });

  test("a deep network is its layers one after the other, linear at the end", () => {
    fc.assert(
      fc.property(sizes, seeds, (layers, seed) => {
        const model = deepNetwork({ sizes: layers, activation: tanh });
        const params = model.init(random(seed));
        const x = random(seed).fork("x").normal([3, layers[0]!]);
        const expected = params.reduce((a, { weight, bias }, i) => {
          const z = a.matmul(weight).add(bias!);
          return i === params.length - 1 ? z : z.tanh();
        }, x);
        expect(model.apply(params, x).toTypedArray()).toEqual(expected.toTypedArray());
      }),
    );
  });

  test("dense computes g(x w + b), or g(x w) without a bias", () => {
    const x = tensor([[1, 2]]);
    const weight = tensor([[1, -1], [10, -10]]); // prettier-ignore
    const params = { weight, bias: tensor([0.5, 0.25]) };
    expect(dense({ inputs: 2, outputs: 2 }).apply(params, x).toArray()).toEqual([[21.5, -20.75]]);
    expect(dense({ inputs: 2, outputs: 2, activation: relu }).apply(params, x).toArray()).toEqual([[21.5, 0]]);
    const bare = dense({ inputs: 2, outputs: 2, bias: false });
    expect(Object.keys(bare.init(random(1)))).toEqual(["weight"]);
    expect(bare.apply({ weight }, x).toArray()).toEqual([[21, -21]]);
  });

  test("activation and output stand where they belong", () => {
    const options = { init: (_r, shape) => full(shape, -1) } satisfies { init: Initialiser };
    const apply = <P>(model: Model<P>): number => model.apply(model.init(random(1)), ones([1, 1])).item();
    expect(apply(shallowNetwork({ inputs: 1, hidden: 1, outputs: 1, ...options }))).toBe(-tanh(-1).item());
    expect(apply(deepNetwork({ sizes: [1, 1, 1], ...options }))).toBe(0);
    expect(apply(deepNetwork({ sizes: [1, 1], output: sigmoid, ...options }))).toBe(sigmoid(-1).item());
    expect(
      apply(sequential(dense({ inputs: 1, outputs: 1, ...options }), dense({ inputs: 1, outputs: 1, ...options }))),
    ).toBe(1);
  });

  test("logistic regression starts at even odds", () => {
    const model = logisticRegression({ features: 4 });
    expect(bits(model.init(random(1)))).toEqual([[0, 0, 0, 0], [0]]);
  });

  test("float32 all the way", () => {
    const model = deepNetwork({ sizes: [2, 3, 1], dtype: "float32" });
    const params = model.init(random(1));
    expect(leavesOf(params).map(({ leaf }) => (leaf as Tensor).dtype)).toEqual(Array(4).fill("float32"));
    expect(model.apply(params, ones([1, 2], { dtype: "float32" })).dtype).toBe("float32");
  });
});

describe("seeds", () => {
  test("the same seed gives the same bits, another one others; layers differ", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { init } = deepNetwork({ sizes: [3, 3, 3] });
        expect(bits(init(random(seed)))).toEqual(bits(init(random(seed))));
        expect(bits(init(random(seed)))).not.toEqual(bits(init(random(seed + 1))));
        const [first, , second] = bits(init(random(seed)));
        expect(first).not.toEqual(second);
      }),
    );
  });

  test("a layer's first weights do not depend on the layers before it", () => {
    const last = { inputs: 3, outputs: 2 };
    const second = (first: Model<DenseParams>): unknown => bits(sequential(first, dense(last)).init(random(5))[1]);
    expect(second(dense({ inputs: 2, outputs: 3 }))).toEqual(second(dense({ inputs: 9, outputs: 3, bias: false })));
  });
});

describe("symmetry", () => {
  /** The columns of the first and the rows of the second weight, one pair a hidden unit, after some steps. */
  function unitsAfter(steps: number, init: Initialiser | undefined, seed: number, hidden: number): number[][] {
    // Under sigmoid even units that start at zero move.
    const model = shallowNetwork({ inputs: 2, hidden, outputs: 1, activation: sigmoid, ...(init ? { init } : {}) });
    const x = random(seed).fork("x").normal([12, 2]);
    // A third of ones: with as many ones as zeros, units that start at zero would feel nothing.
    const y = tensor(Float64Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? 1 : 0))).reshape([12, 1]);
    const gradient = grad<[Params]>((p) => binaryCrossEntropyWithLogits(model.apply(p, x), y));
    let params = model.init(random(seed));
    for (let i = 0; i < steps; i++) params = mapTree((p, g) => p.sub(g), params, gradient(params)) as Params;
    const [first, second] = params.map(({ weight }) => weight.toArray() as number[][]);
    return second!.map((row, unit) => [...first!.map((weights) => weights[unit]!), ...row]);
  }

  const draws = [seeds, fc.integer({ min: 2, max: 6 })] as const;

  test("hidden units that start at zero move, and stay equal to the bit", () => {
    fc.assert(
      fc.property(...draws, (seed, hidden) => {
        const [first, ...others] = unitsAfter(20, zerosInit, seed, hidden);
        for (const unit of others) expect(unit).toEqual(first);
        expect(first!.every((w) => w !== 0)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test("units that start at random stay apart", () => {
    fc.assert(
      fc.property(...draws, (seed, hidden) => {
        const units = unitsAfter(20, undefined, seed, hidden).map((unit) => unit.join(" "));
        expect(new Set(units).size).toBe(hidden);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what is refused", () => {
  test.each([
    ["no layers", () => deepNetwork({ sizes: [] }), /sizes of at least two layers/],
    ["one layer", () => deepNetwork({ sizes: [3] }), /sizes of at least two layers/],
    ["sizes that are no list", () => deepNetwork({ sizes: 3 as never }), /sizes of at least two layers/],
    ["a layer of none", () => deepNetwork({ sizes: [3, 0, 1] }), /sizes\[1\].*got 0/],
    ["a fractional layer", () => deepNetwork({ sizes: [3, 2.5, 1] }), /sizes\[1\].*got 2.5/],
    ["a size that is text", () => dense({ inputs: "3" as never, outputs: 1 }), /dense: expected inputs/],
    ["no outputs", () => dense({ inputs: 3, outputs: -1 }), /dense: expected outputs.*got -1/],
    ["infinitely many features", () => logisticRegression({ features: Infinity }), /features/],
    ["a size that is missing", () => logisticRegression({} as never), /features, which is missing/],
    ["no options", () => dense(undefined as never), /dense: expected/],
    ["no options of a network", () => deepNetwork(undefined as never), /deepNetwork: expected/],
    ["no hidden units", () => shallowNetwork({ inputs: 1, hidden: 0, outputs: 1 }), /shallowNetwork: expected hidden/],
    ["a misspelt option", () => dense({ inputs: 1, outputs: 1, activate: tanh } as never), /unknown option "activate"/],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  test.each([[[4, 2]], [[3, 4]], [[]], [[2]]])("inputs of shape %j for three features", (shape) => {
    const model = logisticRegression({ features: 3 });
    const run = (): Tensor => model.apply(model.init(random(1)), ones(shape));
    expect(run).toThrow(ShapeError);
    expect(run).toThrow(/expected inputs of shape \[batch, 3\]/);
  });
});
