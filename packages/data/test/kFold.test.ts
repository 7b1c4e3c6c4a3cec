/** Cross-validation: every sample is tested once, by a fold that did not train on it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ArgumentError, DataError, random, tensor } from "@cotangent/core";
import { dataset, kFold, type Dataset } from "@cotangent/data";

const numbered = (labels: readonly number[]): Dataset =>
  dataset(tensor(labels.map((label, i) => [i, label])), tensor([...labels], { dtype: "int32" }), { classes: 3 });
const rowsOf = ({ features }: Dataset): number[] => [...features.slice([null, 0]).toTypedArray()];
const sorted = (list: readonly number[]): number[] => list.slice().sort((a, b) => a - b);
const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const cases = fc
  .tuple(fc.array(fc.nat(2), { minLength: 2, maxLength: 40 }), fc.nat())
  .map(([labels, n]) => ({ all: numbered(labels), folds: 2 + (n % (labels.length - 1)) }));

describe.each([false, true])("stratify %s", (stratify) => {
  test("the test parts are the data, the training parts the rest; labels stay with their rows", () => {
    fc.assert(
      fc.property(cases, seeds, ({ all, folds }, seed) => {
        const n = all.labels.size;
        const parts = kFold(all, { folds, random: random(seed), stratify });
        expect(parts.length).toBe(folds);
        expect(sorted(parts.flatMap(({ test: held }) => rowsOf(held)))).toEqual(rowsOf(all));
        for (const { train, test: held } of parts) {
          expect(sorted([...rowsOf(train), ...rowsOf(held)])).toEqual(rowsOf(all));
          expect([Math.floor(n / folds), Math.ceil(n / folds)]).toContain(held.labels.size);
          for (const part of [train, held])
            expect([...part.features.slice([null, 1]).toTypedArray()]).toEqual([...part.labels.toTypedArray()]);
        }
      }),
    );
  });

  test("the same seed gives the same folds, another one others; no part is in the order of the file", () => {
    const all = numbered(Array.from({ length: 60 }, (_, i) => Math.floor(i / 20)));
    const of = (seed: number): number[][] =>
      kFold(all, { folds: 3, random: random(seed), stratify }).map((each) => rowsOf(each.test));
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    for (const rows of of(1)) expect(rows).not.toEqual(sorted(rows));
  });
});

test("stratified folds have as many of each class, to one", () => {
  fc.assert(
    fc.property(cases, seeds, ({ all, folds }, seed) => {
      const parts = kFold(all, { folds, random: random(seed), stratify: true });
      for (const label of [0, 1, 2]) {
        const counts = parts.map((part) => [...part.test.labels.toTypedArray()].filter((l) => l === label).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }
    }),
  );
});

test.each([1, 0, -2, 2.5, NaN, "3", undefined])("%s folds are refused", (folds) => {
  const run = (): unknown => kFold(numbered([0, 1, 2]), { folds: folds as number, random: random(1) });
  expect(run).toThrow(ArgumentError);
  expect(run).toThrow(/^kFold: expected/);
});

test("fewer samples than folds, no generator, a misspelt option are refused", () => {
  expect(() => kFold(numbered([0, 1]), { folds: 3, random: random(1) })).toThrow(DataError);
  expect(() => kFold(numbered([0, 1]), { folds: 2 } as never)).toThrow(/^kFold: expected/);
  expect(() => kFold(numbered([0, 1]), { folds: 2, random: random(1), seed: 1 } as never)).toThrow(/option "seed"/);
  expect(() => kFold([] as never, { folds: 2, random: random(1) })).toThrow(/^kFold: expected a data set/);
});
