/** Losses: values by the formulas of their documentation, far from zero too, and what they refuse. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  DataError,
  DTypeError,
  grad,
  ShapeError,
  tensor,
  withBackend,
  zeros,
  type Tensor,
} from "@cotangent/core";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  meanSquaredError,
  negativeLogLikelihood,
  smoothL1,
  squaredHinge,
  type Loss,
} from "@cotangent/nn";

const int = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const moderate = fc.double({ min: -20, max: 20, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const pairs = (left: fc.Arbitrary<number>, right: fc.Arbitrary<number>): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(left, right), { minLength: 1, maxLength: 12 });
const columns = (list: readonly (readonly [number, number])[]): [Tensor, Tensor] => [
  tensor(list.map(([a]) => a)),
  tensor(list.map(([, b]) => b)),
];

/** A few roundings of the numbers that went in. */
function expectClose(actual: number, expected: number, scale = 1): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-13 * (scale + Math.abs(expected)));
}

describe("values", () => {
  test("mean squared error", () => {
    fc.assert(
      fc.property(pairs(moderate, moderate), (list) => {
        const expected = list.reduce((sum, [p, y]) => sum + (p - y) ** 2, 0) / list.length;
        expectClose(meanSquaredError(...columns(list)).item(), expected);
      }),
    );
  });

  test("log loss from probabilities", () => {
    const inside = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
    fc.assert(
      fc.property(pairs(inside, share), (list) => {
        const one = ([p, y]: [number, number]): number => -(y * Math.log(p) + (1 - y) * Math.log(1 - p));
        const expected = list.reduce((sum, each) => sum + one(each), 0) / list.length;
        expectClose(binaryCrossEntropy(...columns(list)).item(), expected);
      }),
    );
  });

  test("log loss from logits keeps the digits of small losses", () => {
    // ln(1 + e^-x) is e^-x (1 - e^-x / 2 + …).
    for (const x of [30, 40, 700]) {
      const small = Math.exp(-x) * (1 - Math.exp(-x) / 2);
      for (const [z, y] of [[x, 1], [-x, 0]] as const) {
        const loss = binaryCrossEntropyWithLogits(tensor([z]), tensor([y])).item();
        expect(Math.abs(loss - small)).toBeLessThanOrEqual(1e-15 * small);
      } // prettier-ignore
    }
  });

  test("log loss from logits", () => {
    fc.assert(
      fc.property(pairs(moderate, share), (list) => {
        // ln(1 + e^z) - y z as max(z, 0) + ln(1 + e^-|z|) - y z
        const one = ([z, y]: [number, number]): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
        const expected = list.reduce((sum, each) => sum + one(each), 0) / list.length;
        expectClose(binaryCrossEntropyWithLogits(...columns(list)).item(), expected, 20);
      }),
    );
  });

  const logits = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).chain(([batch, classes]) =>
    fc.record({
      z: fc.array(fc.array(moderate, { minLength: classes, maxLength: classes }), {
        minLength: batch,
        maxLength: batch,
      }),
      y: fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: batch, maxLength: batch }),
    }),
  );

  test("softmax cross-entropy of classes as of their one-hot rows", () => {
    fc.assert(
      fc.property(logits, ({ z, y }) => {
        const one = (row: number[], k: number): number =>
          Math.log(row.reduce((sum, v) => sum + Math.exp(v - row[k]!), 0));
        const expected = z.reduce((sum, row, i) => sum + one(row, y[i]!), 0) / z.length;
        expectClose(crossEntropy(tensor(z), int(y)).item(), expected, 40);
        const hot = tensor(z.map((row, i) => row.map((_, k) => (k === y[i] ? 1 : 0))));
        expectClose(crossEntropy(tensor(z), hot).item(), expected, 40);
      }),
    );
  });

  test("from probabilities equals from logits", () => {
    const within = fc.double({ min: -8, max: 8, noNaN: true });
    fc.assert(
      fc.property(pairs(within, share), (list) => {
        const [z, y] = columns(list);
        // 1 - p ≥ σ(-8) ≈ 3.4e-4 has lost a factor 3000 of 2⁻⁵³.
        const difference = binaryCrossEntropy(z.sigmoid(), y).item() - binaryCrossEntropyWithLogits(z, y).item();
        expect(Math.abs(difference)).toBeLessThan(1e-12);
      }),
    );
  });

  test("int32 and bool targets count as numbers, and the result has the prediction's dtype", () => {
    const p = tensor([0.25, 0.5], { dtype: "float32" });
    const loss = binaryCrossEntropy(p, tensor([true, false]));
    expect(loss.dtype).toBe("float32");
    expect(loss.item()).toBe(binaryCrossEntropy(p, int([1, 0])).item());
    expect(meanSquaredError(tensor([1.5]), int([1])).item()).toBe(0.25);
  });
});

describe("far from zero", () => {
  test.each([
    [1000, 0, 1000, 1],
    [1000, 1, 0, 0],
    [-1000, 0, 0, 0],
    [-1000, 1, 1000, -1],
    [1e300, 0, 1e300, 1],
  ])("the logit %d with target %d costs %d, derivative %d", (z, y, cost, slope) => {
    for (const backend of ["source", "reference"] as const)
      withBackend(backend, () => {
        const f = (x: Tensor): Tensor => binaryCrossEntropyWithLogits(x, tensor(y));
        expect(f(tensor(z)).item()).toBe(cost);
        expect(grad(f)(z).item()).toBe(slope);
      });
  });

  test.each([
    [[1000, -1000, 0], 0, 0, [0, 0, 0]],
    [[1000, -1000, 0], 1, 2000, [1, -1, 0]],
    [[-1000, -1000], 0, Math.log(2), [-0.5, 0.5]],
  ])("the logits %j with class %d cost %d, derivatives %j", (z, y, cost, slopes) => {
    for (const target of [int([y]), tensor([z.map((_, k) => (k === y ? 1 : 0))])]) {
      const f = (x: Tensor): Tensor => crossEntropy(x, target);
      expect(f(tensor([z])).item()).toBe(cost);
      expect((grad(f)(tensor([z])).toArray() as number[][])[0]!.map((g) => g + 0)).toEqual(slopes);
    }
  });

  test.each([[0, 0, 0], [1, 1, 0], [0, 1, 100], [1, 0, 100]])("probability %d with target %d costs %d", (p, y, cost) => {
    const f = (x: Tensor): Tensor => binaryCrossEntropy(x, tensor(y));
    // ln 3.8e-44 = -100.0 to four digits.
    expect(Math.abs(f(tensor(p)).item() - cost)).toBeLessThan(0.05);
    expect(Number.isFinite(grad(f)(p).item())).toBe(true);
  }); // prettier-ignore
});

const examples: readonly [string, Loss, Tensor, Tensor][] = [
  ["meanSquaredError", meanSquaredError, tensor([[1, 2], [3, 5]]), tensor([[0, 2], [1, 1]])],
  ["binaryCrossEntropy", binaryCrossEntropy, tensor([0.25, 0.5, 0.75]), tensor([0, 1, 1])],
  ["binaryCrossEntropyWithLogits", binaryCrossEntropyWithLogits, tensor([-1, 0, 2]), tensor([0, 1, 1])],
  ["crossEntropy", crossEntropy, tensor([[1, 2, 3], [0, 0, 0]]), int([2, 0])],
  ["meanAbsoluteError", meanAbsoluteError, tensor([[1, 2], [3, 5]]), tensor([[0, 2], [1, 1]])],
  ["huber", huber, tensor([[1, 2], [3, 5]]), tensor([[0, 2], [1, 1]])],
  ["smoothL1", smoothL1, tensor([[1, 2], [3, 5]]), tensor([[0, 2], [1, 1]])],
  ["negativeLogLikelihood", negativeLogLikelihood, tensor([[1, 2, 3], [0, 0, 0]]).logSoftmax(), int([2, 0])],
  ["klDivergence", klDivergence, tensor([0.25, 0.75]).log(), tensor([0.5, 0.5])],
  ["hinge", hinge, tensor([0.5, -2, 3]), tensor([1, 1, -1])],
  ["squaredHinge", squaredHinge, tensor([0.5, -2, 3]), tensor([1, 1, -1])],
]; // prettier-ignore

describe.each(examples)("%s", (name, loss, prediction, target) => {
  test("mean, sum and none fit together; mean is the default", () => {
    const each = loss(prediction, target, { reduction: "none" });
    expect(each.shape).toEqual(target.rank < prediction.rank ? [2] : prediction.shape);
    expect(loss(prediction, target, { reduction: "sum" }).item()).toBe(each.sum().item());
    expect(loss(prediction, target, { reduction: "mean" }).item()).toBe(each.mean().item());
    expect(loss(prediction, target).item()).toBe(each.mean().item());
  });

  test("another reduction or option is refused", () => {
    expect(() => loss(prediction, target, { reduction: "average" as never })).toThrow(ArgumentError);
    expect(() => loss(prediction, target, { reduction: "average" as never })).toThrow(
      `${name}: expected the reduction`,
    );
    expect(() => loss(prediction, target, { reduce: "sum" } as never)).toThrow(ArgumentError);
  });

  test("shapes that only broadcasting would fit are refused", () => {
    for (const shape of [[], [1], [7], [3, 1], [2, 2, 1]]) {
      expect(() => loss(prediction, zeros(shape, { dtype: "int32" }))).toThrow(ShapeError);
      expect(() => loss(prediction, zeros(shape, { dtype: "int32" }))).toThrow(`${name}: expected`);
    }
  });
});

describe("labels that are none", () => {
  const logits = tensor([[0, 1], [2, 3]]); // prettier-ignore
  test.each<[string, () => Tensor, new () => Error, RegExp]>([
    ["2 for a probability", () => binaryCrossEntropy(tensor([0.5, 0.5]), tensor([1, 2])), DataError, /got 2 at flat index 1/],
    ["-1 for a logit", () => binaryCrossEntropyWithLogits(tensor([0]), int([-1])), DataError, /got -1 at flat index 0/],
    // A common slip: logits, which would give a negative cost here.
    ["a prediction of 1.5", () => binaryCrossEntropy(tensor([1.5, -3]), tensor([1, 0])), DataError, /got 1.5 at flat index 0/],
    ["NaN", () => binaryCrossEntropyWithLogits(tensor([0]), tensor([NaN])), DataError, /got NaN/],
    ["a share above 1", () => crossEntropy(logits, tensor([[0, 1], [0, 1.5]])), DataError, /got 1.5 at flat index 3/],
    ["a class too many", () => crossEntropy(logits, int([0, 2])), DataError, /classes from 0 to 1, got 2 at index 1/],
    ["a negative class", () => crossEntropy(logits, int([-1, 0])), DataError, /got -1 at index 0/],
    ["float classes", () => crossEntropy(logits, tensor([0, 1])), DTypeError, /astype\("int32"\)/],
    ["logits of one axis", () => crossEntropy(tensor([0, 1]), int([0, 1])), ShapeError, /\[batch, classes\]/],
  ])("%s", (_name, run, type, message) => {
    expect(run).toThrow(type);
    expect(run).toThrow(message);
    expect(run, "as often as asked").toThrow(type);
  }); // prettier-ignore
});
