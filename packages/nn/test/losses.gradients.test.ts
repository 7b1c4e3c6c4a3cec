/** Gradients of losses with all their options against differences, and of gradients. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, random, type Tensor } from "@cotangent/core";
import { compareGradients } from "@cotangent/core/check";
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
} from "@cotangent/nn";

/** What a loss is drawn from: predictions `[4, 3]`, others of that shape, and four classes. */
interface Given {
  readonly y: Tensor;
  readonly p: Tensor;
  readonly signs: Tensor;
  readonly classes: Tensor;
}

const weights = [0.5, 2, 1];
const cases: Readonly<Record<string, (x: Tensor, given: Given) => Tensor>> = {
  meanAbsoluteError: (x, { y }) => meanAbsoluteError(x, y),
  huber: (x, { y }) => huber(x, y, { delta: 0.7 }),
  smoothL1: (x, { y }) => smoothL1(x, y, { beta: 0.7 }),
  hinge: (x, { signs }) => hinge(x, signs),
  squaredHinge: (x, { signs }) => squaredHinge(x, signs, { margin: 0.5 }),
  "binaryCrossEntropy with weights": (x, { p }) => binaryCrossEntropy(x.sigmoid(), p, { weights }),
  "binaryCrossEntropyWithLogits with a weight": (x, { p }) =>
    binaryCrossEntropyWithLogits(x, p, { positiveWeight: weights }),
  "crossEntropy of classes": (x, { classes }) =>
    crossEntropy(x, classes, { labelSmoothing: 0.2, weights, ignoreIndex: 2 }),
  "crossEntropy of probabilities": (x, { p }) => crossEntropy(x, p, { labelSmoothing: 0.2, weights }),
  "crossEntropy by its targets": (x, { y }) => crossEntropy(y, x.softmax(), { weights }),
  negativeLogLikelihood: (x, { classes }) => negativeLogLikelihood(x, classes, { weights, ignoreIndex: 2 }),
  klDivergence: (x, { y }) => klDivergence(x.logSoftmax(), y.softmax()),
  "klDivergence by its targets": (x, { y }) => klDivergence(y.logSoftmax(), x.softmax()),
  "klDivergence of logarithms by its targets": (x, { y }) =>
    klDivergence(y.logSoftmax(), x.logSoftmax(), { logTarget: true }),
  cosineSimilarity: (x, { y }) => cosineSimilarity(x, y).sum(),
  "cosineSimilarity by the other": (x, { y }) => cosineSimilarity(y.slice([0]), x, { axis: -1 }).sum(),
};
const kinked = ["meanAbsoluteError", "huber", "smoothL1", "hinge", "squaredHinge"];

describe.each(Object.entries(cases))("%s", (name, loss) => {
  const given = (seed: number): Given & { readonly x: Tensor } => {
    const source = random(seed);
    const p = source.uniform([4, 3]);
    const classes = random(seed).integers([4], { low: 0, high: 2 });
    return { x: source.normal([4, 3]), y: source.normal([4, 3]), p, signs: p.greater(0.5).mul(2).sub(1), classes };
  };

  test("the gradient agrees with differences", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
        const { x, ...rest } = given(seed);
        const [found] = compareGradients(({ x }: { x: Tensor }) => loss(x, rest), { x }, { random: random(seed) });
        expect(found!.relativeError).toBeLessThan(1e-7);
        expect(found!.sampled).toBeGreaterThan(0);
      }),
      { numRuns: 15 },
    );
  });

  if (kinked.includes(name)) return;

  test("so does the gradient of the gradient", () => {
    const { x, ...rest } = given(3);
    const along = random(4).normal([4, 3]);
    const f = ({ x }: { x: Tensor }): Tensor =>
      grad((t: Tensor) => loss(t, rest))(x)
        .mul(along)
        .sum();
    const [found] = compareGradients(f, { x }, { random: random(5) });
    expect(found!.relativeError).toBeLessThan(1e-6);
  });
});
