/** Deeper networks on the digits: what layers bring, and what they cost. */
import { leavesOf, random, type Tensor } from "@cotangent/core";
import { digits } from "@cotangent/data/node";
import { deepNetwork } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, costOf, lossOf, prepared } from "../problem.js";

interface Depth {
  readonly sizes: readonly number[];
  readonly cost: number;
  readonly testAccuracy: number;
}

export const deep: Lesson<readonly Depth[]> = {
  title: "A deep network",
  run: async ({ seed, small }) => {
    const { train, test } = prepared(digits(), random(seed));
    const hidden = small ? [[], [32, 16]] : [[], [48], [48, 24], [48, 24, 24], [48, 24, 24, 24]];
    const found: (Depth & { parameters: number; trainAccuracy: number })[] = [];
    for (const layers of hidden) {
      const sizes = [64, ...layers, 10];
      const model = deepNetwork({ sizes });
      const optimizer = adam({ learningRate: 0.003 });
      const how = { loss: lossOf, optimizer, epochs: small ? 10 : 30, batchSize: 64, seed };
      const { params } = (await fit({ model, data: train, ...how })).state;
      found.push({
        sizes,
        parameters: leavesOf(params).reduce((n, { leaf }) => n + (leaf as Tensor).size, 0),
        cost: costOf(model as never)(params, train).item(),
        trainAccuracy: accuracyOf(model, params, train),
        testAccuracy: accuracyOf(model, params, test),
      });
    }
    return {
      columns: ["network", "parameters", "training cost", "train accuracy", "test accuracy"],
      rows: found.map(({ sizes, parameters, cost, trainAccuracy, testAccuracy }) => [
        sizes.join("-"),
        String(parameters),
        cost.toFixed(4),
        percent(trainAccuracy),
        percent(testAccuracy),
      ]),
      lesson:
        "Hidden layers of relu fit the training part much better than softmax regression; the test accuracy grows less, and soon no more.",
      found,
    };
  },
};
