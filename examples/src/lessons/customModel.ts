/** A model and a loss of one's own: quantiles of a target whose spread depends on the input. */
import { maximum, random, stack, tensor, type Random, type Tensor } from "@cotangent/core";
import { dataset, type Dataset } from "@cotangent/data";
import { deepNetwork, type Model, type ParamsOf } from "@cotangent/nn";
import { adam, fit } from "@cotangent/optim";
import { renderPlot } from "@cotangent/viz";
import { percent, type Lesson } from "../lesson.js";

const levels = [0.1, 0.5, 0.9] as const;

/** Any object with `init` and `apply` is a model. This one gives three quantiles, which cannot cross. */
const trunk = deepNetwork({ sizes: [1, 32, 32, 3], activation: (x) => x.tanh() });
const quantiles: Model<ParamsOf<typeof trunk>> = {
  init: (random) => trunk.init(random),
  apply: (params, x) => {
    const [down, median, up] = trunk.apply(params, x).unstack({ axis: 1 });
    return stack([median!.sub(down!.softplus()), median!, median!.add(up!.softplus())], { axis: 1 });
  },
};

/** Any function that gives a scalar is a loss. The pinball loss is least at the quantile $q$: max(q e, (q − 1) e). */
const pinball = (prediction: Tensor, target: Tensor): Tensor => {
  const error = target.reshape([-1, 1]).sub(prediction);
  const q = tensor([...levels]);
  return maximum(error.mul(q), error.mul(q.sub(1))).mean();
};

/** y = sin(2x), with noise that grows from left to right. */
function samples(random: Random, n: number): Dataset {
  const x = random.uniform([n, 1], { low: -2, high: 2 });
  const noise = random.normal([n, 1]).mul(x.add(2).mul(0.15).add(0.05));
  return dataset(x, x.mul(2).sin().add(noise).reshape([-1]));
}

export const customModel: Lesson<readonly { readonly level: number; readonly share: number }[]> = {
  title: "A custom model with a custom loss",
  run: async ({ seed, small }) => {
    const [train, test] = ["train", "test"].map((part) => samples(random(seed).fork(part), 2000)) as [Dataset, Dataset];
    const optimizer = adam({ learningRate: 0.01 });
    const how = { loss: pinball, optimizer, epochs: small ? 20 : 60, batchSize: 100, seed };
    const { params } = (await fit({ model: quantiles, data: train, ...how })).state;
    const below = test.labels.reshape([-1, 1]).less(quantiles.apply(params, test.features)).astype("float64");
    const shares = below.mean({ axis: 0 }).toTypedArray();
    const found = levels.map((level, i) => ({ level, share: shares[i]! }));

    const grid = tensor(Array.from({ length: 81 }, (_, i) => [-2 + i / 20]));
    const curves = quantiles.apply(params, grid).toArray() as number[][];
    const x = grid.toTypedArray();
    const lines = curves.flatMap((row, i) => row.map((y, k) => ({ x: x[i]!, y, name: `${100 * levels[k]!} %` })));
    const [tx, ty] = [test.features.toTypedArray(), test.labels.toTypedArray()];
    const points = Array.from({ length: 400 }, (_, i) => ({ x: tx[i]!, y: ty[i]! }));
    const encoding = { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } };
    const svg = await renderPlot({
      title: "Quantiles of a noisy sine",
      width: 460,
      height: 260,
      layer: [
        { data: { values: points }, mark: { type: "point", size: 8, opacity: 0.4 }, encoding },
        {
          data: { values: lines },
          mark: { type: "line", strokeWidth: 2 },
          encoding: { ...encoding, color: { field: "name", type: "nominal", title: null } },
        },
      ],
    });
    return {
      columns: ["quantile", "test targets below it"],
      rows: found.map(({ level, share }) => [percent(level), percent(share)]),
      lesson:
        "A model is an object with two functions, a loss is a function: ten lines make a network say how sure it is. About the promised share of unseen targets lies below each quantile.",
      figures: [{ svg, caption: "Test samples, and the quantiles that the network predicts." }],
      found,
    };
  },
};
