/** Logistic regression by gradient descent: one neuron tells malignant tumours from benign ones. */
import { random } from "@cotangent/core";
import { breastCancer } from "@cotangent/data/node";
import { logisticRegression } from "@cotangent/nn";
import { sgd } from "@cotangent/optim";
import { accuracyOf, fitted } from "../fitting.js";
import { percent, type Lesson } from "../lesson.js";
import { costOf, prepared } from "../problem.js";

export const logistic: Lesson<{ costs: readonly number[]; testAccuracy: number }> = {
  title: "Logistic regression",
  run: ({ seed, small }) => {
    const { train, test } = prepared(breastCancer(), random(seed));
    const model = logisticRegression({ features: 30 });
    const shown = small ? [1, 10, 100] : [1, 10, 100, 1000];
    const rows: string[][] = [];
    const { params, costs } = fitted(model, train, {
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: shown.at(-1)!,
      seed,
      each: (iteration, params) => {
        if (!shown.includes(iteration)) return;
        const cost = costOf(model)(params, train).item();
        const shares = [train, test].map((part) => percent(accuracyOf(model, params, part)));
        rows.push([String(iteration), cost.toFixed(4), ...shares]);
      },
    });
    return {
      columns: ["iterations", "cost", "train accuracy", "test accuracy"],
      rows,
      lesson:
        "One neuron on standardised measurements is enough here. The cost is convex: a small enough step lowers it every time.",
      found: { costs, testAccuracy: accuracyOf(model, params, test) },
    };
  },
};
