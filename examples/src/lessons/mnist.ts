/** MNIST with a deep network: 784-256-128-10, relu, Adam, batches of 128; 97.99 % of the test part with seed 1. */
import { mnist as load } from "@cotangent/data/node";
import { deepNetwork } from "@cotangent/nn";
import { adam } from "@cotangent/optim";
import { accuracyOf, fitted } from "../fitting.js";
import { percent, type Lesson } from "../lesson.js";

export const mnist: Lesson<{ readonly testAccuracies: readonly number[]; readonly seconds: number }> = {
  title: "MNIST with a deep network",
  run: async ({ seed, small, say }) => {
    const { train, test } = await load({ dtype: "float32", ...(small ? { train: 1500, test: 500 } : {}) });
    const model = deepNetwork({ sizes: [784, 256, 128, 10], dtype: "float32" });
    const testAccuracies: number[] = [];
    const rows: string[][] = [];
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    fitted(model, train, {
      optimizer: adam({ learningRate: 0.001 }),
      epochs: small ? 3 : 5,
      batch: 128,
      seed,
      each: (epoch, params) => {
        testAccuracies.push(accuracyOf(model, params, test));
        rows.push([String(epoch), percent(testAccuracies.at(-1)!), seconds().toFixed(1)]);
        say(`  epoch ${epoch}: ${percent(testAccuracies.at(-1)!)} of the test part, ${seconds().toFixed(1)} s`);
      },
    });
    return {
      columns: ["epoch", "test accuracy", "seconds"],
      rows,
      lesson: `${train.labels.size} pictures, 235,146 parameters in float32, and nothing but dense layers: a deep network reads digits.`,
      found: { testAccuracies, seconds: seconds() },
    };
  },
};
