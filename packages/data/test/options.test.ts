/** Options that do not exist, and ones that are missing, are errors of ours. */
import { expect, test } from "vitest";
import { ArgumentError, CotangentError, random, tensor } from "@cotangent/core";
import {
  batches,
  dataset,
  generatePlanarFlower,
  minMaxScaler,
  shuffle,
  split,
  standardScaler,
  takeRows,
} from "@cotangent/data";
import { catImages, readCsv, readHdf5 } from "@cotangent/data/node";

const data = dataset(tensor([[1], [2], [3], [4]]), tensor([0, 1, 0, 1], { dtype: "int32" }));

test.each<[string, () => unknown]>([
  ["dataset", () => dataset(data.features, data.labels, { nam: "x" } as never)],
  ["split", () => split(data, { testFraction: 0.5, random: random(1), stratified: true } as never)],
  ["batches", () => batches(data, { size: 3, droplast: true } as never)],
  ["generatePlanarFlower", () => generatePlanarFlower({ random: random(1), samples: 20 } as never)],
])("%s refuses a misspelt option", (name, run) => {
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(`${name}: unknown option`);
});

test.each<[string, () => unknown]>([
  ["shuffle", () => shuffle(data, undefined as never)],
  ["split", () => split(data, { testFraction: 0.5 } as never)],
  ["batches", () => batches(data, { size: 2, random: 1 as never })],
  ["generatePlanarFlower", () => generatePlanarFlower({} as never)],
  ["generatePlanarFlower", () => generatePlanarFlower(undefined as never)],
])("%s asks for a forgotten generator", (name, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(`${name}: expected`);
});

const rows = tensor([1, 0], { dtype: "int32" });

test.each<[RegExp, () => unknown]>([
  [/^dataset: expected features in a tensor, got an array of length 1; make it/, () => dataset([[1]] as never, rows)],
  [/^dataset: expected labels in a tensor, got undefined/, () => dataset(data.features, undefined as never)],
  [/^dataset: expected finite labels, got NaN in row 1/, () => dataset(tensor([[1], [2]]), tensor([0, NaN]))],
  [/^shuffle: expected a data set.*, got an array/, () => shuffle([] as never, random(1))],
  [/^split: expected a data set.*, got null/, () => split(null as never, { testFraction: 0.5, random: random(1) })],
  [/^batches: expected a data set.*, got undefined/, () => batches(undefined as never, { size: 1 })],
  [/^takeRows: expected a data set.*, got an object/, () => takeRows({} as never, rows)],
  [/^standardScaler: expected features in a tensor, got an array/, () => standardScaler([[1]] as never)],
  [/^minMaxScaler: expected features in a tensor, got 1/, () => minMaxScaler(data.features).transform(1 as never)],
  [/^readCsv: expected a path, got 3/, () => readCsv(3 as never)],
])("%s", (says, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(says);
});

test.each<[RegExp, () => Promise<unknown>]>([
  [/^catImages: expected a path, got undefined/, () => catImages(undefined as never)],
  [/^readHdf5: expected a path, got 3/, () => readHdf5(3 as never)],
])("%s", async (says, run) => {
  await expect(run()).rejects.toThrow(CotangentError);
  await expect(run()).rejects.toThrow(says);
});
