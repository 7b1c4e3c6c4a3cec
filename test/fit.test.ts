/** `fit` with the models, losses, metrics and data sets of the other packages. */
import { describe, expect, expectTypeOf, test } from "vitest";
import { DataError, random, relu, tensor, type Tensor } from "@cotangent/core";
import { batches, dataset, split } from "@cotangent/data";
import { digits } from "@cotangent/data/node";
import {
  accuracy,
  batchNorm,
  classesOf,
  crossEntropy,
  dense,
  dropout,
  sequential,
  softmaxRegression,
  type DenseParams,
} from "@cotangent/nn";
import { adam, diff, fit, sgd, train, trainState, type AdamState } from "@cotangent/optim";

const { train: training, test: held } = split(digits(), { testFraction: 0.2, random: random(1) });
const scaled = (data: typeof training): typeof training => ({ ...data, features: data.features.div(16) });
const model = sequential(
  dense({ inputs: 64, outputs: 16, activation: relu }),
  batchNorm({ features: 16 }),
  dropout({ rate: 0.2 }),
  dense({ inputs: 16, outputs: 10 }),
);
const optimizer = adam({ learningRate: 0.05 });
const options = {
  model,
  loss: crossEntropy,
  optimizer,
  data: scaled(training),
  validation: scaled(held),
  batchSize: 256,
  metrics: { accuracy: (z: Tensor, y: Tensor) => accuracy(classesOf(z), y) },
};

describe("digits, by a network with dropout and running statistics", () => {
  test("are learnt, and a run from any state kept ends with the same bits", async () => {
    const whole = await fit({ ...options, epochs: 4, seed: 1, history: { every: 5 } });
    expect(whole.state.metrics["accuracy"]).toBeGreaterThan(0.9);
    expect(whole.history!.steps).toEqual([0, 5, 10, 15, 20]);
    for (const step of whole.history!.steps) {
      const { state } = await fit({ ...options, epochs: 4, state: whole.history!.at(step) });
      expect(diff(state, whole.state)).toEqual([]);
    }
    const { params, modelState } = whole.state;
    const z = model.apply(params, options.validation.features, { training: false, state: modelState });
    expect(whole.state.metrics["accuracy"]).toBe(accuracy(classesOf(z), held.labels));
  });
});

test("types flow from the model to parameters, states and events", async () => {
  const linear = softmaxRegression({ features: 2, classes: 2 });
  const data = dataset(tensor([[1, 2], [3, 4]]), tensor([0, 1], { dtype: "int32" })); // prettier-ignore
  const start = trainState({ model: linear, optimizer, seed: 1 });
  expectTypeOf(start.params).toEqualTypeOf<DenseParams>();
  expectTypeOf(start.optimizer).toEqualTypeOf<AdamState>();
  expectTypeOf(start.modelState).toEqualTypeOf<undefined>();
  const next = train(start, batches(data, { size: 2 })[0]!, { model: linear, loss: crossEntropy, optimizer });
  expectTypeOf(next).toEqualTypeOf(start);
  const run = fit({ model: linear, loss: crossEntropy, optimizer, data, epochs: 1, seed: 1, history: { every: 1 } }); // prettier-ignore
  for await (const event of run) if (event.type === "step") expectTypeOf(event.state).toEqualTypeOf(start);
  const { state, history: kept } = await run;
  expectTypeOf(state).toEqualTypeOf(start);
  expectTypeOf(kept!.at(0)).toEqualTypeOf(start);
  const other = kept!.branch(1, { optimizer: sgd({ learningRate: 1 }) });
  expectTypeOf(other.at(1).params).toEqualTypeOf<DenseParams>();
  const own = await fit({
    cost: (p: DenseParams, x: Tensor) => x.matmul(p.weight).mean(),
    optimizer,
    state: start,
    data: [tensor([[1, 2]])],
    epochs: 1,
  });
  expectTypeOf(own.state).toEqualTypeOf(start);
  // @ts-expect-error a batch has features and labels
  expect(() => train(start, tensor(1), { model: linear, loss: crossEntropy, optimizer })).toThrow();
});

test("labels out of range are refused by the loss, in the run", async () => {
  const data = dataset(tensor([[1, 2], [3, 4]]), tensor([0, 2], { dtype: "int32" })); // prettier-ignore
  const run = fit({ ...options, model: softmaxRegression({ features: 2, classes: 2 }), data, validation: data, epochs: 1, seed: 1 }); // prettier-ignore
  await expect(run).rejects.toThrow(DataError);
});
