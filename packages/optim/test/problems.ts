/** The problems of `rules.ts` as Cotangent computes them, and the optimisers with the options they are tried with. */
import { leavesOf, tensor, type Tensor } from "@cotangent/core";
import * as optim from "@cotangent/optim";
import { network, quadratic, type Given } from "./rules.js";

type Layers = readonly { readonly weight: Tensor; readonly bias: Tensor }[];

interface Problem<P> {
  readonly start: (dtype?: "float64" | "float32") => P;
  readonly cost: (params: P) => Tensor;
}

export const quadraticProblem: Problem<{ x: Tensor }> = {
  start: (dtype = "float64") => ({ x: tensor(quadratic.start, { dtype }) }),
  cost: ({ x }) => {
    const A = tensor(quadratic.A, { dtype: x.dtype });
    return A.matmul(x)
      .dot(x)
      .mul(0.5)
      .sub(tensor(quadratic.b, { dtype: x.dtype }).dot(x));
  },
};

export const networkProblem: Problem<Layers> = {
  start: (dtype = "float64") => {
    const part = (from: number, shape: number[]): Tensor => tensor(startOf(from, shape), { dtype }).reshape(shape);
    return [
      { weight: part(0, [2, 3]), bias: part(6, [3]) },
      { weight: part(9, [3, 1]), bias: part(12, [1]) },
    ];
  },
  cost: ([first, second]) => {
    const { dtype } = first!.weight;
    const hidden = tensor(network.x, { dtype }).matmul(first!.weight).add(first!.bias).tanh();
    const output = hidden.matmul(second!.weight).add(second!.bias);
    return output.sub(tensor(network.y, { dtype }).unsqueeze(1)).square().mean();
  },
};

const startOf = (from: number, shape: number[]): number[] =>
  network.start.slice(from, from + shape.reduce((a, b) => a * b, 1));

/** All elements of a tree, in order. */
export const elements = (tree: unknown): number[] =>
  leavesOf(tree).flatMap(({ leaf }) => (typeof leaf === "number" ? [leaf] : [...leaf.toTypedArray()]));

type Elementwise = "sgd" | "adagrad" | "rmsprop" | "adam" | "adamw" | "radam" | "adamax" | "nadam" | "adadelta";

const optionsOf: Readonly<Record<Elementwise, readonly Given[]>> = {
  sgd: [
    {},
    { weightDecay: 0.1 },
    { momentum: 0.9 },
    { momentum: 0.9, dampening: 0.3 },
    { momentum: 0.8, nesterov: true, weightDecay: 0.01 },
  ],
  adagrad: [{}, { decay: 0.1, epsilon: 1e-6 }, { initialAccumulator: 0.5, weightDecay: 0.1 }],
  rmsprop: [
    {},
    { rho: 0.9, epsilon: 1e-4 },
    { momentum: 0.7 },
    { centered: true, rho: 0.95 },
    { centered: true, momentum: 0.5, weightDecay: 0.1 },
  ],
  adam: [{}, { beta1: 0.8, beta2: 0.95, epsilon: 1e-5 }, { weightDecay: 0.1 }, { amsgrad: true, beta2: 0.9 }],
  adamw: [{}, { weightDecay: 0.2, beta1: 0.5 }, { amsgrad: true, beta2: 0.9 }],
  radam: [{}, { beta1: 0.7, beta2: 0.9, weightDecay: 0.1 }, { epsilon: 1e-3, beta2: 0.99 }],
  adamax: [{}, { beta1: 0.7, beta2: 0.9, weightDecay: 0.1 }, { epsilon: 1e-3 }],
  nadam: [{}, { beta1: 0.7, beta2: 0.9, weightDecay: 0.1 }, { momentumDecay: 0.1, epsilon: 1e-4 }],
  adadelta: [{}, { rho: 0.8, epsilon: 1e-4, weightDecay: 0.1 }],
};

/** A row for every optimiser that treats each element by itself, under each set of options. */
export const rows: readonly (readonly [string, Elementwise, Given])[] = Object.entries(optionsOf).flatMap(
  ([name, sets]) =>
    sets.map((set): readonly [string, Elementwise, Given] => {
      const given = { learningRate: name === "adadelta" ? 1 : 0.02, ...set };
      return [`${name} ${JSON.stringify(given)}`, name as Elementwise, given];
    }),
);

/** An optimiser by its name. */
export const make = (name: Elementwise, given: Given): optim.Optimizer<{ readonly step: Tensor }> =>
  optim[name](given as never) as optim.Optimizer<{ readonly step: Tensor }>;
