/** The gradient of each sample by itself finds the labels that are wrong. */
import { grad, leavesOf, perSampleGradients, random, tensor, type Tensor } from "@cotangent/core";
import { breastCancer } from "@cotangent/data/node";
import { logisticRegression, type DenseParams } from "@cotangent/nn";
import { fit, sgd } from "@cotangent/optim";
import { percent, type Lesson } from "../lesson.js";
import { lossOf, prepared } from "../problem.js";

interface Found {
  /** How many of the labels were turned over. */
  readonly flipped: number;
  /** How many of as many samples with the largest gradients have one of those labels. */
  readonly caught: number;
  /** Between the mean of the samples' gradients and the gradient of the mean. */
  readonly difference: number;
}

export const sampleGradients: Lesson<Found> = {
  title: "Per-sample gradients",
  run: async ({ seed, small }) => {
    const { train } = prepared(breastCancer(), random(seed));
    const n = train.labels.size;
    const flipped = Math.round(0.04 * n);
    const wrong = new Set(random(seed).fork("flip").permutation(n).slice([[0, flipped]]).toTypedArray()); // prettier-ignore
    const labels = tensor(
      Int32Array.from(train.labels.toTypedArray(), (label, i) => (wrong.has(i) ? 1 - label : label)),
    );
    const model = logisticRegression({ features: 30 });
    const optimizer = sgd({ learningRate: 0.1, weightDecay: 0.01 });
    const how = { loss: lossOf, optimizer, epochs: small ? 100 : 500, seed };
    const { params } = (await fit({ model, data: { ...train, labels }, ...how })).state;

    // Log loss of one sample, log(1 + exp z) - y z: labels are not looked at, so that a batch can go through at once.
    const cost = (p: DenseParams, { x, y }: { x: Tensor; y: Tensor }): Tensor => {
      const z = model.apply(p, x.reshape([-1, 30])).reshape([-1]);
      return z.softplus().sub(y.mul(z)).mean();
    };
    const batch = { x: train.features, y: labels.astype("float64") };
    const gradients = perSampleGradients(cost)(params, batch);
    const rows = leavesOf(gradients).map(({ leaf }) => (leaf as Tensor).reshape([n, -1]));
    const norms = rows.reduce((sum, g) => sum.add(g.square().sum({ axis: 1 })), tensor(0)).sqrt();
    const order = norms.argsort({ descending: true }).toTypedArray();
    const caught = Array.from(order.slice(0, flipped)).filter((i) => wrong.has(i)).length;

    const mean = (set: boolean): number => {
      const values = Array.from(norms.toTypedArray()).filter((_, i) => wrong.has(i) === set);
      return values.reduce((a, b) => a + b) / values.length;
    };
    const whole = grad(cost)(params, batch).weight;
    const difference = gradients.weight.mean({ axis: 0 }).sub(whole).abs().max().item();
    return {
      columns: ["samples", "number", "mean gradient norm"],
      rows: [
        ["right labels", String(n - flipped), mean(false).toFixed(3)],
        ["turned over", String(flipped), mean(true).toFixed(3)],
      ],
      lesson: `A sample whose label is wrong pulls hardest: of the ${flipped} samples with the largest gradients, ${caught} are among the ${flipped} whose labels were turned over (chance: ${percent(flipped / n)}). All gradients come from one vectorised pass, and their mean is the gradient of the mean.`,
      found: { flipped, caught, difference },
    };
  },
};
