/**
 * Adam in the maximum norm.
 * @module
 */
import { div, maximum, zerosLike } from "@cotangent/core";
import { momentOptions, type AdamOptions } from "./adam.js";
import { correction, leafwise, runningMean, type StateOf } from "./leafwise.js";
import type { Optimizer } from "./optimizer.js";
import { absent, optional, readOptions } from "./options.js";

/** Options of `adamax` and `radam`: those of `adam`, of which `amsgrad` is not defined here and can only be false. */
export interface AdamaxOptions extends AdamOptions {
  readonly amsgrad?: false | undefined;
}

/** State of `adamax`: the running mean of gradients, and their decaying maximum. */
export type AdamaxState = StateOf<"mean" | "largest", never>;

/**
 * Adamax, $m \leftarrow \beta_1 m + (1 - \beta_1) g$, $u \leftarrow \max(\beta_2 u, |g| + \epsilon)$ and
 * $\theta \leftarrow \theta - \frac{\alpha}{1 - \beta_1^t} \frac{m}{u}$ in step $t$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adamax } from "@cotangent/optim";
 * const optimizer = adamax({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.9,2]
 * ```
 * @see Kingma and Ba: Adam: a method for stochastic optimization (2015), algorithm 2
 */
export function adamax(options: AdamaxOptions): Optimizer<AdamaxState> {
  const { beta1, beta2, epsilon, learningRate, weightDecay } = readOptions("adamax", options, {
    ...momentOptions,
    amsgrad: optional(absent, false),
  });
  return leafwise({
    name: "adamax",
    learningRate,
    weightDecay,
    slots: { mean: zerosLike, largest: zerosLike },
    scalars: (t, rate) => ({ size: div(rate, correction(beta1, t)) }),
    leaf: (p, g, slots, { size }) => {
      const mean = runningMean(slots.mean, g, beta1);
      const largest = maximum(slots.largest.mul(beta2), g.abs().add(epsilon));
      return { p: p.sub(mean.div(largest).mul(size)), mean, largest };
    },
  });
}
