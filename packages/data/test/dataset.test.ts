/** Data sets: shuffling, splitting and batches lose and mix up nothing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, random, tensor, type Tensor } from "@cotangent/core";
import { batches, dataset, fromRows, shuffle, split, takeRows, type Dataset } from "@cotangent/data";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const fractions = fc.double({ min: 0.01, max: 0.99, noNaN: true });

/** Row i holds i and its label, so that every row can be recognised and shows whether its label is still its own. */
const labelled = (labels: readonly number[]): Dataset =>
  dataset(tensor(labels.map((label, i) => [i, label])), tensor([...labels], { dtype: "int32" }), {
    name: "numbered",
    featureNames: ["row", "label"],
    classNames: ["a", "b", "c"],
  });
const data = (min: number): fc.Arbitrary<Dataset> =>
  fc.array(fc.nat(2), { minLength: min, maxLength: 60 }).map((labels) => labelled(labels));

const columnOf = ({ features }: Dataset, column: number): number[] => [
  ...features.slice([null, column]).toTypedArray(),
];
const rowsOf = (part: Dataset): number[] => columnOf(part, 0);
const labelsOf = ({ labels }: Dataset): number[] => [...labels.toTypedArray()];
const sorted = (list: readonly number[]): number[] => list.slice().sort((a, b) => a - b);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Rows still have their labels, and the rest of the data set came along. */
function expectIntact(part: Dataset): void {
  expect(columnOf(part, 1)).toEqual(labelsOf(part));
  expect(part.labels.dtype).toBe("int32");
  expect(part.features.shape).toEqual([part.labels.size, 2]);
  expect(part).toMatchObject({ name: "numbered", featureNames: ["row", "label"], classNames: ["a", "b", "c"] });
}

describe("shuffle", () => {
  test("is a permutation that keeps rows and labels together", () => {
    fc.assert(
      fc.property(data(1), seeds, (all, seed) => {
        const mixed = shuffle(all, random(seed));
        expectIntact(mixed);
        expect(sorted(rowsOf(mixed))).toEqual(rowsOf(all));
        expect(rowsOf(all)).toEqual(upTo(all.labels.size));
        expect(rowsOf(shuffle(all, random(seed)))).toEqual(rowsOf(mixed));
      }),
    );
  });

  test("depends on the seed", () => {
    const all = labelled(Array<number>(50).fill(0));
    expect(rowsOf(shuffle(all, random(1)))).not.toEqual(rowsOf(shuffle(all, random(2))));
    expect(rowsOf(shuffle(all, random(1)))).not.toEqual(rowsOf(all));
  });
});

test("takeRows takes what it is told, in that order, twice if told so", () => {
  const part = takeRows(labelled([2, 0, 1]), tensor([2, 0, 2], { dtype: "int32" }));
  expectIntact(part);
  expect(rowsOf(part)).toEqual([2, 0, 2]);
});

describe.each([false, true])("split, stratify %s", (stratify) => {
  test("parts the samples, none lost and none twice", () => {
    fc.assert(
      fc.property(data(2), fractions, seeds, (all, testFraction, seed) => {
        const { train, test: held } = split(all, { testFraction, random: random(seed), stratify });
        for (const part of [train, held]) expectIntact(part);
        expect(sorted([...rowsOf(train), ...rowsOf(held)])).toEqual(rowsOf(all));
        const n = all.labels.size;
        expect(held.labels.size).toBe(Math.min(n - 1, Math.max(1, Math.round(n * testFraction))));
      }),
    );
  });

  test("the same seed parts alike, another one differently", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const all = labelled(upTo(60).map((i) => i % 3));
        const of = (from: number): number[] =>
          rowsOf(split(all, { testFraction: 0.5, random: random(from), stratify }).test);
        expect(of(seed)).toEqual(of(seed));
        expect(of(seed)).not.toEqual(of(seed + 1));
      }),
    );
  });

  test("neither part is sorted by class", () => {
    const all = labelled(upTo(60).map((i) => Math.floor(i / 20)));
    const parts = split(all, { testFraction: 0.5, random: random(1), stratify });
    for (const part of [parts.train, parts.test]) expect(labelsOf(part)).not.toEqual(sorted(labelsOf(part)));
  });

  test.each([0, 1, -0.5, 1.5, NaN])("a test fraction of %s is refused", (testFraction) => {
    const run = (): unknown => split(labelled([0, 1]), { testFraction, random: random(1), stratify });
    expect(run).toThrow(ArgumentError);
    expect(run).toThrow(/split: expected a testFraction between 0 and 1/);
  });

  test("a single sample cannot be split", () => {
    expect(() => split(labelled([0]), { testFraction: 0.5, random: random(1), stratify })).toThrow(DataError);
  });
});

test("a stratified split gives every class its share, to less than one sample", () => {
  fc.assert(
    fc.property(data(2), fractions, seeds, (all, testFraction, seed) => {
      const { test: held } = split(all, { testFraction, random: random(seed), stratify: true });
      const share = held.labels.size / all.labels.size;
      for (const label of [0, 1, 2]) {
        const count = (part: Dataset): number => labelsOf(part).filter((l) => l === label).length;
        expect(Math.abs(count(held) - count(all) * share)).toBeLessThan(1);
      }
    }),
  );
});

describe("batches", () => {
  const sizes = fc.integer({ min: 1, max: 70 });

  test("cover all samples in order, each full but the last", () => {
    fc.assert(
      fc.property(data(1), sizes, (all, size) => {
        const parts = batches(all, { size });
        parts.forEach(expectIntact);
        expect(parts.flatMap(rowsOf)).toEqual(rowsOf(all));
        expect(parts.slice(0, -1).every(({ labels }) => labels.size === size)).toBe(true);
        expect(parts.at(-1)!.labels.size).toBeGreaterThan(0);
        expect(parts.at(-1)!.labels.size).toBeLessThanOrEqual(size);
      }),
    );
  });

  test("of a random order are those of the shuffled data", () => {
    fc.assert(
      fc.property(data(1), sizes, seeds, (all, size, seed) => {
        const parts = batches(all, { size, random: random(seed) });
        parts.forEach(expectIntact);
        expect(parts.flatMap(rowsOf)).toEqual(rowsOf(shuffle(all, random(seed))));
      }),
    );
  });

  test("without the last one that is not full", () => {
    fc.assert(
      fc.property(data(1), sizes, (all, size) => {
        const parts = batches(all, { size, dropLast: true });
        expect(parts.map(({ labels }) => labels.size)).toEqual(Array(Math.floor(all.labels.size / size)).fill(size));
        expect(parts.flatMap(rowsOf)).toEqual(upTo(parts.length * size));
      }),
    );
  });

  test.each([0, -1, 1.5, NaN, Infinity, "2"])("a size of %s is refused", (size) => {
    expect(() => batches(labelled([0, 1]), { size: size as number })).toThrow(ArgumentError);
    expect(() => batches(labelled([0, 1]), { size: size as number })).toThrow(/batches: expected a size/);
  });
});

describe("what makes no data set", () => {
  const labels = (...list: number[]): Tensor => tensor(list, { dtype: "int32" });
  test.each<[string, () => Dataset, RegExp]>([
    ["no samples", () => dataset(tensor([], { shape: [0, 2] }), labels()), /got \[0, 2\]/],
    ["no features", () => dataset(tensor([], { shape: [2, 0] }), labels(0, 1)), /got \[2, 0\]/],
    ["one axis", () => dataset(tensor([1, 2]), labels(0, 1)), /\[samples, features\].*got \[2\]/],
    ["labels too few", () => dataset(tensor([[1], [2]]), labels(0)), /expected 2 labels, one a sample, got shape \[1\]/],
    ["labels of two axes", () => dataset(tensor([[1], [2]]), tensor([[0], [1]])), /got shape \[2, 1\]/],
    ["NaN", () => dataset(tensor([[1, 2], [3, NaN]]), labels(0, 1)), /got NaN in row 1, column 1/],
    ["an infinity", () => dataset(tensor([[-Infinity, 1]]), labels(0), { featureNames: ["age"] }), /-Infinity in row 0, column age/],
    ["a label that is none of the classes", () => dataset(tensor([[1], [2]]), labels(0, 3), { classes: 3 }), /classes from 0 to 2, got 3 in row 1/],
    ["a negative label", () => dataset(tensor([[1], [2]]), labels(-1, 0), { classNames: ["a", "b"] }), /classes from 0 to 1, got -1 in row 0/],
    ["a fraction for a class", () => dataset(tensor([[1]]), tensor([0.5]), { classes: 2 }), /got 0.5 in row 0/],
    ["a label that is NaN", () => dataset(tensor([[1]]), tensor([NaN]), { classes: 2 }), /finite labels, got NaN in row 0/],
    ["rows of nothing but the class", () => fromRows([[0], [1]], ["class"], {}), /got \[2, 0\]/],
    ["no rows", () => fromRows([], ["x", "class"], {}), /at least one/],
    // Int32Array.from would cut the first to 0 and 1, and make 1410065408 of the second.
    ["classes that are no integers", () => fromRows([[1, 0.5], [2, 1.7]], ["x", "class"], {}), /integer/],
    ["a class too large", () => fromRows([[1, 1e10]], ["x", "class"], {}), /class/],
  ])("%s", (_name, make, message) => {
    expect(make).toThrow(DataError);
    expect(make).toThrow(message);
  }); // prettier-ignore
});
