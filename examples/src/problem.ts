/** What is trained, and how. */
import type { Tensor } from "@cotangent/core";
import { standardScaler, split, type Dataset } from "@cotangent/data";
import { breastCancer, catImages, digits, planarFlower } from "@cotangent/data/node";
import {
  accuracy,
  binaryCrossEntropyWithLogits,
  classesOf,
  crossEntropy,
  deepNetwork,
  lecunNormal,
  logisticRegression,
  normalInit,
  shallowNetwork,
  type Model,
} from "@cotangent/nn";
import { random, tanh, type Random } from "@cotangent/core";
import type { DataSetName } from "./options.js";

export interface Problem {
  readonly dataSet: DataSetName | "cats";
  readonly title: string;
  readonly model: Model<unknown>;
  /** Neurons a layer, for the drawing. */
  readonly sizes: readonly number[];
  /** What stands under the layers in the drawing. */
  readonly labels: readonly string[];
  readonly train: Dataset;
  readonly test: Dataset;
  readonly learningRate: number;
  readonly epochs: number;
  /** Samples a batch; `null`: all. */
  readonly batch: number | null;
}

/** Log loss for one output, softmax cross-entropy for several. */
export function lossOf(logits: Tensor, labels: Tensor): Tensor {
  return logits.shape[1] === 1
    ? binaryCrossEntropyWithLogits(logits, labels.reshape([-1, 1]))
    : crossEntropy(logits, labels);
}

/** The same of a model's outputs for a batch. */
export function costOf(model: Model<unknown>): (params: unknown, batch: Dataset) => Tensor {
  return (params, { features, labels }) => lossOf(model.apply(params, features), labels);
}

/** The share of samples that a classifier gets right. */
export function accuracyOf<P>(model: Model<P>, params: P, data: Dataset): number {
  return accuracy(classesOf(model.apply(params, data.features)), data.labels);
}

/** Holds out a fifth of the samples, and scales by what the others say. */
export function prepared(data: Dataset, seed: Random): { train: Dataset; test: Dataset } {
  const { train, test } = split(data, { testFraction: 0.2, random: seed.fork(`split ${data.name}`), stratify: true });
  const scaler = standardScaler(train.features);
  const scaled = (part: Dataset): Dataset => ({ ...part, features: scaler.transform(part.features) });
  return { train: scaled(train), test: scaled(test) };
}

/** A model whose type of parameters is its own business. */
function anyModel<P>(model: Model<P>): Model<unknown> {
  return model as Model<unknown>;
}

const makers: { readonly [K in DataSetName]: (seed: Random) => readonly Problem[] } = {
  "breast-cancer": (seed) => [
    {
      dataSet: "breast-cancer",
      title: "logistic regression",
      model: anyModel(logisticRegression({ features: 30 })),
      sizes: [30, 1],
      labels: ["measurements", "sigmoid"],
      ...prepared(breastCancer(), seed),
      learningRate: 0.1,
      epochs: 1000,
      batch: null,
    },
  ],
  "planar-flower": () => {
    const data = planarFlower();
    // The course measures on the points it trains on.
    const common = {
      dataSet: "planar-flower",
      train: data,
      test: data,
      learningRate: 1.2,
      epochs: 10000,
      batch: null,
    } as const;
    return [
      {
        ...common,
        title: "logistic regression",
        model: anyModel(logisticRegression({ features: 2 })),
        sizes: [2, 1],
        labels: ["x₁, x₂", "sigmoid"],
      },
      {
        ...common,
        title: "shallow network 2-4-1",
        model: anyModel(
          shallowNetwork({ inputs: 2, hidden: 4, outputs: 1, activation: tanh, init: normalInit({ std: 0.01 }) }),
        ),
        sizes: [2, 4, 1],
        labels: ["x₁, x₂", "tanh", "sigmoid"],
      },
    ];
  },
  digits: (seed) => [
    {
      dataSet: "digits",
      title: "deep network 64-48-24-10",
      model: anyModel(deepNetwork({ sizes: [64, 48, 24, 10] })),
      sizes: [64, 48, 24, 10],
      labels: ["pixels", "relu", "relu", "softmax"],
      ...prepared(digits(), seed),
      learningRate: 0.1,
      epochs: 40,
      batch: 64,
    },
  ],
};

export function problemsFor(names: readonly DataSetName[], seed: number): readonly Problem[] {
  return names.flatMap((name) => makers[name](random(seed)));
}

/** The course's cat pictures: logistic regression from zeros, and a network of four layers. */
export async function catProblems(folder: string): Promise<readonly Problem[]> {
  const { train, test } = await catImages(folder);
  const features = train.features.shape[1]!;
  const sizes = [features, 20, 7, 5, 1];
  const common = { dataSet: "cats", train, test, batch: null } as const;
  return [
    {
      ...common,
      title: "logistic regression",
      model: anyModel(logisticRegression({ features })),
      sizes: [features, 1],
      labels: ["pixels", "sigmoid"],
      learningRate: 0.005,
      epochs: 2000,
    },
    {
      ...common,
      title: `deep network ${sizes.join("-")}`,
      model: anyModel(deepNetwork({ sizes, init: lecunNormal })),
      sizes,
      labels: ["pixels", "relu", "relu", "relu", "sigmoid"],
      learningRate: 0.0075,
      epochs: 2500,
    },
  ];
}
