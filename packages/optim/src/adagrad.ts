/**
 * Rates that shrink with the gradients seen.
 * @module
 */
import { div, zerosLike } from "@cotangent/core";
import { leafwise, rootOf, type StateOf } from "./leafwise.js";
import type { LearningRate, Optimizer } from "./optimizer.js";
import { fromZero, learningRate, optional, readOptions } from "./options.js";

/** Options of `adagrad`. */
export interface AdagradOptions {
  /** A number, or a function of the step. */
  readonly learningRate: LearningRate;
  /** The rate of step t is divided by 1 + (t - 1) decay. Default: 0. */
  readonly decay?: number | undefined;
  /** Added to the root. Default: 1e-10. */
  readonly epsilon?: number | undefined;
  /** Start of the sums of squares. Default: 0. */
  readonly initialAccumulator?: number | undefined;
  /** Added to the gradient times the parameter. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** State of `adagrad`: the sum of squared gradients. */
export type AdagradState = StateOf<"squares", never>;

/**
 * Adagrad, $s \leftarrow s + g^2$ and $\theta \leftarrow \theta - \frac{\alpha}{1 + (t - 1) \eta} \frac{g}{\sqrt s + \epsilon}$
 * in step $t$, with the decay $\eta$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adagrad } from "@cotangent/optim";
 * const optimizer = adagrad({ learningRate: 0.5 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.5,2]
 * ```
 * @see Duchi, Hazan and Singer: Adaptive subgradient methods for online learning and stochastic optimization (2011)
 */
export function adagrad(options: AdagradOptions): Optimizer<AdagradState> {
  const { decay, epsilon, initialAccumulator, ...common } = readOptions("adagrad", options, {
    learningRate,
    decay: optional(fromZero, 0),
    epsilon: optional(fromZero, 1e-10),
    initialAccumulator: optional(fromZero, 0),
    weightDecay: optional(fromZero, 0),
  });
  return leafwise({
    name: "adagrad",
    ...common,
    slots: { squares: (p) => zerosLike(p).add(initialAccumulator) },
    scalars: (t, rate) => ({ rate: decay === 0 ? rate : div(rate, t.sub(1).astype("float64").mul(decay).add(1)) }),
    leaf: (p, g, { squares }, { rate }) => {
      const sum = squares.add(g.square());
      return { p: p.sub(g.div(rootOf(sum).add(epsilon)).mul(rate)), squares: sum };
    },
  });
}
