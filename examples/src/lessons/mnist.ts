/** MNIST with a deep network: 784-256-128-10, relu, Adam, batches of 128; 97.72 % of the test part with seed 1. */
import { mnist as load } from "@cotangent/data/node";
import { deepNetwork } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, lossOf } from "../problem.js";

export const mnist: Lesson<{ readonly testAccuracies: readonly number[]; readonly seconds: number }> = {
  title: "MNIST with a deep network",
  run: async ({ seed, small, say }) => {
    const { train, test } = await load({ dtype: "float32", ...(small ? { train: 1500, test: 500 } : {}) });
    const model = deepNetwork({ sizes: [784, 256, 128, 10], dtype: "float32" });
    const testAccuracies: number[] = [];
    const rows: string[][] = [];
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    const optimizer = adam({ learningRate: 0.001 });
    const how = { loss: lossOf, optimizer, epochs: small ? 3 : 5, batchSize: 128, seed };
    for await (const event of fit({ model, data: train, ...how })) {
      if (event.type !== "epoch") continue;
      testAccuracies.push(accuracyOf(model, event.state.params, test));
      rows.push([String(event.epoch), percent(testAccuracies.at(-1)!), seconds().toFixed(1)]);
      say(`  epoch ${event.epoch}: ${percent(testAccuracies.at(-1)!)} of the test part, ${seconds().toFixed(1)} s`);
    }
    return {
      columns: ["epoch", "test accuracy", "seconds"],
      rows,
      lesson: `${train.labels.size} pictures, 235,146 parameters in float32, and nothing but dense layers: a deep network reads digits.`,
      found: { testAccuracies, seconds: seconds() },
    };
  },
};
