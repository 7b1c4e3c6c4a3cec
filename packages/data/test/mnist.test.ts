/** MNIST from the package that holds its files. */
import { describe, expect, test } from "vitest";
import { ArgumentError, withDefaultDtype } from "@cotangent/core";
import { mnist } from "@cotangent/data/node";

test("the first samples are those of the original", async () => {
  const { train, test: held } = await mnist({ train: 20, test: 10, dtype: "float32" });
  expect([train.features.shape, train.features.dtype, held.features.shape]).toEqual([[20, 784], "float32", [10, 784]]);
  expect(train.labels.toArray()).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1, 7, 2, 8, 6, 9]);
  expect(held.labels.toArray()).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  expect(train.classNames).toEqual(Array.from("0123456789"));
  const pixels = train.features.toTypedArray();
  expect([Math.min(...pixels), Math.max(...pixels)]).toEqual([0, 1]);
  // The first stroke of the first digit begins in row 5, column 12, with these bytes.
  expect(Array.from(pixels.subarray(5 * 28 + 12, 5 * 28 + 16), (v) => Math.round(255 * v))).toEqual([3, 18, 18, 18]);
});

test("all of them: as many of each class as stated, bytes divided by 255", { timeout: 60_000 }, async () => {
  const { train, test: held } = await mnist({ dtype: "float32" });
  const counts = (labels: ArrayLike<number>): number[] => {
    const found = Array<number>(10).fill(0);
    for (let i = 0; i < labels.length; i++) found[labels[i]!]!++;
    return found;
  };
  expect(counts(train.labels.toTypedArray())).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
  expect(counts(held.labels.toTypedArray())).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  // The mean and the deviation that everybody normalises with, to their four digits.
  expect(train.features.mean().item()).toBeCloseTo(0.1307, 4);
});

describe("what is refused", () => {
  test.each([[{ train: 0 }], [{ test: 1.5 }], [{ train: "9" }], [{ dtype: "int32" }], [{ count: 3 }]])(
    "%j",
    async (options) => {
      await expect(mnist(options as never)).rejects.toThrow(ArgumentError);
      await expect(mnist(options as never)).rejects.toThrow(/^mnist: /);
    },
  );
});

test("the dtype is the default one", async () => {
  const dtype = (): Promise<string> => mnist({ train: 1, test: 1 }).then(({ train }) => train.features.dtype);
  expect(await dtype()).toBe("float64");
  // That of the moment of the call, as withDefaultDtype ends before the file is read.
  let later = Promise.resolve("");
  withDefaultDtype("float32", () => {
    later = dtype();
  });
  expect(await later).toBe("float32");
});
