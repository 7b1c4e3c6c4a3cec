/**
 * Steps measured by the steps before.
 * @module
 */
import { zerosLike } from "@cotangent/core";
import { leafwise, runningMean, type StateOf } from "./leafwise.js";
import type { LearningRate, Optimizer } from "./optimizer.js";
import { belowOne, fromZero, learningRate, optional, positive, readOptions } from "./options.js";

/** Options of `adadelta`. */
export interface AdadeltaOptions {
  /** A number, or a function of the step. Default: 1. */
  readonly learningRate?: LearningRate | undefined;
  /** How much of the running means stays in a step, $\rho$. Default: 0.9. */
  readonly rho?: number | undefined;
  /** Added under both roots. Default: 1e-6. */
  readonly epsilon?: number | undefined;
  /** Added to the gradient times the parameter. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** State of `adadelta`: mean squares of gradients and of steps. */
export type AdadeltaState = StateOf<"squares" | "steps", never>;

/**
 * Adadelta, $s \leftarrow \rho s + (1 - \rho) g^2$, $\delta = g \sqrt{u + \epsilon} / \sqrt{s + \epsilon}$,
 * $u \leftarrow \rho u + (1 - \rho) \delta^2$ and $\theta \leftarrow \theta - \alpha \delta$.
 *
 * @throws `ArgumentError` if an option is out of its range or unknown; from `update`, `ShapeError` if a gradient has
 * another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adadelta } from "@cotangent/optim";
 * const optimizer = adadelta();
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.996838,2]
 * ```
 * @see Zeiler: ADADELTA: an adaptive learning rate method (2012), algorithm 1
 */
export function adadelta(options?: AdadeltaOptions): Optimizer<AdadeltaState> {
  const { rho, epsilon, ...common } = readOptions("adadelta", options, {
    learningRate: optional(learningRate, 1),
    rho: optional(belowOne, 0.9),
    epsilon: optional(positive, 1e-6),
    weightDecay: optional(fromZero, 0),
  });
  return leafwise({
    name: "adadelta",
    ...common,
    slots: { squares: zerosLike, steps: zerosLike },
    scalars: (_t, rate) => ({ rate }),
    leaf: (p, g, slots, { rate }) => {
      const squares = runningMean(slots.squares, g.square(), rho);
      const change = slots.steps.add(epsilon).sqrt().div(squares.add(epsilon).sqrt()).mul(g);
      return { p: p.sub(change.mul(rate)), squares, steps: runningMean(slots.steps, change.square(), rho) };
    },
  });
}
