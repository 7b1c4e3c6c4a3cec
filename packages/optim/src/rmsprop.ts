/**
 * Gradients divided by their running size.
 * @module
 */
import { zerosLike, type TensorLike, type Tree } from "@cotangent/core";
import { leafwise, rootOf, runningMean, type StateOf } from "./leafwise.js";
import type { LearningRate, Optimizer } from "./optimizer.js";
import { belowOne, flag, fromZero, learningRate, optional, readOptions } from "./options.js";

/** Options of `rmsprop`. */
export interface RmspropOptions {
  /** A number, or a function of the step. */
  readonly learningRate: LearningRate;
  /** How much of the running means stays in a step, $\rho$. Default: 0.99. */
  readonly rho?: number | undefined;
  /** Added to the root. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** How much of the last step's velocity stays, $\mu$. Default: 0. */
  readonly momentum?: number | undefined;
  /** Whether to divide by the standard deviation rather than the root of the mean square. Default: false. */
  readonly centered?: boolean | undefined;
  /** Added to the gradient times the parameter. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** State of `rmsprop`: the mean square of gradients; their mean and a velocity where the options ask for them. */
export type RmspropState = StateOf<"squares", never> & { readonly mean?: Tree; readonly velocity?: Tree };

/**
 * RMSprop, $s \leftarrow \rho s + (1 - \rho) g^2$ and $\theta \leftarrow \theta - \alpha g / (\sqrt s + \epsilon)$. Centered,
 * the square of the gradients' running mean is taken from $s$ under the root; with momentum,
 * $v \leftarrow \mu v + g / (\sqrt s + \epsilon)$ and $\theta \leftarrow \theta - \alpha v$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { rmsprop } from "@cotangent/optim";
 * const optimizer = rmsprop({ learningRate: 0.01 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.9,2]
 * ```
 * @see Tieleman and Hinton: Neural networks for machine learning, lecture 6.5 (2012)
 * @see Graves: Generating sequences with recurrent neural networks (2013), equations 38 to 45 (centered)
 */
export function rmsprop(options: RmspropOptions): Optimizer<RmspropState> {
  const { rho, epsilon, momentum, centered, ...common } = readOptions("rmsprop", options, {
    learningRate,
    rho: optional(belowOne, 0.99),
    epsilon: optional(fromZero, 1e-8),
    momentum: optional(fromZero, 0),
    centered: optional(flag, false),
    weightDecay: optional(fromZero, 0),
  });
  return leafwise<string, never, { readonly rate: TensorLike }>({
    name: "rmsprop",
    ...common,
    slots: {
      squares: zerosLike,
      ...(centered ? { mean: zerosLike } : {}),
      ...(momentum > 0 ? { velocity: zerosLike } : {}),
    },
    scalars: (_t, rate) => ({ rate }),
    leaf: (p, g, slots, { rate }) => {
      const squares = runningMean(slots["squares"]!, g.square(), rho);
      const mean = centered ? runningMean(slots["mean"]!, g, rho) : null;
      // Rounding can make the difference negative; the root then counts it as 0.
      const spread = mean === null ? squares : squares.sub(mean.square());
      const scaled = g.div(rootOf(spread).add(epsilon));
      const velocity = momentum > 0 ? slots["velocity"]!.mul(momentum).add(scaled) : scaled;
      const next = { p: p.sub(velocity.mul(rate)), squares, velocity };
      return mean === null ? next : { ...next, mean };
    },
  }) as Optimizer<RmspropState>;
}
