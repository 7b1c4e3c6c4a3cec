/** Layer and batch normalisation: formulas by loops, running statistics by PyTorch's rule, gradients. */
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { grad, jvp, leavesOf, mapTree, ones, random, tensor, variable, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
import { batchNorm, layerNorm, type BatchNormState, type TrainingContext } from "@cotangent/nn";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function training(state: BatchNormState, heard: BatchNormState[] = []): TrainingContext<BatchNormState> {
  return { training: true, random: random(1), state, setState: (next) => void heard.push(next) };
}

function expectClose(actual: Tensor, expected: readonly number[], scale = 1): void {
  expect(actual.size).toBe(expected.length);
  actual.toTypedArray().forEach((v, i) => expect(Math.abs(v - expected[i]!)).toBeLessThan(1e-12 * scale));
}

const meanOf = (list: readonly number[]): number => list.reduce((sum, v) => sum + v, 0) / list.length;
const biasedOf = (list: readonly number[]): number => meanOf(list.map((v) => (v - meanOf(list)) ** 2));

describe("layerNorm", () => {
  test("each row by its own mean and biased variance", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 6 }), fc.constantFrom(1e-5, 0.1), (seed, size, epsilon) => {
        const layer = layerNorm({ size, epsilon });
        const params = mapTree((p) => p.add(random(seed).normal(p.shape)), layer.init(random(1)));
        const x = random(seed).fork("x").normal([2, 3, size], { mean: 5, std: 3 });
        const [w, b] = [params.weight.toTypedArray(), params.bias.toTypedArray()];
        const rows = x.reshape([6, size]).toArray() as number[][];
        const expected = rows.flatMap((row) =>
          row.map((v, i) => (w[i]! * (v - meanOf(row))) / Math.sqrt(biasedOf(row) + epsilon) + b[i]!),
        );
        expectClose(layer.apply(params, x), expected, 1000);
        expect(layer.apply(params, x).shape).toEqual([2, 3, size]);
      }),
    );
  });

  test("gradients by inputs and parameters, large and constant rows included", () => {
    const layer = layerNorm({ size: 4 });
    const params = mapTree((p) => p.add(random(1).normal(p.shape)), layer.init(random(1)));
    const tree = { params, x: random(2).normal([3, 4]) };
    const f = ({ params, x }: typeof tree): Tensor => layer.apply(params, x).tanh().square().sum();
    for (const { path, relativeError } of compareGradients(f, tree, { random: random(3) }))
      expect(relativeError, path).toBeLessThan(1e-7);
    const slopes = grad((x: Tensor) => layer.apply(params, x).sum())(tensor([[1000, -1000, 1000, 0], [7, 7, 7, 7]])); // prettier-ignore
    expect(slopes.isFinite().all().item()).toBe(1);
  });
});

describe("batchNorm in training", () => {
  const shape = fc.constantFrom([2, 3], [5, 3], [2, 3, 4], [3, 3, 2, 2]);

  test("each feature by the batch, with PyTorch's running statistics", () => {
    fc.assert(
      fc.property(seeds, shape, fc.constantFrom(0.1, 0.5, 1, 0), (seed, shape, momentum) => {
        const layer = batchNorm({ features: 3, momentum });
        const params = mapTree((p) => p.add(random(seed).normal(p.shape)), layer.init(random(1)));
        let state = layer.initState();
        const running = { mean: [0, 0, 0], variance: [1, 1, 1] };
        for (let step = 0; step < 3; step++) {
          const x = random(seed).fork(`${step}`).normal(shape, { mean: 2, std: 3 });
          const features = [0, 1, 2].map((f) => [...x.take(tensor([f], { dtype: "int32" }), { axis: 1 }).toTypedArray()]);
          const y = layer.apply(params, x, { ...training(state), setState: (next) => void (state = next) });
          features.forEach((values, f) => {
            const [w, b] = [params.weight.toTypedArray()[f]!, params.bias.toTypedArray()[f]!];
            const [mean, biased] = [meanOf(values), biasedOf(values)];
            expectClose(
              y.take(tensor([f], { dtype: "int32" }), { axis: 1 }),
              values.map((v) => (w * (v - mean)) / Math.sqrt(biased + 1e-5) + b),
              1000,
            );
            const unbiased = (biased * values.length) / (values.length - 1);
            running.mean[f] = (1 - momentum) * running.mean[f]! + momentum * mean;
            running.variance[f] = (1 - momentum) * running.variance[f]! + momentum * unbiased;
          });
          expect(y.shape).toEqual(shape);
          expectClose(state.mean, running.mean, 100);
          expectClose(state.variance, running.variance, 1000);
        }
        // Prediction goes by what was remembered, and remembers nothing.
        const x = random(seed).normal(shape);
        const y = layer.apply(params, x, { training: false, state });
        const first = layer.apply(params, x.slice([[0, 1]]), { training: false, state });
        expect(first.toArray()).toEqual(y.slice([[0, 1]]).toArray());
        const [w, b] = [params.weight.toTypedArray()[0]!, params.bias.toTypedArray()[0]!];
        const v = x.toTypedArray()[0]!;
        const expected = (w * (v - running.mean[0]!)) / Math.sqrt(running.variance[0]! + 1e-5) + b;
        expect(Math.abs(y.toTypedArray()[0]! - expected)).toBeLessThan(1e-10);
      }),
      { numRuns: 40 },
    );
  }); // prettier-ignore

  test("by hand: PyTorch's numbers of BatchNorm1d(1)", () => {
    const layer = batchNorm({ features: 1 });
    const heard: BatchNormState[] = [];
    layer.apply(layer.init(random(1)), tensor([[1], [2], [6]]), training(layer.initState(), heard)); // prettier-ignore
    // Mean 3, unbiased variance (4 + 1 + 9) / 2 = 7: 0.1 · 3, and 0.9 + 0.1 · 7.
    expectClose(heard[0]!.mean, [0.3]);
    expectClose(heard[0]!.variance, [1.6]);
  });

  test("states are values: the old one stays, the new one is told once and has no history", () => {
    const layer = batchNorm({ features: 2 });
    const params = layer.init(random(1));
    const state = layer.initState();
    const heard: BatchNormState[] = [];
    const x = random(2).normal([4, 2], { mean: 3 });
    const gradient = grad((p: typeof params) => layer.apply(p, x, training(state, heard)).square().sum())(params);
    expectTypeOf(gradient.weight).toEqualTypeOf<Tensor>();
    jvp<[Tensor]>((t) => layer.apply(params, t, training(state, heard)), [x], [x]);
    expect(layer.apply(params, variable(x), training(state, heard)).requiresGrad).toBe(true);
    expect(heard.length).toBe(3);
    for (const { leaf } of leavesOf(heard)) expect((leaf as Tensor).requiresGrad).toBe(false);
    expect(heard[0]!.mean.toArray()).toEqual(heard[1]!.mean.toArray());
    expect([state.mean.toArray(), state.variance.toArray()]).toEqual([[0, 0], [1, 1]]);
  }); // prettier-ignore

  test("derivatives flow through mean and variance of the batch", () => {
    const layer = batchNorm({ features: 3 });
    const params = mapTree((p) => p.add(random(1).normal(p.shape)), layer.init(random(1)));
    for (const shape of [[4, 3], [2, 3, 2]]) {
      const tree = { params, x: random(2).normal(shape) };
      for (const context of [training(layer.initState()), { training: false, state: layer.initState() } as const]) {
        const f = ({ params, x }: typeof tree): Tensor => layer.apply(params, x, context).tanh().square().sum();
        for (const { path, relativeError } of compareGradients(f, tree, { random: random(3) }))
          expect(relativeError, path).toBeLessThan(1e-7);
      }
    }
    // What is added to a whole feature changes nothing.
    const slopes = grad((x: Tensor) => layer.apply(params, x, training(layer.initState())).tanh().sum())(
      random(4).normal([5, 3]),
    );
    expectClose(slopes.sum({ axis: 0 }), [0, 0, 0], 10);
  }); // prettier-ignore

  test("±1000 and constant features are finite, with finite gradients", () => {
    const layer = batchNorm({ features: 2 });
    const f = (x: Tensor): Tensor =>
      layer
        .apply(layer.init(random(1)), x, training(layer.initState()))
        .square()
        .sum();
    const x = tensor([[1000, 7], [-1000, 7], [0, 7]]); // prettier-ignore
    expect(Number.isFinite(f(x).item())).toBe(true);
    expect(grad(f)(x).isFinite().all().item()).toBe(1);
  });
});

test("batchNorm without a context predicts as a model that was never trained", () => {
  const layer = batchNorm({ features: 2, epsilon: 1e-3 });
  const params = layer.init(random(1));
  const x = random(2).normal([3, 2]);
  expect(layer.apply(params, x).toArray()).toEqual(
    layer.apply(params, x, { training: false, state: layer.initState() }).toArray(),
  );
  expect(layer.apply(params, x).div(x).mul(Math.sqrt(1.001)).sub(1).abs().max().item()).toBeLessThan(1e-15);
});

test("dtypes: parameters, state and outputs stay float32", () => {
  const layer = batchNorm({ features: 2, dtype: "float32" });
  const heard: BatchNormState[] = [];
  const [params, state] = [layer.init(random(1)), layer.initState()];
  const y = layer.apply(params, ones([3, 2], { dtype: "float32" }), training(state, heard));
  const z = layerNorm({ size: 2, dtype: "float32" });
  const leaves = leavesOf([params, state, heard, y, z.init(random(1)), z.apply(z.init(random(1)), y)]);
  expect(leaves.map(({ leaf }) => (leaf as Tensor).dtype)).toEqual(leaves.map(() => "float32"));
});
