/** Hyper-parameter search: seeded random draws of learning rates and sizes. */
import { random } from "@cotangent/core";
import { split } from "@cotangent/data";
import { digits } from "@cotangent/data/node";
import { deepNetwork } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { renderPlot } from "@cotangent/viz";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, lossOf, prepared } from "../problem.js";

interface Draw {
  readonly learningRate: number;
  readonly sizes: readonly number[];
  readonly batch: number;
}

interface Trial extends Draw {
  readonly validationAccuracy: number;
}

export const search: Lesson<{ readonly trials: readonly Trial[]; readonly testAccuracy: number }> = {
  title: "Hyper-parameter search",
  run: async ({ seed, small, say }) => {
    const { train: known, test } = prepared(digits(), random(seed));
    const { train, test: validation } = split(known, { testFraction: 0.25, random: random(seed).fork("validation") });
    const epochs = small ? 3 : 15;
    const trained = async (trial: Draw, data = train): Promise<{ test: number; validation: number }> => {
      const model = deepNetwork({ sizes: trial.sizes });
      const optimizer = adam({ learningRate: trial.learningRate });
      const how = { loss: lossOf, optimizer, epochs, batchSize: trial.batch, seed };
      const { params } = (await fit({ model, data, ...how })).state;
      return { test: accuracyOf(model, params, test), validation: accuracyOf(model, params, validation) };
    };
    const trials: Trial[] = [];
    for (let i = 0; i < (small ? 6 : 30); i++) {
      const draw = random(seed).fork(`trial ${i}`);
      const whole = (name: string, low: number, high: number): number =>
        draw.fork(name).integers([], { low, high }).item();
      const trial = {
        // Evenly on a logarithmic scale, as rates are compared by ratios.
        learningRate: 10 ** draw.fork("rate").uniform([], { low: -4.5, high: -0.5 }).item(),
        sizes: [64, ...Array.from({ length: whole("depth", 1, 4) }, (_, k) => 2 ** whole(`size ${k}`, 2, 8)), 10],
        batch: 2 ** whole("batch", 4, 8),
      };
      trials.push({ ...trial, validationAccuracy: (await trained(trial)).validation });
    }
    trials.sort((a, b) => b.validationAccuracy - a.validationAccuracy);
    say(`  ${trials.length} trials`);
    const best = trials[0]!;
    // The validation part has chosen, so that only the test part can still judge.
    const testAccuracy = (await trained(best, known)).test;
    const svg = await renderPlot({
      title: "Validation accuracy of random draws",
      width: 460,
      height: 260,
      data: { values: trials.map((trial) => ({ ...trial, layers: String(trial.sizes.length - 1) })) },
      mark: { type: "point", filled: true, size: 60 },
      encoding: {
        x: { field: "learningRate", type: "quantitative", scale: { type: "log" }, title: "learning rate" },
        y: { field: "validationAccuracy", type: "quantitative", scale: { zero: false }, title: "validation accuracy" },
        color: { field: "layers", type: "nominal", title: "layers" },
      },
    });
    return {
      columns: ["network", "learning rate", "batch", "validation accuracy"],
      rows: trials
        .slice(0, 10)
        .map(({ sizes, learningRate, batch, validationAccuracy }) => [
          sizes.join("-"),
          learningRate.toExponential(1),
          String(batch),
          percent(validationAccuracy),
        ]),
      lesson: `The learning rate decides most: too small learns nothing in the time, too large nothing at all, and between them sizes matter little. The best draw, trained on all but the test part, gets ${percent(testAccuracy)} of that right.`,
      figures: [{ svg, caption: `${trials.length} draws, ${epochs} epochs each.` }],
      found: { trials, testAccuracy },
    };
  },
};
