/** One pass of logistic regression, sample by sample and as one matrix product. */
import { tensor, valueAndGrad, type Tensor } from "@cotangent/core";
import type { Dataset } from "@cotangent/data";
import { binaryCrossEntropyWithLogits, logisticRegression, type DenseParams } from "@cotangent/nn";
import { random } from "@cotangent/core";

export interface Comparison {
  readonly loopSeconds: number;
  readonly vectorSeconds: number;
  /** Largest difference between the two gradients. */
  readonly difference: number;
}

function median(times: number[]): number {
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function timed(repetitions: number, run: () => void): number {
  const times = Array.from({ length: repetitions }, () => {
    const start = performance.now();
    run();
    return (performance.now() - start) / 1000;
  });
  return median(times);
}

/** The gradient of the cost over all samples, computed both ways. */
export function loopOrVectors({ features, labels }: Dataset): Comparison {
  const [n, columns] = features.shape as readonly [number, number];
  const model = logisticRegression({ features: columns });
  const params = model.init(random(1));
  const target = labels.astype("float64").reshape([n, 1]);
  const gradientOf = valueAndGrad((p: DenseParams, x: Tensor, y: Tensor) =>
    binaryCrossEntropyWithLogits(model.apply(p, x), y),
  );
  const samples = Array.from({ length: n }, (_, i) => ({
    x: features.slice([[i, i + 1]]),
    y: target.slice([[i, i + 1]]),
  }));
  const loop = (): Tensor => {
    let sum = tensor(new Float64Array(columns), { shape: [columns, 1] });
    for (const { x, y } of samples) sum = sum.add(gradientOf(params, x, y)[1].weight);
    return sum.div(n);
  };
  const vector = (): Tensor => gradientOf(params, features, target)[1].weight;
  const difference = loop().sub(vector()).abs().max().item();
  return { loopSeconds: timed(5, loop), vectorSeconds: timed(25, vector), difference };
}
