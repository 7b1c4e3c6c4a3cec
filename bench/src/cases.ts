/**
 * What is measured. A peer fills in how; a case that it cannot do, it leaves out.
 * @module
 */

import { curves, curveTraining, nodesName, productPoints } from "./curves.js";

/** A full training step: forward, loss, backward, update. */
export interface TrainingCase {
  readonly sizes: readonly number[];
  readonly samples: number;
  readonly activation: "tanh" | "relu" | null;
  readonly loss: "logistic" | "softmax";
}

/** DESIGN section 5, (a) to (e). */
export const training = {
  "step a: logistic 12288, 209 samples": { sizes: [12288, 1], samples: 209, activation: null, loss: "logistic" },
  "step b: 2-4-1 tanh, 400 samples": { sizes: [2, 4, 1], samples: 400, activation: "tanh", loss: "logistic" },
  "step c: 12288-20-7-5-1 relu, 209 samples": {
    sizes: [12288, 20, 7, 5, 1],
    samples: 209,
    activation: "relu",
    loss: "logistic",
  },
  "step d: 784-256-128-10 relu, 128 samples": {
    sizes: [784, 256, 128, 10],
    samples: 128,
    activation: "relu",
    loss: "softmax",
  },
  "step e: logistic 30, 569 samples": { sizes: [30, 1], samples: 569, activation: null, loss: "logistic" },
} as const satisfies Record<string, TrainingCase>;

/** Those and the steps of the curves. */
export const allTraining: Readonly<Record<string, TrainingCase>> = { ...training, ...curveTraining };

/** Elementwise operators on a million elements. */
export const elementwise = ["add", "square", "relu", "exp", "tanh", "sigmoid"] as const;
export type ElementwiseName = (typeof elementwise)[number];
export const elements = 1_000_000;
/** Those that the library computes by formulas of its own: written by hand once as a user would, once as it does. */
export const formulas = ["exp", "tanh", "sigmoid"] as const;
export type FormulaName = (typeof formulas)[number];

/** A sum with an operand of another layout than row by row, a million results. */
export const layouts = ["row", "column", "transposed", "sliced"] as const;
export type LayoutName = (typeof layouts)[number];
/** Rows, and columns, of the results. */
export const side = 1000;

/** Images and filters of a convolution, and the matrix product with as many multiplications. */
export const convolution = {
  images: [32, 3, 32, 32],
  filters: [16, 3, 3, 3],
  product: [16, 27, 32 * 30 * 30],
} as const;

export const matrixSizes: readonly number[] = productPoints;

/** Recorded operators on tensors so small that only the overhead counts. */
export const smallOperators = ["add", "mul", "tanh", "sum"] as const;
export type SmallOperatorName = (typeof smallOperators)[number];
export const smallSizes = [4, 64] as const;

/** The nodes of the scalar graph; three kinds of operators in turn, all handles kept. */
export const scalarNodes = 100_000;

export interface Case {
  readonly name: string;
  readonly unit: "µs" | "ms" | "ns/node" | "GFLOP/s";
  /** The figure shown, from the seconds of one run. */
  readonly figure: (seconds: number) => number;
}

const microseconds = (name: string): Case => ({ name, unit: "µs", figure: (s) => s * 1e6 });
const milliseconds = (name: string): Case => ({ name, unit: "ms", figure: (s) => s * 1e3 });

/** Gradient checks of networks with logistic loss: along a few directions, and by every element. */
export const gradientChecks = {
  "gradcheck fast: 12288-20-7-5-1 relu, 209 samples": {
    given: training["step c: 12288-20-7-5-1 relu, 209 samples"],
    mode: "fast",
  },
  "gradcheck full: 2-20-20-1 tanh, 100 samples": {
    given: { sizes: [2, 20, 20, 1], samples: 100, activation: "tanh", loss: "logistic" },
    mode: "full",
  },
} as const satisfies Record<string, { readonly given: TrainingCase; readonly mode: "fast" | "full" }>;

export const operatorName = (operator: SmallOperatorName, size: number): string => `${operator}, ${size} elements`;
export const tenOperators = "ten operators, forward";
export const tenOperatorsBackward = "ten operators, forward and backward";
export const scalarGraph = `scalar graph, ${scalarNodes} nodes, handles kept`;
export const youngGraph = nodesName(scalarNodes);
export const elementwiseName = (name: ElementwiseName): string => `${name}, 1e6 elements`;
export const formulaName = (name: FormulaName): string => `${name}, 1e6 elements, one formula`;
export const layoutName = (name: LayoutName): string => `add ${name}, 1e6 elements`;
export const convolutionName = "conv2d 32×3×32×32, 16 filters 3×3";
export const convolutionProduct = "the product of that convolution";
export const matmulName = (n: number): string => `matmul ${n}`;
/** Which operands of a product are transposed views. */
export const transpositions = { "left transposed": [true, false], "right transposed": [false, true] } as const;
export const transposedSizes = [64, 256, 512, 1024] as const;
export const transposedName = (n: number, which: string): string => `${matmulName(n)}, ${which}`;

const product = (name: string, n: number): Case => ({ name, unit: "GFLOP/s", figure: (s) => (2 * n ** 3) / s / 1e9 });
const nodes = (name: string): Case => ({ name, unit: "ns/node", figure: (s) => (s * 1e9) / scalarNodes });
const smallSteps = Object.keys(training).filter((name) => /^step [be]/.test(name));

export const cases: readonly Case[] = [
  ...smallSizes.flatMap((n) => smallOperators.map((operator) => microseconds(operatorName(operator, n)))),
  microseconds(tenOperators),
  microseconds(tenOperatorsBackward),
  nodes(scalarGraph),
  nodes(youngGraph),
  // Small ones first: after large arrays V8 collects less often, and fresh memory is colder, for the rest of a process.
  ...smallSteps.map(microseconds),
  ...Object.keys(training)
    .filter((name) => !smallSteps.includes(name))
    .map(milliseconds),
  ...Object.keys(gradientChecks).map(milliseconds),
  ...matrixSizes.map((n) => product(matmulName(n), n)),
  ...transposedSizes.flatMap((n) => Object.keys(transpositions).map((which) => product(transposedName(n, which), n))),
  ...elementwise.map((name) => milliseconds(elementwiseName(name))),
  ...formulas.map((name) => milliseconds(formulaName(name))),
  ...layouts.map((name) => milliseconds(layoutName(name))),
  milliseconds(convolutionName),
  milliseconds(convolutionProduct),
];

/** Points of curves that are no cases by themselves. */
export const curveCases: readonly Case[] = curves
  .flatMap(({ points, caseOf }) => points.map(caseOf))
  .filter((name) => cases.every((known) => known.name !== name))
  .map(microseconds);
