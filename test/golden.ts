/** Three small trainings whose final parameters must have the same bits everywhere. */
import { leavesOf, random, valueAndGrad, type Random, type Tensor } from "@cotangent/core";
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  deepNetwork,
  logisticRegression,
  meanSquaredError,
} from "@cotangent/nn";
import { adam, rmsprop, sgd, type Optimizer } from "@cotangent/optim";

/** What a training step hands on. */
export interface Trained<P, S> {
  readonly params: P;
  readonly optimizer: S;
}

/** A step, made from its parts so that it can be compiled, and what it starts from. */
export interface Training {
  readonly start: unknown;
  readonly step: (state: unknown, x: Tensor, y: Tensor) => unknown;
  readonly x: Tensor;
  readonly y: Tensor;
}

function trainingOf<P, S>(
  params: P,
  optimizer: Optimizer<S>,
  cost: (params: P, x: Tensor, y: Tensor) => Tensor,
  x: Tensor,
  y: Tensor,
): Training {
  const step = (state: Trained<P, S>, x: Tensor, y: Tensor): Trained<P, S> => {
    const [, gradients] = valueAndGrad((p: P) => cost(p, x, y))(state.params as never);
    const next = optimizer.update(gradients as P, state.optimizer, state.params);
    return { params: next.params, optimizer: next.state };
  };
  return { start: { params, optimizer: optimizer.init(params) }, step: step as Training["step"], x, y };
}

const classes = (r: Random, n: number, count: number): Tensor => r.integers([n], { low: 0, high: count });

/** By name: a logistic regression, a tanh network with Adam, and a float32 network of several kinds of layers. */
export const trainings: Readonly<Record<string, () => Training>> = {
  "logistic regression, sgd": () => {
    const r = random("golden 1");
    const model = logisticRegression({ features: 5 });
    const x = r.normal([50, 5]);
    const y = r.bernoulli([50, 1], { probability: 0.4 });
    return trainingOf(model.init(r), sgd({ learningRate: 0.5, momentum: 0.9 }), (p, x, y) => binaryCrossEntropyWithLogits(model.apply(p, x), y), x, y); // prettier-ignore
  },
  "2-8-8-1 tanh, adam": () => {
    const r = random("golden 2");
    const model = deepNetwork({ sizes: [2, 8, 8, 1], activation: (x) => x.tanh() });
    const x = r.uniform([40, 2], { low: -3, high: 3 });
    const y = x.sin().sum({ axis: 1, keepDims: true }).mul(x.cos().slice([[null, null], [0, 1]])); // prettier-ignore
    return trainingOf(model.init(r), adam({ learningRate: 0.01 }), (p, x, y) => meanSquaredError(model.apply(p, x), y), x, y); // prettier-ignore
  },
  "20-12-8-4 gelu in float32, rmsprop": () => {
    const r = random("golden 3");
    const model = deepNetwork({ sizes: [20, 12, 8, 4], activation: (x) => x.gelu(), dtype: "float32" });
    const x = r.normal([24, 20], { dtype: "float32" });
    return trainingOf(model.init(r), rmsprop({ learningRate: 0.001 }), (p, x, y) => crossEntropy(model.apply(p, x), y), x, classes(r, 24, 4)); // prettier-ignore
  },
};

/** Hashes of the parameters after 200 steps, from Node 20 on x64: the first 16 digits of SHA-256. */
export const golden: Readonly<Record<string, string>> = {
  "logistic regression, sgd": "6da4f1a95eb0e2e0",
  "2-8-8-1 tanh, adam": "3a3778ad01ac7b47",
  "20-12-8-4 gelu in float32, rmsprop": "dea413dedc8f52ab",
};

/** The bytes of the parameters after 200 steps. */
export function train({ start, step, x, y }: Training): Uint8Array<ArrayBuffer> {
  let state = start;
  for (let i = 0; i < 200; i++) state = step(state, x, y);
  return bytesOf((state as { params: unknown }).params);
}

/** The bytes of all leaves, any NaN as one and the same. */
export function bytesOf(state: unknown): Uint8Array<ArrayBuffer> {
  const parts = leavesOf(state).map(({ leaf }) => {
    const values = (leaf as Tensor).toTypedArray();
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) values[i] = NaN;
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  });
  const bytes = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
