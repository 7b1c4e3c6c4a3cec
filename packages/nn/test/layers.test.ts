/** Dropout, embedding, activation, flattening, regressions: formulas, expectations, seeds, gradients. */
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { full, grad, ones, random, tanh, tensor, type Random, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import {
  activation,
  dropout,
  embedding,
  flatten,
  linearRegression,
  softmaxRegression,
  type TrainingContext,
} from "@cotangent/nn";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const trainingBy = (random: Random): TrainingContext => ({
  training: true,
  random,
  state: undefined,
  setState: () => expect.unreachable("a model without a state has nothing to say"),
});

describe("dropout", () => {
  test("prediction is the default, and passes the inputs as they are", () => {
    const x = random(1).normal([3, 4]);
    expect(dropout({ rate: 0.9 }).apply({}, x)).toBe(x);
    expect(dropout({ rate: 0.9 }).apply({}, x, { training: false, state: undefined })).toBe(x);
    expect(dropout({ rate: 0 }).apply({}, x, trainingBy(random(1)))).toBe(x);
  });

  test("elements are 0 or x / (1 - r), and their mean is x", () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(0.1, 0.25, 0.5, 0.8), (seed, rate) => {
        const n = 10_000;
        const y = dropout({ rate }).apply({}, full([n], 3), trainingBy(random(seed)));
        const values = new Set(y.toTypedArray());
        expect([...values].sort((a, b) => a - b)).toEqual([0, 3 * (1 / (1 - rate))]);
        // Six standard deviations of the mean of n such numbers.
        expect(Math.abs(y.mean().item() - 3)).toBeLessThan(6 * 3 * Math.sqrt(rate / (1 - rate) / n));
      }),
      { numRuns: 20 },
    );
  });

  test("the rate 1 leaves zeros", () => {
    expect(dropout({ rate: 1 }).apply({}, ones([2, 2]), trainingBy(random(1))).toArray()).toEqual([[0, 0], [0, 0]]);
  }); // prettier-ignore

  test("the same seed drops the same, another one and the next step others; float32 stays", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const layer = dropout({ rate: 0.5 });
        const x = ones([64], { dtype: "float32" });
        const context = trainingBy(random(seed));
        const first = layer.apply({}, x, context);
        expect(first.dtype).toBe("float32");
        expect(layer.apply({}, x, trainingBy(random(seed))).toArray()).toEqual(first.toArray());
        expect(layer.apply({}, x, context).toArray()).not.toEqual(first.toArray());
        expect(layer.apply({}, x, trainingBy(random(seed + 1))).toArray()).not.toEqual(first.toArray());
      }),
      { numRuns: 20 },
    );
  });

  test("derivatives are those of what was kept", () => {
    const x = random(1).normal([20]);
    const f = (t: Tensor): Tensor => dropout({ rate: 0.5 }).apply({}, t, trainingBy(random(7)));
    const slopes = grad((t: Tensor) => f(t).sum())(x).toTypedArray();
    expect([...slopes]).toEqual(Array.from(f(x).toTypedArray(), (v) => (v === 0 ? 0 : 2)));
    const [found] = compareGradients(f2, { x }, { random: random(1) });
    expect(found!.relativeError).toBeLessThan(1e-8);
    function f2({ x }: { x: Tensor }): Tensor {
      return f(x).square().sum();
    }
  });
});

describe("embedding", () => {
  const int = (values: number[] | number[][]): Tensor => tensor(values, { dtype: "int32" });

  test("rows by symbols, of any shape", () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }), (seed, symbols) => {
        const layer = embedding({ count: 7, size: 3 });
        const params = layer.init(random(seed));
        const rows = params.weight.toArray() as number[][];
        expect(layer.apply(params, int(symbols)).toArray()).toEqual(symbols.map((i) => rows[i]));
        expect(layer.apply(params, int([symbols, symbols])).shape).toEqual([2, symbols.length, 3]);
      }),
    );
  });

  test("starts at standard normal numbers, or as it is told", () => {
    const { weight } = embedding({ count: 100, size: 100 }).init(random(1));
    expect(Math.abs(weight.square().mean().item() - 1)).toBeLessThan(6 * Math.sqrt(2 / 10_000));
    const layer = embedding({ count: 2, size: 2, init: (_r, shape, options) => full(shape, 5, options), dtype: "float32" });
    expect(layer.init(random(1)).weight.toArray()).toEqual([[5, 5], [5, 5]]);
    expect(layer.init(random(1)).weight.dtype).toBe("float32");
  }); // prettier-ignore

  test("a row collects the derivatives of all its uses", () => {
    const layer = embedding({ count: 3, size: 2 });
    const params = layer.init(random(1));
    const gradient = grad((p: typeof params) => layer.apply(p, int([2, 0, 2])).sum())(params);
    expectTypeOf(gradient.weight).toEqualTypeOf<Tensor>();
    expect(gradient.weight.toArray()).toEqual([[1, 1], [0, 0], [2, 2]]);
    const f = (p: typeof params): Tensor => layer.apply(p, int([[2, 0], [2, 1]])).tanh().square().sum();
    for (const { relativeError } of compareGradients(f, params, { random: random(1) }))
      expect(relativeError).toBeLessThan(1e-8);
  }); // prettier-ignore
});

test("activation applies a function, and flatten keeps the batch", () => {
  const x = random(1).normal([2, 3, 4]);
  expect(activation(tanh).apply({}, x).toArray()).toEqual(x.tanh().toArray());
  expect(flatten().apply({}, x).toArray()).toEqual(x.reshape([2, 12]).toArray());
  expect(flatten().apply({}, x.slice([0, 0])).shape).toEqual([4, 1]);
  expect(flatten().apply({}, ones([0, 3, 2])).shape).toEqual([0, 6]);
  expect(flatten().init(random(1))).toEqual({});
});

test("regressions start at zero, with an output and with an output a class", () => {
  const linear = linearRegression({ features: 3, dtype: "float32" });
  const softmax = softmaxRegression({ features: 3, classes: 4 });
  expect(linear.init(random(1)).weight.shape).toEqual([3, 1]);
  expect(linear.init(random(1)).weight.dtype).toBe("float32");
  expect(softmax.init(random(1)).bias!.shape).toEqual([4]);
  const params = { weight: tensor([[1], [2], [3]]), bias: tensor([0.5]) }; // prettier-ignore
  expect(linear.apply(params, tensor([[1, 1, 1]])).toArray()).toEqual([[6.5]]);
  expect(
    softmax
      .apply(softmax.init(random(1)), ones([2, 3]))
      .abs()
      .max()
      .item(),
  ).toBe(0);
});
