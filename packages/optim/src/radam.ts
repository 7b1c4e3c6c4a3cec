/**
 * Adam that waits for the variance of its divisor to be known.
 * @module
 */
import { div, where, zerosLike } from "@cotangent/core";
import { momentOptions, type AdamState } from "./adam.js";
import type { AdamaxOptions } from "./adamax.js";
import { correction, leafwise, rootOf, runningMean } from "./leafwise.js";
import type { Optimizer } from "./optimizer.js";
import { absent, optional, readOptions } from "./options.js";

/** Options of `radam`: those of `adam`, of which `amsgrad` is not defined here and can only be false. */
export type RadamOptions = AdamaxOptions;

/**
 * Rectified Adam: with the means and corrections of `adam`, $\rho_\infty = 2 / (1 - \beta_2) - 1$ and
 * $\rho_t = \rho_\infty - 2 t \beta_2^t / (1 - \beta_2^t)$, the step is
 * $\theta \leftarrow \theta - \alpha \hat m r_t \sqrt{1 - \beta_2^t} / (\sqrt v + \epsilon)$ where $\rho_t > 5$, with
 * $r_t^2 = \frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}$, and
 * $\theta \leftarrow \theta - \alpha \hat m$ before.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { radam } from "@cotangent/optim";
 * const optimizer = radam({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0,2]
 * ```
 * @see Liu, Jiang, He, Chen, Liu, Gao and Han: On the variance of the adaptive learning rate and beyond (2020)
 */
export function radam(options: RadamOptions): Optimizer<AdamState> {
  const { beta1, beta2, epsilon, learningRate, weightDecay } = readOptions("radam", options, {
    ...momentOptions,
    amsgrad: optional(absent, false),
  });
  const limit = 2 / (1 - beta2) - 1;
  return leafwise({
    name: "radam",
    learningRate,
    weightDecay,
    slots: { mean: zerosLike, squares: zerosLike },
    scalars: (t, rate) => {
      const rest = correction(beta2, t);
      const length = t.mul(rest.rsub(1)).mul(2).div(rest).rsub(limit);
      const known = length.greater(5);
      // Where it is not used, the root must not be of a negative number.
      const safe = where(known, length, 5);
      const ratio = safe
        .sub(4)
        .mul(safe.sub(2))
        .mul(limit)
        .div(safe.mul((limit - 4) * (limit - 2)));
      return {
        size: div(rate, correction(beta1, t)),
        adaptive: where(known, ratio.mul(rest).sqrt(), 0),
        plain: where(known, 0, 1).astype("float64"),
      };
    },
    leaf: (p, g, slots, { size, adaptive, plain }) => {
      const mean = runningMean(slots.mean, g, beta1);
      const squares = runningMean(slots.squares, g.square(), beta2);
      const factor = adaptive.div(rootOf(squares).add(epsilon)).add(plain);
      return { p: p.sub(mean.mul(factor).mul(size)), mean, squares };
    },
  });
}
