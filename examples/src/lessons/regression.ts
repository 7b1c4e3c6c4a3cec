/** Linear regression on measurements of very different sizes: what standardisation does for gradient descent. */
import { NumericError, ones, concat, random, solve, type Tensor } from "@cotangent/core";
import { split, standardScaler, type Dataset } from "@cotangent/data";
import { diabetes } from "@cotangent/data/node";
import { linearRegression, meanSquaredError, rSquared, shallowNetwork, type Model } from "@cotangent/nn";
import { adam, fit, sgd, type Optimizer } from "@cotangent/optim";
import type { Lesson } from "../lesson.js";

interface Result {
  readonly name: string;
  readonly rate: number | null;
  readonly cost: number;
  readonly testR2: number;
}

const column = (labels: Tensor): Tensor => labels.reshape([-1, 1]);

/** The least squares solution by the normal equations: what gradient descent is on its way to. */
function leastSquares(train: Dataset, test: Dataset): Result {
  const withOne = (x: Tensor): Tensor => concat([x, ones([x.shape[0]!, 1])], { axis: 1 });
  const [x, y] = [withOne(train.features), column(train.labels)];
  const weights = solve(x.transpose().matmul(x), x.transpose().matmul(y));
  const predict = ({ features }: Dataset): Tensor => withOne(features).matmul(weights);
  const cost = meanSquaredError(predict(train), y).item();
  return { name: "least squares, solved", rate: null, cost, testR2: rSquared(predict(test), column(test.labels)) };
}

export const regression: Lesson<Readonly<Record<"solved" | "raw" | "scaled" | "network", Result>>> = {
  title: "Regression, and why to standardise",
  run: async ({ seed, small }) => {
    const raw = split(diabetes(), { testFraction: 0.25, random: random(seed) });
    const scaler = standardScaler(raw.train.features);
    const scale = (part: Dataset): Dataset => ({ ...part, features: scaler.transform(part.features) });
    const scaled = { train: scale(raw.train), test: scale(raw.test) };
    const epochs = small ? 300 : 1000;

    const loss = (prediction: Tensor, labels: Tensor): Tensor => meanSquaredError(prediction, column(labels));
    const descend = async (name: string, model: Model<unknown>, { train, test }: typeof raw, rates: readonly number[], by: (rate: number) => Optimizer<unknown>): Promise<Result> => {
      for (const rate of rates) {
        let first = Infinity;
        const run = fit({ model, loss, optimizer: by(rate), data: train, epochs, seed });
        for await (const event of run) if (event.type === "epoch" && event.epoch === 1) first = event.cost;
        const { state, reason } = await run;
        // Too large a rate shows in a cost that is not finite, or larger than at first.
        if (reason === "notFinite" || state.cost! > first) continue;
        const { params } = state;
        const testR2 = rSquared(model.apply(params, test.features), column(test.labels));
        return { name, rate, cost: loss(model.apply(params, train.features), train.labels).item(), testR2 };
      }
      throw new NumericError(`${name}: no rate of ${rates.join(", ")} brings the cost down`);
    }; // prettier-ignore

    const descent = (learningRate: number): Optimizer<unknown> => sgd({ learningRate }) as Optimizer<unknown>;
    const rates = [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7];
    const line = linearRegression({ features: 10 }) as Model<unknown>;
    const network = shallowNetwork({ inputs: 10, hidden: 16, outputs: 1 }) as Model<unknown>;
    const found = {
      solved: leastSquares(raw.train, raw.test),
      raw: await descend("line, as measured", line, raw, rates, descent),
      scaled: await descend("line, standardised", line, scaled, rates, descent),
      network: await descend("10-16-1 tanh, standardised", network, scaled, [0.1], (learningRate) => adam({ learningRate }) as Optimizer<unknown>),
    }; // prettier-ignore
    return {
      columns: ["model", "learning rate", "mean squared error", "test R²"],
      rows: Object.values(found).map(({ name, rate, cost, testR2 }) => [
        name,
        rate === null ? "–" : String(rate),
        cost.toFixed(1),
        testR2.toFixed(3),
      ]),
      lesson: `Measurements of very different sizes make a long narrow valley: the largest rate that does not fly off is far too small along it. Standardised, by what the training part says, ${epochs} steps reach the least squares solution. A network fits the training part better, and new patients worse.`,
      found,
    };
  },
};
