/** Losses with options of their own: values by plain loops, PyTorch's weighted means, kinks, and far from zero. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, leavesOf, random, tensor, type Tensor } from "@cotangent/core";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineSimilarity,
  crossEntropy,
  hinge,
  huber,
  klDivergence,
  meanAbsoluteError,
  negativeLogLikelihood,
  smoothL1,
  squaredHinge,
  type Loss,
} from "@cotangent/nn";

const int = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const moderate = fc.double({ min: -20, max: 20, noNaN: true });
const positive = fc.double({ min: 0.01, max: 20, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const sign = fc.constantFrom(-1, 1);
const reductions = fc.constantFrom("mean" as const, "sum" as const);

function expectClose(actual: number, expected: number, scale = 1): void {
  expect(Math.abs(actual - expected), `${actual} for ${expected}`).toBeLessThanOrEqual(
    1e-12 * (scale + Math.abs(expected)),
  );
}

const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);

/** A loss over pairs of one shape against its formula, with both reductions. */
function expectFormula(
  list: readonly (readonly [number, number])[],
  loss: (prediction: Tensor, target: Tensor, reduction: "mean" | "sum" | "none") => Tensor,
  formula: (p: number, y: number) => number,
): void {
  const [p, y] = [tensor(list.map(([p]) => p)), tensor(list.map(([, y]) => y))];
  const expected = list.map(([p, y]) => formula(p, y));
  const each = loss(p, y, "none").toTypedArray();
  expected.forEach((v, i) => expectClose(each[i]!, v, 20));
  expectClose(loss(p, y, "sum").item(), sum(expected), 400);
  expectClose(loss(p, y, "mean").item(), sum(expected) / list.length, 400);
}

const pairsOf = (p: fc.Arbitrary<number>, y: fc.Arbitrary<number>): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(p, y), { minLength: 1, maxLength: 12 });

describe("formulas", () => {
  test("mean absolute error", () => {
    fc.assert(
      fc.property(pairsOf(moderate, moderate), (list) => {
        expectFormula(list, (p, y, reduction) => meanAbsoluteError(p, y, { reduction }), (p, y) => Math.abs(p - y));
      }),
    );
  }); // prettier-ignore

  test("Huber's loss and the smooth absolute error", () => {
    fc.assert(
      fc.property(pairsOf(moderate, moderate), positive, (list, d) => {
        const huberOf = (r: number): number => (Math.abs(r) <= d ? r ** 2 / 2 : d * (Math.abs(r) - d / 2));
        const smoothOf = (r: number): number => (Math.abs(r) < d ? r ** 2 / (2 * d) : Math.abs(r) - d / 2);
        expectFormula(list, (p, y, reduction) => huber(p, y, { delta: d, reduction }), (p, y) => huberOf(p - y));
        expectFormula(list, (p, y, reduction) => smoothL1(p, y, { beta: d, reduction }), (p, y) => smoothOf(p - y));
        expectFormula(list, (p, y, reduction) => smoothL1(p, y, { beta: 0, reduction }), (p, y) => Math.abs(p - y));
      }),
    );
    expect(huber(tensor([3]), tensor([0])).item()).toBe(2.5);
    expect(smoothL1(tensor([3]), tensor([0])).item()).toBe(2.5);
  }); // prettier-ignore

  test("hinge losses", () => {
    fc.assert(
      fc.property(pairsOf(moderate, sign), positive, (list, margin) => {
        const of = (p: number, y: number): number => Math.max(0, margin - y * p);
        expectFormula(list, (p, y, reduction) => hinge(p, y, { margin, reduction }), of);
        expectFormula(list, (p, y, reduction) => squaredHinge(p, y, { margin, reduction }), (p, y) => of(p, y) ** 2);
      }),
    );
    expect(hinge(tensor([0.25]), int([1])).item()).toBe(0.75);
  }); // prettier-ignore

  test("Kullback and Leibler's divergence, from probabilities and from their logarithms", () => {
    fc.assert(
      fc.property(pairsOf(fc.double({ min: -20, max: 0, noNaN: true }), share), (list) => {
        const of = (q: number, p: number): number => (p === 0 ? 0 : p * (Math.log(p) - q));
        expectFormula(list, (q, p, reduction) => klDivergence(q, p, { reduction }), of);
        expectFormula(list, (q, p, reduction) => klDivergence(q, p.log(), { reduction, logTarget: true }), of);
      }),
    );
  });

  test("log loss with weights, and with a weight of positives", () => {
    const inside = fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(inside, share, positive), { minLength: 1, maxLength: 9 }), positive, (list, w) => {
        const column = (i: 0 | 1 | 2): number[] => list.map((row) => row[i]!);
        const of = ([p, y, w]: readonly [number, number, number]): number =>
          -w * (y * Math.log(p) + (1 - y) * Math.log(1 - p));
        const [p, y, weights] = [tensor(column(0)), tensor(column(1)), tensor(column(2))];
        expectClose(binaryCrossEntropy(p, y, { weights }).item(), sum(list.map(of)) / list.length, 20);
        const z = tensor(column(0).map((p) => 20 * p - 10));
        const logistic = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
        const expected = list.map(([p, y]) => w * y * logistic(10 - 20 * p) + (1 - y) * logistic(20 * p - 10));
        for (const positiveWeight of [w, tensor(w), tensor([w])])
          expectClose(binaryCrossEntropyWithLogits(z, y, { positiveWeight }).item(), sum(expected) / list.length, 20);
        expectClose(
          binaryCrossEntropyWithLogits(z, y, { positiveWeight: 1 }).item(),
          binaryCrossEntropyWithLogits(z, y).item(),
          20,
        );
      }),
    );
  });

  test("a weight a column", () => {
    const [z, y] = [tensor([[1, 2], [-1, 3]]), tensor([[1, 1], [0, 1]])]; // prettier-ignore
    const each = binaryCrossEntropyWithLogits(z, y, { reduction: "none" });
    const found = binaryCrossEntropyWithLogits(z, y, { positiveWeight: [2, 5], reduction: "none" });
    found.div(each).toTypedArray().forEach((ratio, i) => expectClose(ratio, [2, 5, 1, 5][i]!)); // prettier-ignore
  });

  test("cosine similarity", () => {
    const vector = fc.array(moderate, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(vector, vector), { minLength: 1, maxLength: 5 }), (list) => {
        const norm = (v: number[]): number => Math.max(Math.hypot(...v), 1e-8);
        const expected = list.map(([x, y]) => sum(x.map((v, i) => v * y[i]!)) / norm(x) / norm(y));
        const [x, y] = [tensor(list.map(([x]) => x)), tensor(list.map(([, y]) => y))];
        const found = cosineSimilarity(x, y);
        expect(found.shape).toEqual([list.length]);
        found.toTypedArray().forEach((v, i) => expectClose(v, expected[i]!));
        expect(cosineSimilarity(x.transpose(), y.transpose(), { axis: 0 }).shape).toEqual([list.length]);
        expectClose(cosineSimilarity(x.slice([0]), y.slice([0])).item(), expected[0]!);
      }),
    );
    expect(cosineSimilarity(tensor([1e200, 1e200]), tensor([1e-5, 0])).item()).toBeCloseTo(Math.SQRT1_2, 12);
    expect(cosineSimilarity(tensor([3, 0]), tensor([4, 0]), { epsilon: 6 }).item()).toBeCloseTo(12 / 36, 12);
  });
});

interface Drawn {
  readonly z: number[][];
  readonly y: number[];
  readonly w: number[];
  readonly epsilon: number;
}

const drawn: fc.Arbitrary<Drawn> = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 2, max: 5 }))
  .chain(([batch, classes]) => {
    const exactly = (length: number) => ({ minLength: length, maxLength: length });
    return fc.record({
      z: fc.array(fc.array(moderate, exactly(classes)), exactly(batch)),
      // Class 1 is the ignored one; the first sample always counts.
      y: fc.array(fc.integer({ min: 0, max: classes - 1 }), exactly(batch)).map(([, ...rest]) => [0, ...rest]),
      w: fc.array(positive, exactly(classes)),
      epsilon: share,
    });
  });

const logSoftmax = (row: readonly number[]): number[] => {
  const top = Math.max(...row);
  const log = top + Math.log(sum(row.map((v) => Math.exp(v - top))));
  return row.map((v) => v - log);
};

describe("cross-entropy of several classes", () => {
  test("weights, smoothing, and ignored classes by a loop; the mean is the weighted one", () => {
    fc.assert(
      fc.property(drawn, fc.boolean(), fc.boolean(), reductions, ({ z, y, w, epsilon }, weighted, ignoring, reduction) => {
        let [total, divisor] = [0, 0];
        z.forEach((row, i) => {
          if (ignoring && y[i] === 1) return;
          const weight = (c: number): number => (weighted ? w[c]! : 1);
          const logP = logSoftmax(row);
          const even = sum(logP.map((v, c) => -weight(c) * v)) / row.length;
          total += -(1 - epsilon) * weight(y[i]!) * logP[y[i]!]! + epsilon * even;
          divisor += weight(y[i]!);
        });
        const options = {
          reduction,
          labelSmoothing: epsilon,
          ...(weighted ? { weights: tensor(w) } : {}),
          ...(ignoring ? { ignoreIndex: 1 } : {}),
        };
        const found = crossEntropy(tensor(z), int(y), options).item();
        expectClose(found, reduction === "sum" ? total : total / divisor, 1000);
      }),
    );
  }); // prettier-ignore

  test("of probabilities: weights and smoothing by a loop; the mean is over the batch", () => {
    fc.assert(
      fc.property(drawn, ({ z, w, epsilon }) => {
        const classes = w.length;
        const p = z.map((row) => logSoftmax(row.toReversed()).map(Math.exp));
        const each = z.map((row, i) =>
          sum(logSoftmax(row).map((v, c) => -w[c]! * v * ((1 - epsilon) * p[i]![c]! + epsilon / classes))),
        );
        const found = crossEntropy(tensor(z), tensor(p), { weights: w, labelSmoothing: epsilon });
        expectClose(found.item(), sum(each) / z.length, 1000);
      }),
    );
  });

  test("negative log-likelihood of a log-softmax is cross-entropy", () => {
    fc.assert(
      fc.property(drawn, reductions, ({ z, y, w }, reduction) => {
        const options = { weights: w, ignoreIndex: 1, reduction };
        const found = negativeLogLikelihood(tensor(z).logSoftmax(), int(y), options).item();
        expect(found).toBe(crossEntropy(tensor(z), int(y), options).item());
      }),
    );
  });

  test("ignored samples cost 0 and have no gradient, even where their loss is infinite", () => {
    const f = (z: Tensor): Tensor => negativeLogLikelihood(z, int([-100, 1]), { reduction: "none" });
    const logP = tensor([[-Infinity, 0], [-2, -3]]); // prettier-ignore
    expect(f(logP).toArray()).toEqual([0, 3]);
    const g = grad((z: Tensor) => f(z).sum())(logP).toTypedArray();
    expect(Array.from(g, (v) => v + 0)).toEqual([0, 0, 0, -1]);
  });
});

describe("kinks", () => {
  const slope = (loss: Loss, p: number, y: number): number => grad((x: Tensor) => loss(x, tensor(y)))(p).item();
  const huber2: Loss = (p, y) => huber(p, y, { delta: 2 });
  const smooth2: Loss = (p, y) => smoothL1(p, y, { beta: 2 });
  const absolute: Loss = (p, y) => smoothL1(p, y, { beta: 0 });

  test.each<[string, Loss, number, number, number]>([
    ["mean absolute error", meanAbsoluteError, 3, 3, 0],
    ["smooth absolute error of beta 0", absolute, 3, 3, 0],
    ["hinge", hinge, 1, 1, 0],
    ["squared hinge", squaredHinge, 1, 1, 0],
    ["Huber", huber2, 2, 0, 2],
    ["Huber", huber2, -2, 0, -2],
    ["smooth absolute error", smooth2, 2, 0, 1],
  ])("%s", (_name, loss, p, y, expected) => {
    expect(slope(loss, p, y) + 0).toBe(expected);
  });

  test("cosine similarity of a zero vector is 0 with finite slopes", () => {
    const f = (x: Tensor): Tensor => cosineSimilarity(x, tensor([1, 2]));
    expect(f(tensor([0, 0])).item()).toBe(0);
    expect(
      grad(f)(tensor([0, 0]))
        .isFinite()
        .all()
        .item(),
    ).toBe(1);
  });
});

describe("far from zero", () => {
  const scores = tensor([1000, -1000, 0]);
  const [bits, plusMinus] = [tensor([1, 0, 1]), tensor([-1, -1, 1])];
  const logits = tensor([[1000, -1000, 0], [-1000, 1000, 1000]]); // prettier-ignore
  const cases: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    meanAbsoluteError: (s) => meanAbsoluteError(s.mul(scores), bits),
    huber: (s) => huber(s.mul(scores), bits),
    smoothL1: (s) => smoothL1(s.mul(scores), bits),
    hinge: (s) => hinge(s.mul(scores), plusMinus),
    squaredHinge: (s) => squaredHinge(s.mul(scores), plusMinus),
    "binaryCrossEntropyWithLogits with a weight": (s) =>
      binaryCrossEntropyWithLogits(s.mul(scores), bits, { positiveWeight: 3 }),
    "crossEntropy with all options": (s) =>
      crossEntropy(s.mul(logits), int([1, 2]), { labelSmoothing: 0.1, weights: [1, 2, 3], ignoreIndex: 0 }),
    "klDivergence of logits": (s) => klDivergence(s.mul(logits).logSoftmax(), logits.softmax()),
    "klDivergence of logarithms": (s) =>
      klDivergence(s.mul(logits).logSoftmax(), logits.mul(2).logSoftmax(), { logTarget: true }),
    cosineSimilarity: (s) => cosineSimilarity(s.mul(scores), bits),
  };
  test.each(Object.entries(cases))("%s is finite with a finite gradient at ±1000", (_name, f) => {
    for (const dtype of ["float64", "float32"] as const) {
      const one = tensor(1, { dtype });
      expect(Number.isFinite(f(one).item())).toBe(true);
      expect(Number.isFinite(grad(f)(one).item())).toBe(true);
    }
  });

  test("small losses with a weight keep their digits", () => {
    const found = binaryCrossEntropyWithLogits(tensor([-40]), tensor([0]), { positiveWeight: 3 }).item();
    expect(Math.abs(found / Math.exp(-40) - 1)).toBeLessThan(1e-15);
  });

  test("a divergence from what is impossible is infinite, of what never happens 0", () => {
    const log0 = tensor([-Infinity, 0]);
    expect(klDivergence(log0, tensor([0, 1])).item()).toBe(0);
    expect(klDivergence(log0, log0, { logTarget: true }).item()).toBe(0);
    expect(klDivergence(log0, tensor([0.5, 0.5])).item()).toBe(Infinity);
  });
});

test("float32 predictions give float32 losses whatever weights and targets are", () => {
  const z = random(1).normal([3, 2], { dtype: "float32" });
  const found = [
    crossEntropy(z, int([0, 1, 1]), { weights: [1, 2], labelSmoothing: 0.1, ignoreIndex: 0 }),
    binaryCrossEntropy(z.sigmoid(), z.greater(0), { weights: tensor([1, 2]) }),
    binaryCrossEntropyWithLogits(z, z.greater(0), { positiveWeight: 2 }),
    huber(z, z.astype("float64")),
    klDivergence(z.logSoftmax(), z.softmax()),
    hinge(z, int([1, -1, 1, -1, 1, -1]).reshape([3, 2])),
  ];
  expect(leavesOf(found).map(({ leaf }) => (leaf as Tensor).dtype)).toEqual(found.map(() => "float32"));
});
