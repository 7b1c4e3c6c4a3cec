/** Options that do not exist, and ones that are missing, are errors of ours. */
import { expect, test } from "vitest";
import { ArgumentError, CotangentError, random, tensor } from "@cotangent/core";
import { batches, dataset, generatePlanarFlower, shuffle, split } from "@cotangent/data";

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
  ["generatePlanarFlower", () => generatePlanarFlower({} as never)],
])("%s asks for a forgotten generator", (name, run) => {
  expect(run).toThrow(CotangentError);
  expect(run).toThrow(`${name}: expected`);
});
