/** Logistic regression by gradient descent: one neuron tells malignant tumours from benign ones. */
import { random } from "@cotangent/core";
import { breastCancer } from "@cotangent/data/node";
import { logisticRegression, type Model } from "@cotangent/nn";
import { fit, sgd } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, costOf, lossOf, prepared } from "../problem.js";

export const logistic: Lesson<{ costs: readonly number[]; testAccuracy: number }> = {
  title: "Logistic regression",
  run: async ({ seed, small }) => {
    const { train, test } = prepared(breastCancer(), random(seed));
    const model = logisticRegression({ features: 30 });
    const shown = small ? [1, 10, 100] : [1, 10, 100, 1000];
    const rows: string[][] = [];
    const costs: number[] = [];
    const optimizer = sgd({ learningRate: 0.1 });
    const run = fit({ model, loss: lossOf, optimizer, data: train, epochs: shown.at(-1)!, seed });
    for await (const event of run) {
      if (event.type !== "step") continue;
      const { params } = event.state;
      costs.push(event.cost);
      if (!shown.includes(event.step)) continue;
      const shares = [train, test].map((part) => percent(accuracyOf(model, params, part)));
      rows.push([
        String(event.step),
        costOf(model as Model<unknown>)(params, train)
          .item()
          .toFixed(4),
        ...shares,
      ]);
    }
    const { params } = (await run).state;
    return {
      columns: ["iterations", "cost", "train accuracy", "test accuracy"],
      rows,
      lesson:
        "One neuron on standardised measurements is enough here. The cost is convex: a small enough step lowers it every time.",
      found: { costs, testAccuracy: accuracyOf(model, params, test) },
    };
  },
};
