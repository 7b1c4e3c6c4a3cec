/** Too small, good, too large: learning rates side by side, and the range test that finds a good one. */
import { tanh } from "@cotangent/core";
import { planarFlower } from "@cotangent/data/node";
import { normalInit, shallowNetwork, type Model } from "@cotangent/nn";
import { fit, learningRateRange, sgd, trainState } from "@cotangent/optim";
import { costCurves } from "@cotangent/viz";
import type { Lesson } from "../lesson.js";
import { costOf, lossOf } from "../problem.js";

interface Found {
  /** Costs by rate; the suggested rate is among them. */
  readonly costs: ReadonlyMap<number, readonly number[]>;
  readonly suggestion: number;
}

/** How often a step made things worse. */
const rises = (costs: readonly number[]): number => costs.filter((cost, i) => i > 0 && cost > costs[i - 1]!).length;

export const learningRates: Lesson<Found> = {
  title: "Learning rates",
  run: async ({ seed, small }) => {
    const data = planarFlower();
    const init = normalInit({ std: 0.5 });
    const model = shallowNetwork({ inputs: 2, hidden: 4, outputs: 1, activation: tanh, init });
    const cost = costOf(model as Model<unknown>);
    const optimizer = sgd({ learningRate: 1 });
    const start = trainState<unknown, { readonly step: unknown }>({ model: model as Model<unknown>, optimizer, seed });
    const { suggestion } = learningRateRange(start, [data], { cost, optimizer, lowest: 1e-3, highest: 1e3, steps: 60 });
    const rates = [0.01, 0.1, suggestion!, 20];
    const epochs = small ? 300 : 1000;
    const costs = new Map<number, number[]>();
    for (const learningRate of rates) {
      const list: number[] = [];
      const run = fit({ model, loss: lossOf, optimizer: sgd({ learningRate }), data, epochs, seed });
      for await (const event of run) if (event.type === "step") list.push(event.cost);
      costs.set(learningRate, list);
    }
    const named = (rate: number): string => `${rate.toPrecision(2)}${rate === suggestion ? " (range test)" : ""}`;
    const series = [...costs].reverse().map(([rate, list]) => ({ name: named(rate), costs: list }));
    return {
      columns: ["learning rate", "cost at first", "in the middle", "at last", "steps that rose"],
      rows: [...costs].map(([rate, list]) => [
        named(rate),
        ...[0, epochs / 2, epochs - 1].map((i) => list[i]!.toFixed(4)),
        String(rises(list)),
      ]),
      lesson:
        "Too small a rate hardly moves; too large a one jumps over the valley, and the cost goes up and down. The range test tries rates that grow step by step, and suggests the one where the cost falls fastest.",
      figures: [
        {
          svg: await costCurves({ title: "Learning rates on the planar flower", series, limit: 2 }),
          caption: "Cost by iteration; what is above 2 is drawn at 2.",
        },
      ],
      found: { costs, suggestion: suggestion! },
    };
  },
};
