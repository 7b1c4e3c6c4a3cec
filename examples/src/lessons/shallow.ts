/** A hidden layer bends the boundary: the planar flower with 0, 1, 2, … hidden units. */
import { tanh } from "@cotangent/core";
import { planarFlower } from "@cotangent/data/node";
import { logisticRegression, normalInit, shallowNetwork, type Model } from "@cotangent/nn";
import { sgd } from "@cotangent/optim";
import { accuracyOf, fitted } from "../fitting.js";
import { percent, type Lesson } from "../lesson.js";

export const shallow: Lesson<ReadonlyMap<number, number>> = {
  title: "A shallow network",
  run: ({ seed, small }) => {
    const data = planarFlower();
    const found = new Map<number, number>();
    const rows = (small ? [0, 1, 4] : [0, 1, 2, 3, 4, 5, 20]).map((hidden) => {
      const network = { inputs: 2, hidden, outputs: 1, activation: tanh, init: normalInit({ std: 0.01 }) };
      const model = (hidden === 0 ? logisticRegression({ features: 2 }) : shallowNetwork(network)) as Model<unknown>;
      const epochs = small ? 2000 : 5000;
      const { params, costs } = fitted(model, data, { optimizer: sgd({ learningRate: 1.2 }), epochs, seed });
      found.set(hidden, accuracyOf(model, params, data));
      return [String(hidden), costs.at(-1)!.toFixed(4), percent(found.get(hidden)!)];
    });
    return {
      columns: ["hidden units", "cost", "accuracy"],
      rows,
      lesson:
        "Without a hidden layer the boundary is a straight line, no better than a guess on a flower; three or four tanh units follow the petals, and more bring little.",
      found,
    };
  },
};
