/** Metrics by their definitions: loops over all samples, all pairs, all classes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { random, tensor, type Tensor } from "@cotangent/core";
import {
  accuracy,
  batchNorm,
  classesOf,
  confusionMatrix,
  crossEntropy,
  dense,
  f1,
  logisticRegression,
  perplexity,
  precision,
  predict,
  predictProbability,
  recall,
  rocAuc,
  rSquared,
  sequential,
  softmaxRegression,
} from "@cotangent/nn";

const int = (values: number[]): Tensor => tensor(values, { dtype: "int32" });
const decisions = (classes: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.nat(classes - 1), fc.nat(classes - 1)), { minLength: 1, maxLength: 40 });
const columns = (list: readonly (readonly [number, number])[]): [Tensor, Tensor] => [
  int(list.map(([p]) => p)),
  int(list.map(([, y]) => y)),
];
const near = (actual: number, expected: number): void => expect(Math.abs(actual - expected)).toBeLessThan(1e-12);

describe("classes", () => {
  test("the confusion matrix counts labels by predictions", () => {
    fc.assert(
      fc.property(decisions(4), (list) => {
        const counts = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => list.filter(([p, y]) => y === i && p === j).length));
        const found = confusionMatrix(...columns(list), { classes: 4 });
        expect(found.dtype).toBe("int32");
        expect(found.toArray()).toEqual(counts);
        near(accuracy(...columns(list)), found.trace().item() / list.length);
        const size = Math.max(...list.flat()) + 1;
        expect(confusionMatrix(...columns(list)).toArray()).toEqual(counts.slice(0, size).map((row) => row.slice(0, size)));
      }),
    );
    expect(confusionMatrix(tensor([true, false]), tensor([0, 0])).toArray()).toEqual([[1, 1], [0, 0]]);
  }); // prettier-ignore

  test("precision, recall and F1 of each class and their averages", () => {
    const share = (a: number, b: number): number => (b === 0 ? 0 : a / b);
    fc.assert(
      fc.property(decisions(4), (list) => {
        const [p, y] = columns(list);
        const each = [0, 1, 2, 3].map((k) => {
          const right = list.filter(([p, y]) => p === k && y === k).length;
          const [predicted, labelled] = [list.filter(([p]) => p === k).length, list.filter(([, y]) => y === k).length];
          const [precise, found] = [share(right, predicted), share(right, labelled)];
          return { precise, found, f: share(2 * precise * found, precise + found), predicted, labelled };
        });
        each.forEach(({ precise, found, f }, positive) => {
          near(precision(p, y, { positive }), precise);
          near(recall(p, y, { positive }), found);
          near(f1(p, y, { positive }), f);
        });
        near(f1(p, y), each[1]!.f);
        const there = each.filter(({ predicted, labelled }) => predicted + labelled > 0);
        const mean = (key: "precise" | "found" | "f"): number =>
          there.reduce((sum, row) => sum + row[key], 0) / there.length;
        const weighted = (key: "precise" | "found" | "f"): number =>
          there.reduce((sum, row) => sum + row[key] * row.labelled, 0) / list.length;
        near(precision(p, y, { average: "macro" }), mean("precise"));
        near(recall(p, y, { average: "macro" }), mean("found"));
        near(f1(p, y, { average: "macro" }), mean("f"));
        near(f1(p, y, { average: "weighted" }), weighted("f"));
        near(recall(p, y, { average: "weighted" }), accuracy(p, y));
        for (const score of [precision, recall, f1]) near(score(p, y, { average: "micro" }), accuracy(p, y));
      }),
    );
  });
});

describe("rocAuc", () => {
  test("the share of pairs in the right order, ties half", () => {
    const list = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(1)), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(list, (list) => {
        const [ones, zeros] = [1, 0].map((k) => list.filter(([, y]) => y === k).map(([s]) => s)) as [number[], number[]];
        fc.pre(ones.length > 0 && zeros.length > 0);
        const wins = ones.flatMap((a) => zeros.map((b) => (a > b ? 1 : a === b ? 0.5 : 0) as number));
        const expected = wins.reduce((sum, v) => sum + v, 0) / wins.length;
        const [s, y] = columns(list);
        near(rocAuc(s, y), expected);
        near(rocAuc(s.astype("float64").mul(0.1).sigmoid(), y), expected);
        near(rocAuc(s.neg(), y), 1 - expected);
      }),
    );
  }); // prettier-ignore

  test("infinite scores have their order", () => {
    expect(rocAuc(tensor([-Infinity, Infinity, Infinity, 0]), int([0, 1, 0, 1]))).toBe((1.5 + 1) / 4);
  });
});

describe("numbers and distributions", () => {
  const number = fc.double({ min: -9, max: 9, noNaN: true });

  test("R² by its definition, of several outputs the mean", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 2, maxLength: 12 }), (list) => {
        const y = list.map(([, y]) => y);
        const mean = y.reduce((sum, v) => sum + v, 0) / y.length;
        const spread = y.reduce((sum, v) => sum + (v - mean) ** 2, 0);
        fc.pre(spread > 1e-3);
        const expected = 1 - list.reduce((sum, [p, y]) => sum + (y - p) ** 2, 0) / spread;
        const [p, t] = [tensor(list.map(([p]) => p)), tensor(y)];
        const close = (actual: number, expected: number): void =>
          expect(Math.abs(actual - expected)).toBeLessThan(1e-9 * (1 + Math.abs(expected)));
        close(rSquared(p, t), expected);
        close(rSquared(p.unsqueeze(1), t.unsqueeze(1)), expected);
        const both = (a: Tensor, b: Tensor): Tensor => a.unsqueeze(1).mul(tensor([1, 0])).add(b.unsqueeze(1).mul(tensor([0, 1])));
        close(rSquared(both(p, t), both(t, t)), (expected + 1) / 2);
      }),
    );
  }); // prettier-ignore

  test("perplexity is the exponential of cross-entropy", () => {
    const logits = random(1).normal([5, 4]);
    const labels = int([0, 3, 2, 1, 1]);
    near(perplexity(logits, labels), Math.exp(crossEntropy(logits, labels).item()));
    near(perplexity(logits, labels, { ignoreIndex: 1 }), Math.exp(crossEntropy(logits.slice([[0, 3]]), labels.slice([[0, 3]])).item()));
  }); // prettier-ignore
});

describe("predictions of models", () => {
  const x = random(1).normal([6, 3]);

  test("of one logit: probabilities by sigmoid, classes by the threshold", () => {
    const model = logisticRegression({ features: 3 });
    const params = { weight: random(2).normal([3, 1]), bias: tensor([0.1]) };
    const p = predictProbability(model, params, x);
    expect(p.toArray()).toEqual(model.apply(params, x).sigmoid().reshape([6]).toArray());
    for (const at of [undefined, 0, 0.3, 0.9, 1])
      expect(predict(model, params, x, { threshold: at }).toArray()).toEqual(
        [...p.toTypedArray()].map((v) => (v > (at ?? 0.5) ? 1 : 0)),
      );
    expect(predict(model, params, x).dtype).toBe("int32");
  });

  test("of several: probabilities by softmax, the most likely class", () => {
    const model = softmaxRegression({ features: 3, classes: 4 });
    const params = { weight: random(2).normal([3, 4]), bias: tensor([0, 1, 2, 3]) };
    expect(predictProbability(model, params, x).sum({ axis: 1 }).sub(1).abs().max().item()).toBeLessThan(1e-15);
    expect(predict(model, params, x).toArray()).toEqual(classesOf(model.apply(params, x)).toArray());
  });

  test("by the state of a model that keeps one", () => {
    const model = sequential(batchNorm({ features: 3 }), dense({ inputs: 3, outputs: 1 }));
    const params = model.init(random(1));
    let state = model.initState();
    model.apply(params, x.mul(5), { training: true, random: random(1), state, setState: (next) => (state = next) });
    expect(predictProbability(model, params, x, { state }).toArray()).toEqual(
      model.apply(params, x, { training: false, state }).sigmoid().reshape([6]).toArray(),
    );
    expect(predictProbability(model, params, x, { state }).toArray()).not.toEqual(
      predictProbability(model, params, x, { state: model.initState() }).toArray(),
    );
  });
});
