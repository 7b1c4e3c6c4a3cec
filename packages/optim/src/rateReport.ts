/**
 * What an update did: its learning rate, and how far it went.
 * @module
 */
import { ArgumentError, describe, leavesOf, noGrad, stack, type Tensor } from "@cotangent/core";
import { checkOptimizer, type Optimizer } from "./optimizer.js";
import { mapLeaves } from "./trees.js";

/** Parameters and the optimiser's state that belongs to them; a training state is one. */
export interface Point<P, S> {
  readonly params: P;
  readonly optimizer: S;
}

/** How far some parameters went. */
export interface Movement {
  /** $\lVert \theta \rVert_2$ before. */
  readonly norm: number;
  /** $\lVert \Delta \theta \rVert_2$. */
  readonly updateNorm: number;
  /** The effective step: $\lVert \Delta \theta \rVert_2 / \sqrt n$ for $n$ elements, how far one of them goes. */
  readonly effectiveStep: number;
  /** $\lVert \Delta \theta \rVert_2 / \lVert \theta \rVert_2$, often good about 0.001; `null` where all parameters were 0. */
  readonly ratio: number | null;
}

/** The movement of one tensor of parameters. */
export interface TensorMovement extends Movement {
  readonly path: string;
  /** The learning rate for it: 0 where it is frozen; `null` if the optimiser does not tell. */
  readonly learningRate: number | null;
}

/** What `rateReport` says. */
export interface RateReport {
  /** All parameters together. */
  readonly total: Movement;
  /** One row a tensor. */
  readonly tensors: readonly TensorMovement[];
}

function movementOf(norm: number, updateNorm: number, size: number): Movement {
  const effectiveStep = size === 0 ? 0 : updateNorm / Math.sqrt(size);
  return { norm, updateNorm, effectiveStep, ratio: norm === 0 ? null : updateNorm / norm };
}

function checkPoint(name: string, point: unknown): void {
  const { params, optimizer } = (point ?? {}) as Partial<Point<unknown, unknown>>;
  if (params === undefined || optimizer === undefined)
    throw new ArgumentError(`rateReport: expected ${name} as { params, optimizer }, got ${describe(point)}`);
}

/**
 * The learning rate that an update used, and how far it moved each tensor of parameters, beside the tensor's own size.
 *
 * @param optimizer the one of the update
 * @param before parameters and the optimiser's state before it: a training state, or `{ params, optimizer: state }`
 * @param after the same after it
 * @throws `ArgumentError` if it is no optimiser or they are no such states, `ShapeError` if parameters changed their shape
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { rateReport, sgd } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: (step) => 0.5 / (step + 1) });
 * const before = { params: { w: tensor([3, 4]) }, optimizer: optimizer.init({ w: tensor([3, 4]) }) };
 * const { params, state } = optimizer.update({ w: tensor([0, 1]) }, before.optimizer, before.params);
 * const { tensors } = rateReport(optimizer, before, { params, optimizer: state });
 * tensors[0].learningRate; // → 0.5
 * tensors[0].ratio; // → 0.1
 * ```
 */
export function rateReport<P, S>(optimizer: Optimizer<S>, before: Point<P, S>, after: Point<P, S>): RateReport {
  checkOptimizer("rateReport", optimizer);
  checkPoint("before", before);
  checkPoint("after", after);
  const rows: [norm: Tensor, updateNorm: Tensor, size: number][] = [];
  noGrad(() =>
    mapLeaves("rateReport", before.params, { "parameters after": after.params }, [], (p, [next]) => {
      rows.push([p.norm(), next!.sub(p).norm(), p.size]);
      return {};
    }),
  );
  const paths = leavesOf(before.params).map(({ path }) => path);
  const together = (of: 0 | 1): number =>
    rows.length === 0
      ? 0
      : noGrad(() =>
          stack(rows.map((row) => row[of].astype("float64")))
            .norm()
            .item(),
        );
  const rateAt = (path: string): number | null => {
    const rate = optimizer.rateAt?.(after.optimizer, path) ?? NaN;
    return Number.isNaN(rate) ? null : rate;
  };
  return {
    total: movementOf(
      together(0),
      together(1),
      rows.reduce((n, [, , size]) => n + size, 0),
    ),
    tensors: rows.map(([norm, updateNorm, size], i) => ({
      path: paths[i]!,
      learningRate: rateAt(paths[i]!),
      ...movementOf(norm.item(), updateNorm.item(), size),
    })),
  };
}
