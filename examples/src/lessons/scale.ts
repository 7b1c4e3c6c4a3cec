/** Scale drives progress: accuracy against the amount of data, for networks of several sizes. */
import { random, tensor } from "@cotangent/core";
import { takeRows } from "@cotangent/data";
import { digits } from "@cotangent/data/node";
import { deepNetwork } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { renderPlot } from "@cotangent/viz";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, lossOf, prepared } from "../problem.js";

interface Point {
  readonly network: string;
  readonly samples: number;
  /** Mean over the seeds. */
  readonly testAccuracy: number;
}

const networks: Readonly<Record<string, readonly number[]>> = {
  "softmax regression": [64, 10],
  "small, 64-4-10": [64, 4, 10],
  "medium, 64-16-10": [64, 16, 10],
  "large, 64-128-64-10": [64, 128, 64, 10],
};

export const scale: Lesson<readonly Point[]> = {
  title: "Scale drives progress",
  run: async ({ seed, small, say }) => {
    const amounts = small ? [50, 1400] : [25, 50, 100, 200, 400, 800, 1400];
    const seeds = Array.from({ length: small ? 1 : 5 }, (_, i) => seed + i);
    const steps = small ? 200 : 600;
    const found: Point[] = [];
    for (const [network, sizes] of Object.entries(networks)) {
      for (const samples of amounts) {
        const accuracies: number[] = [];
        for (const each of seeds) {
          const { train, test } = prepared(digits(), random(each));
          const model = deepNetwork({ sizes });
          const part = takeRows(train, tensor(Int32Array.from({ length: samples }, (_, i) => i)));
          // As many steps for little data as for much.
          const batchSize = Math.min(50, samples);
          const epochs = Math.ceil((steps * batchSize) / samples);
          const how = { loss: lossOf, optimizer: adam({ learningRate: 0.005 }), batchSize, epochs, seed: each };
          const { state } = await fit({ model, data: part, ...how });
          accuracies.push(accuracyOf(model, state.params, test));
        }
        found.push({ network, samples, testAccuracy: accuracies.reduce((a, b) => a + b) / seeds.length });
      }
      say(`  ${network}`);
    }
    const cell = (network: string, samples: number): string =>
      percent(found.find((each) => each.network === network && each.samples === samples)!.testAccuracy);
    const svg = await renderPlot({
      title: "Test accuracy against the amount of data",
      width: 460,
      height: 260,
      data: { values: found },
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "samples", type: "quantitative", scale: { type: "log" }, title: "training samples" },
        y: { field: "testAccuracy", type: "quantitative", scale: { zero: false }, title: "test accuracy" },
        color: { field: "network", type: "nominal", title: null, sort: Object.keys(networks) },
      },
    });
    return {
      columns: ["network", ...amounts.map(String)],
      rows: Object.keys(networks).map((network) => [network, ...amounts.map((samples) => cell(network, samples))]),
      lesson:
        "More data helps every network. With little of it softmax regression does as well as any; with much, the larger networks go on where the others have had their fill.",
      figures: [{ svg, caption: `Digits of 8 × 8 pixels, mean of ${seeds.length} seeds.` }],
      found,
    };
  },
};
