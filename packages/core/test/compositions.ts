/** Random compositions of differentiable operators on tensors of changing shapes. */
import fc from "fast-check";
import { concat, max, random, softmax, tensor, where, type Tensor } from "@cotangent/core";

interface Drawn {
  readonly shape: readonly number[];
  readonly seed: number;
  readonly steps: readonly number[];
}

/** A point, and a function from tensors of its shape to tensors. */
export interface Composition extends Drawn {
  readonly x: Tensor;
  readonly f: (x: Tensor) => Tensor;
}

const directions = new Map<string, Tensor>();

/** A fixed tensor of a shape, in [-1, 1), drawn once: a function that is being recorded cannot draw. */
export function direction(shape: readonly number[], seed: number): Tensor {
  const key = `${seed} ${shape.join()}`;
  let known = directions.get(key);
  if (known === undefined) {
    if (directions.size > 1000) directions.clear();
    directions.set(key, (known = random(seed).uniform(shape, { low: -1, high: 1 })));
  }
  return known;
}

const lastSize = (x: Tensor): number => x.shape[x.rank - 1]!;

/** Maps that keep values of order 1. Those that need an axis leave scalars alone. */
const maps: readonly ((x: Tensor, seed: number) => Tensor)[] = [
  (x) => x.tanh(),
  (x) => x.sin().mul(x.cos()),
  (x) => x.tanh().exp(),
  (x) => x.div(x.square().add(1)),
  (x) => x.square().add(1).sqrt().sub(x.sigmoid()),
  (x) => x.softplus().log1p(),
  (x) => x.abs().add(0.5).pow(1.5).mul(0.5),
  (x) => x.relu().sub(x.leakyRelu({ negativeSlope: 0.25 })),
  (x, seed) => x.mul(direction(x.shape, seed)).add(x),
  (x, seed) => where(direction(x.shape, seed).greater(0), x, x.mul(x)),
  (x, seed) => x.maximum(direction(x.shape, seed)),
  (x) => x.add(x.mean()),
  (x) => (x.rank === 0 ? x : x.sub(max(x, { axis: 0, keepDims: true }))),
  (x) => (x.rank === 0 ? x : softmax(x)),
  (x) => (x.rank === 0 ? x : x.logSoftmax({ axis: 0 })),
  (x) => (x.rank === 0 ? x : x.logSumExp({ axis: -1, keepDims: true }).add(x)),
  (x) => (x.rank < 2 ? x.unsqueeze(0) : x.transpose()),
  (x) => x.flatten(),
  (x) => (x.rank === 0 ? x : x.sum({ axis: 0 }).mul(0.5)),
  (x) => (x.rank > 2 ? x : x.broadcastTo([2, ...x.shape])),
  (x) => (x.rank === 0 ? x : x.slice([[null, null, -1]])),
  (x) => (x.rank === 0 || x.size > 24 ? x : concat([x, x.mul(x)], { axis: -1 })),
  (x, seed) => (x.rank === 0 ? x : x.matmul(direction([lastSize(x), 2], seed))),
  (x) => (x.rank < 2 ? x : x.matmul(x.transpose()).mul(0.25)),
  (x) => (x.rank === 0 ? x : x.take(tensor([0, x.shape[0]! - 1, 0], { dtype: "int32" }))),
];

export function compositions(maxSteps: number): fc.Arbitrary<Composition> {
  return fc
    .record({
      shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
      seed: fc.nat(1000000),
      steps: fc.array(fc.nat(maps.length - 1), { minLength: 1, maxLength: maxSteps }),
    })
    .map(({ shape, seed, steps }) => ({
      shape,
      seed,
      steps,
      x: direction(shape, seed),
      f: (x) => steps.reduce((y, step, i) => maps[step]!(y, seed + 1 + i), x),
    }));
}
