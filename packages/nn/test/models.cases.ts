/** Models of random sizes with every loss that suits them. */
import fc from "fast-check";
import { leakyRelu, mapTree, random, relu, sigmoid, softplus, tanh, type Tensor } from "@cotangent/core";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  deepNetwork,
  logisticRegression,
  meanSquaredError,
  shallowNetwork,
  type Activation,
  type DenseParams,
  type Loss,
  type Model,
} from "@cotangent/nn";

export type Params = readonly DenseParams[];

/** What a model is drawn from. */
export interface Drawn {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: string;
  readonly batch: number;
  readonly seed: number;
}

/** A model at a point, and its cost there on a batch. */
export interface Sample {
  readonly params: Params;
  readonly cost: (params: Params) => Tensor;
  /** The largest output, by absolute value. */
  readonly largest: number;
}

export const smooth = ["tanh", "sigmoid", "softplus"];
export const kinked = ["relu", "leakyRelu"];
const activations: Readonly<Record<string, Activation>> = { tanh, sigmoid, softplus, relu, leakyRelu };

export function drawn(activation: readonly string[]): fc.Arbitrary<Drawn> {
  const size = fc.integer({ min: 1, max: 6 });
  return fc.record({
    inputs: size,
    hidden: fc.array(size, { minLength: 1, maxLength: 3 }),
    // One output is left to logistic regression: the softmax of a single class has no gradient at all.
    outputs: fc.integer({ min: 2, max: 5 }),
    activation: fc.constantFrom(...activation),
    batch: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
  });
}

/** One layer as a list of one, so that all models have parameters of one type. */
function listed(model: Model<DenseParams>): Model<Params> {
  return { init: (r) => [model.init(r)], apply: ([layer], x) => model.apply(layer!, x) };
}

const models = {
  logisticRegression: ({ inputs }: Drawn): Model<Params> => listed(logisticRegression({ features: inputs })),
  shallowNetwork: ({ inputs, hidden, outputs, activation }: Drawn): Model<Params> =>
    shallowNetwork({ inputs, hidden: hidden[0]!, outputs, activation: activations[activation] }),
  deepNetwork: ({ inputs, hidden, outputs, activation }: Drawn): Model<Params> =>
    deepNetwork({ sizes: [inputs, ...hidden, outputs], activation: activations[activation] }),
};

type Target = (seed: number, batch: number, outputs: number) => Tensor;

const real: Target = (seed, batch, outputs) => random(seed).normal([batch, outputs]);
const share: Target = (seed, batch, outputs) => random(seed).uniform([batch, outputs]);
const classes: Target = (seed, batch, outputs) => random(seed).integers([batch], { low: 0, high: outputs });
const ofSigmoid: Loss = (logits, target, options) => binaryCrossEntropy(logits.sigmoid(), target, options);

const losses: Readonly<Record<string, readonly [Loss, Target]>> = {
  meanSquaredError: [meanSquaredError, real],
  binaryCrossEntropyWithLogits: [binaryCrossEntropyWithLogits, share],
  "binaryCrossEntropy of sigmoid": [ofSigmoid, share],
  "crossEntropy of classes": [crossEntropy, classes],
  "crossEntropy of probabilities": [crossEntropy, (...drawnFrom) => real(...drawnFrom).softmax()],
};

const suits = (model: string, loss: string): boolean => model !== "logisticRegression" || !loss.startsWith("cross");

/** Every model with every loss that suits it. */
export const cases = Object.entries(models).flatMap(([model, make]) =>
  Object.entries(losses)
    .filter(([loss]) => suits(model, loss))
    .map(([name, [loss, targetFor]]) => ({
      name: `${model}, ${name}`,
      sampleOf: (d: Drawn): Sample => {
        const { init, apply } = make(d);
        const seed = random(d.seed);
        // Biases start at 0 and the weights of logistic regression too: some noise, so that nothing is special.
        const params = mapTree((p) => p.add(seed.normal(p.shape, { std: 0.3 })), init(seed)) as Params;
        const x = seed.uniform([d.batch, d.inputs], { low: -1, high: 1 });
        const target = targetFor(d.seed + 1, d.batch, model === "logisticRegression" ? 1 : d.outputs);
        return { params, cost: (p) => loss(apply(p, x), target), largest: apply(params, x).abs().max().item() };
      },
    })),
);
