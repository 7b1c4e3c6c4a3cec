/** A hidden layer bends the boundary: the planar flower with 0, 1, 2, … hidden units. */
import { tanh } from "@cotangent/core";
import { planarFlower } from "@cotangent/data/node";
import { logisticRegression, normalInit, shallowNetwork, type Model } from "@cotangent/nn";
import { fit, sgd } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, lossOf } from "../problem.js";

export const shallow: Lesson<ReadonlyMap<number, number>> = {
  title: "A shallow network",
  run: async ({ seed, small }) => {
    const data = planarFlower();
    const found = new Map<number, number>();
    const rows: string[][] = [];
    for (const hidden of small ? [0, 1, 4] : [0, 1, 2, 3, 4, 5, 20]) {
      const network = { inputs: 2, hidden, outputs: 1, activation: tanh, init: normalInit({ std: 0.01 }) };
      const model = (hidden === 0 ? logisticRegression({ features: 2 }) : shallowNetwork(network)) as Model<unknown>;
      const epochs = small ? 2000 : 5000;
      const optimizer = sgd({ learningRate: 1.2 });
      const { state } = await fit({ model, loss: lossOf, optimizer, data, epochs, seed });
      found.set(hidden, accuracyOf(model, state.params, data));
      rows.push([String(hidden), state.cost!.toFixed(4), percent(found.get(hidden)!)]);
    }
    return {
      columns: ["hidden units", "cost", "accuracy"],
      rows,
      lesson:
        "Without a hidden layer the boundary is a straight line, no better than a guess on a flower; three or four tanh units follow the petals, and more bring little.",
      found,
    };
  },
};
