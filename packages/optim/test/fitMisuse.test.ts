/** What `fit` refuses, at once and by name. */
import { expect, test } from "vitest";
import { CotangentError, tensor, type Tensor } from "@cotangent/core";
import { fit, sgd, trainState, type Samples } from "@cotangent/optim";
import { progressBar } from "@cotangent/optim/node";

const optimizer = sgd({ learningRate: 0.1 });
const model = { init: () => ({ w: tensor([[1], [2]]) }), apply: ({ w }: { w: Tensor }, x: Tensor) => x.matmul(w) };
const loss = (y: Tensor, target: Tensor): Tensor => y.sub(target).square().mean();
const state = trainState({ model, optimizer, seed: 1 });
const of = (features: unknown[], labels: unknown[]): Samples => ({
  features: tensor(features as number[][]),
  labels: tensor(labels as number[][]),
});
const data = of([[1, 2], [3, 4]], [[1], [0]]); // prettier-ignore
const good = { model, loss, optimizer, data, epochs: 1, seed: 1 };
const start = (change: object): unknown => fit({ ...good, ...change });
const spoilt = of([[1, 2], [3, NaN]], [[1], [0]]); // prettier-ignore

test.each<[string, RegExp, object]>([
  ["ArgumentError", /^fit: unknown option "epoch"/, { epoch: 1 }],
  ["ArgumentError", /^fit: expected the option data, which is missing/, { data: undefined }],
  ["ArgumentError", /^fit: expected the option epochs, which is missing/, { epochs: undefined }],
  ["ArgumentError", /^fit: expected a number of epochs that is an integer from 1, got 0/, { epochs: 0 }],
  ["ArgumentError", /^fit: expected a number of epochs that is an integer from 1, got 1.5/, { epochs: 1.5 }],
  ["ArgumentError", /^fit: expected a number of epochs that is an integer from 1, got NaN/, { epochs: NaN }],
  ["ArgumentError", /^fit: data: expected a batchSize that is an integer from 1, got 0/, { batchSize: 0 }],
  ["ArgumentError", /^fit: data: expected a batchSize that is an integer from 1, got -2/, { batchSize: -2 }],
  ["ArgumentError", /^fit: data: expected batchSize and dropLast beside features and labels only, got an array/, { data: [data], batchSize: 2 }],
  ["ArgumentError", /^fit: data: expected features and labels, or an iterable of batches, .* got 3/, { data: 3 }],
  ["ArgumentError", /^fit: data: expected features and labels, .* got an object/, { data: { features: data.features } }],
  ["ArgumentError", /^fit: data: expected features and labels, .* got the string "mnist"/, { data: "mnist" }],
  ["DataError", /^fit: data: expected as many labels as samples, got shapes \[2, 2\] and \[1, 1\]/, { data: of([[1, 2], [3, 4]], [[1]]) }],
  ["DataError", /^fit: data: expected at least one sample, got none/, { data: { features: tensor([], { shape: [0, 2] }), labels: tensor([]) } }],
  ["DataError", /^fit: data: expected finite features, got NaN in row 1, column 1; fill or drop missing values/, { data: spoilt }],
  ["DataError", /^fit: data: batch 1: expected finite features, got NaN in row 1, column 1/, { data: [data, spoilt] }],
  ["DataError", /^fit: data: expected finite labels, got -Infinity in row 0/, { data: { ...data, labels: tensor([-Infinity, 1]) } }],
  ["DataError", /^fit: validation: expected finite features, got NaN in row 1, column 1/, { validation: spoilt }],
  ["DataError", /^fit: data: expected at least one full batch of 3, got 2 samples; lower batchSize/, { batchSize: 3, dropLast: true }],
  ["ArgumentError", /^fit: expected a shuffle that is true or false, got the string "yes"/, { shuffle: "yes" }],
  ["ArgumentError", /^fit: expected the option seed for fresh parameters, or state to go on from, got none/, { seed: undefined }],
  ["ArgumentError", /^fit: expected a state or a seed, got both/, { state }],
  ["ArgumentError", /^fit: expected a state from trainState or train, got an object/, { state: {}, seed: undefined }],
  ["ArgumentError", /^fit: expected the option state beside a cost/, { model: undefined, loss: undefined, cost: loss }],
  ["ArgumentError", /^fit: expected the options model and loss, or cost, got both/, { cost: loss }],
  ["ArgumentError", /^fit: expected an optimizer such as sgd/, { optimizer: sgd }],
  ["ArgumentError", /^fit: expected validation data beside metrics, got none/, { metrics: { loss } }],
  ["ArgumentError", /^fit: expected metrics by name, such as \{ accuracy \}, got a function/, { metrics: loss, validation: data }],
  ["ArgumentError", /^fit: expected the metric "accuracy" to be a function, got 1/, { metrics: { accuracy: 1 }, validation: data }],
  ["ArgumentError", /^fit: expected another name than "best" for a metric/, { metrics: { best: loss }, validation: data }],
  ["ArgumentError", /^fit: earlyStopping: expected the option patience, which is missing/, { earlyStopping: {} }],
  ["ArgumentError", /^fit: earlyStopping: expected a patience that is an integer from 1, got 0/, { earlyStopping: { patience: 0 } }],
  ["ArgumentError", /^fit: earlyStopping: expected a minDelta that is a finite number from 0, got -1/, { earlyStopping: { patience: 1, minDelta: -1 } }],
  ["ArgumentError", /^fit: earlyStopping: unknown option "wait"/, { earlyStopping: { patience: 1, wait: 1 } }],
  ["ArgumentError", /^fit: earlyStopping: expected a metric out of epochCost, got "validationCost"; others want validation data/, { earlyStopping: { patience: 1, metric: "validationCost" } }],
  ["ArgumentError", /^fit: earlyStopping: expected a mode, "min" or "max", for the metric "acc", got undefined/, { earlyStopping: { patience: 1, metric: "acc" } }],
  ["ArgumentError", /^fit: expected a list of callbacks, got a function/, { callbacks: () => null }],
  ["ArgumentError", /^fit: expected callbacks that are functions, got null/, { callbacks: [null] }],
  ["ArgumentError", /^fit: expected the signal of an AbortController, got an? AbortController/, { signal: new AbortController() }],
  ["ArgumentError", /^history: unknown option "evry"/, { history: { evry: 1 } }],
])("%s %s", (name, says, change) => {
  expect(() => start(change)).toThrow(CotangentError);
  expect(() => start(change)).toThrow(expect.objectContaining({ name }));
  expect(() => start(change)).toThrow(says);
}); // prettier-ignore

const generator = (function* () {
  yield data;
})();
test.each<[string, RegExp, object]>([
  ["DataError", /^fit: data: expected at least one batch in epoch 2, got none; a generator gives its batches but once/, { data: generator, epochs: 2 }],
  ["DataError", /^fit: data: expected at least one batch in epoch 1, got none/, { data: [] }],
  ["ArgumentError", /^fit: data: expected features and labels, .* got undefined/, { data: () => undefined }],
  ["ArgumentError", /^fit: data: expected features and labels, .* got one whose iterator has no next/, { data: { [Symbol.iterator]: () => ({}) } }],
  ["ArgumentError", /^fit: data: expected an iterator that gives \{ value, done \}, got 5/, { data: { [Symbol.iterator]: () => ({ next: () => 5 }) } }],
  ["ArgumentError", /^fit: expected a batch \{ features, labels \}, .* got a Tensor/, { data: [tensor(1)] }],
  ["ArgumentError", /^fit: expected validation batches \{ features, labels \}, got 1/, { validation: [1] }],
  ["DataError", /^fit: expected at least one batch of validation data, got none/, { validation: [] }],
  ["ArgumentError", /^fit: expected the metric "all" to give a number, got a tensor of shape \[2, 1\]/, { validation: data, metrics: { all: (y: Tensor) => y } }],
])("on its way: %s %s", async (name, says, change) => {
  const failed = await fit({ ...good, ...change } as never).then(null, (error: unknown) => error);
  expect(failed).toBeInstanceOf(CotangentError);
  expect(failed).toMatchObject({ name });
  expect((failed as Error).message).toMatch(says);
}); // prettier-ignore

test("a second loop over the events of a run", async () => {
  const run = fit(good);
  for await (const event of run) expect(event).toBeDefined();
  expect(() => run[Symbol.asyncIterator]()).toThrow(/^fit: expected one loop over the events of a run, got another/);
});

test.each<[RegExp, () => unknown]>([
  [/^progressBar: unknown option "width"/, () => progressBar({ width: 3 } as never)],
  [/^progressBar: expected a stream such as process.stderr, got 3/, () => progressBar({ stream: 3 as never })],
])("%s", (says, wrong) => {
  expect(wrong).toThrow(says);
});
