/** Zero against random initialisation: units that start equal stay equal. */
import { random, tensor, type Tensor } from "@cotangent/core";
import { digits } from "@cotangent/data/node";
import { deepNetwork, heNormal, normalInit, zerosInit, type DenseParams, type Initialiser } from "@cotangent/nn";
import { fit, sgd } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, costOf, lossOf, prepared } from "../problem.js";

interface Start {
  /** The largest difference between the weights of two hidden units, after training. */
  readonly spread: number;
  readonly cost: number;
  readonly testAccuracy: number;
}

/** The largest difference between columns of a layer's weights. */
function spreadOf(weight: Tensor): number {
  const [least, most] = [weight.min({ axis: 1 }), weight.max({ axis: 1 })];
  return most.sub(least).max().item();
}

export const initialisation: Lesson<Readonly<Record<string, Start>>> = {
  title: "Zero against random initialisation",
  run: async ({ seed, small }) => {
    const { train, test } = prepared(digits(), random(seed));
    const inits: Readonly<Record<string, Initialiser>> = {
      zeros: zerosInit,
      "all equal, 0.1": (_random, shape) => tensor(0.1).broadcastTo(shape).add(0),
      "normal, std 0.01": normalInit({ std: 0.01 }),
      "normal, std 1": normalInit({ std: 1 }),
      "He, std √(2/n)": heNormal,
    };
    const found: Record<string, Start> = {};
    for (const [name, init] of Object.entries(inits)) {
      const model = deepNetwork({ sizes: [64, 24, 16, 10], init });
      const optimizer = sgd({ learningRate: 0.1 });
      const how = { loss: lossOf, optimizer, epochs: small ? 5 : 20, batchSize: 64, seed };
      const { params } = (await fit({ model, data: train, ...how })).state;
      const cost = costOf(model as never)(params, train).item();
      const spread = spreadOf((params as readonly DenseParams[])[0]!.weight);
      found[name] = { spread, cost, testAccuracy: accuracyOf(model, params, test) };
    }
    return {
      columns: ["start", "hidden units differ by", "training cost", "test accuracy"],
      rows: Object.entries(found).map(([name, { spread, cost, testAccuracy }]) => [
        name,
        spread === 0 ? "nothing" : spread.toFixed(3),
        cost.toFixed(4),
        percent(testAccuracy),
      ]),
      lesson:
        "Units that start equal get equal gradients and stay equal for ever: the layer is one unit, or with zeros and relu none. Random values break the symmetry; their size decides how soon learning starts.",
      found,
    };
  },
};
