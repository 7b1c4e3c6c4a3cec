/** Cases that differ in one size only: where does cost stop growing as the work does? @module */
import type { TrainingCase } from "./cases.js";

/** One curve; each point is a case. */
export interface Curve {
  readonly name: "product" | "batch" | "depth" | "scalars";
  readonly title: string;
  /** What the horizontal axis counts. */
  readonly size: string;
  readonly points: readonly number[];
  readonly caseOf: (point: number) => string;
  /** The power of the size with which the work grows in the end. */
  readonly power: number;
}

const classifier: TrainingCase = {
  sizes: [784, 256, 128, 10],
  samples: 128,
  activation: "relu",
  loss: "softmax",
};

const batchName = (samples: number): string => `batch of ${samples}, 784-256-128-10 relu`;
const depthName = (layers: number): string => `${layers} layers of 64, 64 samples`;
export const nodesName = (nodes: number): string => `scalar graph, ${nodes} nodes, handles dropped`;

export const productPoints = [16, 32, 64, 128, 256, 512, 1024] as const;
export const nodePoints = [100, 1000, 10_000, 100_000, 1_000_000] as const;
const batchPoints = [1, 4, 16, 64, 256, 1024];
const depthPoints = [1, 2, 4, 8, 16, 32, 64];

export const curves: readonly Curve[] = [
  {
    name: "product",
    title: "Product of two n × n matrices",
    size: "n",
    points: productPoints,
    caseOf: (n) => `matmul ${n}`,
    power: 3,
  },
  {
    name: "batch",
    title: "Training step of 784-256-128-10",
    size: "samples in a batch",
    points: batchPoints,
    caseOf: batchName,
    power: 1,
  },
  {
    name: "depth",
    title: "Training step of layers of 64 units, 64 samples",
    size: "layers",
    points: depthPoints,
    caseOf: depthName,
    power: 1,
  },
  {
    name: "scalars",
    title: "Graph of single numbers, forward and backward",
    size: "nodes",
    points: nodePoints,
    caseOf: nodesName,
    power: 1,
  },
];

/** Training steps of the curves. */
export const curveTraining: Readonly<Record<string, TrainingCase>> = Object.fromEntries([
  ...batchPoints.map((samples) => [batchName(samples), { ...classifier, samples }] as const),
  ...depthPoints.map(
    (layers) =>
      [
        depthName(layers),
        { sizes: [...Array<number>(layers).fill(64), 10], samples: 64, activation: "relu", loss: "softmax" },
      ] as const,
  ),
]);

/** The slope between neighbours on a log-log plot, by the larger point. */
export function slopes(
  points: readonly (readonly [size: number, seconds: number])[],
): readonly (readonly [size: number, slope: number])[] {
  return points.slice(1).map(([size, seconds], i) => {
    const [before, then] = points[i]!;
    return [size, Math.log(seconds / then) / Math.log(size / before)] as const;
  });
}
