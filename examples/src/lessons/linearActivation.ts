/** Without activations a deep network is a linear map: it collapses to logistic regression. */
import { tanh, type Tensor } from "@cotangent/core";
import { planarFlower } from "@cotangent/data/node";
import { deepNetwork, logisticRegression, type DenseParams, type Model } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { accuracyOf, costOf, lossOf } from "../problem.js";

interface Found {
  readonly costs: { readonly logistic: number; readonly linear: number; readonly tanh: number };
  /** Between the deep linear network's outputs and those of the product of its weights. */
  readonly collapse: number;
}

/** The one layer that layers without activations amount to. */
function product(layers: readonly DenseParams[]): DenseParams {
  return layers.reduce((a, b) => ({ weight: a.weight.matmul(b.weight), bias: a.bias!.matmul(b.weight).add(b.bias!) }));
}

export const linearActivation: Lesson<Found> = {
  title: "Linear activations collapse",
  run: async ({ seed, small }) => {
    const data = planarFlower();
    const sizes = [2, 8, 8, 1];
    const linear = deepNetwork({ sizes, activation: (x: Tensor) => x });
    const trained = async <P>(model: Model<P>): Promise<{ params: P; cost: number; accuracy: number }> => {
      const epochs = small ? 500 : 2000;
      const how = { loss: lossOf, optimizer: adam({ learningRate: 0.01 }), epochs, seed };
      const { params } = (await fit({ model, data, ...how })).state;
      const cost = costOf(model as Model<unknown>)(params, data).item();
      return { params, cost, accuracy: accuracyOf(model, params, data) };
    };
    const [one, deepLinear, deepTanh] = [
      await trained(logisticRegression({ features: 2 })),
      await trained(linear),
      await trained(deepNetwork({ sizes, activation: tanh })),
    ];
    const { weight, bias } = product(deepLinear.params);
    const outputs = linear.apply(deepLinear.params, data.features);
    const collapse = outputs.sub(data.features.matmul(weight).add(bias!)).abs().max().item();
    const row = (name: string, { cost, accuracy }: { cost: number; accuracy: number }): string[] => [
      name,
      cost.toFixed(4),
      percent(accuracy),
    ];
    return {
      columns: ["network", "cost", "accuracy"],
      rows: [
        row("logistic regression", one),
        row("2-8-8-1, no activation", deepLinear),
        row("2-8-8-1, tanh", deepTanh),
      ],
      lesson: `A product of matrices is a matrix: three layers without activations compute what one computes (outputs differ by ${collapse.toExponential(1)}), and learn no more. It is the activation that makes depth worth its while.`,
      found: { costs: { logistic: one.cost, linear: deepLinear.cost, tanh: deepTanh.cost }, collapse },
    };
  },
};
