/**
 * Adam that looks ahead.
 * @module
 */
import { div, mul, scalar, zerosLike, type Tensor } from "@cotangent/core";
import { momentOptions, type AdamOptions } from "./adam.js";
import { correction, leafwise, rootOf, runningMean, type StateOf } from "./leafwise.js";
import type { Optimizer } from "./optimizer.js";
import { fromZero, optional, readOptions } from "./options.js";

/** Options of `nadam`: those of `adam` without `amsgrad`, and the decay of the momentum. */
export interface NadamOptions extends Omit<AdamOptions, "amsgrad"> {
  /** How fast the momentum grows to $\beta_1$, $\psi$. Default: 0.004. */
  readonly momentumDecay?: number | undefined;
}

/** State of `nadam`: running means of gradients and of their squares, and the product of all momenta so far. */
export type NadamState = StateOf<"mean" | "squares", "product">;

/**
 * Adam with Nesterov's momentum: with $\mu_t = \beta_1 (1 - \frac12 0.96^{t \psi})$ and $m$, $v$ and $\hat v$ of `adam`,
 * $\theta \leftarrow \theta - \alpha \hat m / (\sqrt{\hat v} + \epsilon)$ where
 * $\hat m = \frac{\mu_{t+1} m}{1 - \prod_{i=1}^{t+1} \mu_i} + \frac{(1 - \mu_t) g}{1 - \prod_{i=1}^{t} \mu_i}$ in step $t$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { nadam } from "@cotangent/optim";
 * const optimizer = nadam({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.894355,2]
 * ```
 * @see Dozat: Incorporating Nesterov momentum into Adam (2016)
 */
export function nadam(options: NadamOptions): Optimizer<NadamState> {
  const { beta1, beta2, epsilon, momentumDecay, ...common } = readOptions("nadam", options, {
    ...momentOptions,
    momentumDecay: optional(fromZero, 0.004),
  });
  const momentumAt = (t: Tensor): Tensor =>
    scalar(0.96, { dtype: "float64" }).pow(t.astype("float64").mul(momentumDecay)).mul(-0.5).add(1).mul(beta1);
  return leafwise({
    name: "nadam",
    ...common,
    slots: { mean: zerosLike, squares: zerosLike },
    carried: { product: 1 },
    scalars: (t, rate, carried) => {
      const [now, next] = [momentumAt(t), momentumAt(t.add(1))];
      const product = carried.product.mul(now);
      return {
        product,
        ofGradient: div(mul(now.rsub(1), rate), product.rsub(1)),
        ofMean: div(mul(next, rate), product.mul(next).rsub(1)),
        rest: correction(beta2, t),
      };
    },
    leaf: (p, g, slots, { ofGradient, ofMean, rest }) => {
      const mean = runningMean(slots.mean, g, beta1);
      const squares = runningMean(slots.squares, g.square(), beta2);
      const divisor = rootOf(squares.div(rest)).add(epsilon);
      return { p: p.sub(g.mul(ofGradient).add(mean.mul(ofMean)).div(divisor)), mean, squares };
    },
  });
}
