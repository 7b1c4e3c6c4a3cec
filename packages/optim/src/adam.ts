/**
 * Running means of gradients over the root of those of their squares.
 * @module
 */
import { div, maximum, mul, neg, zerosLike, type TensorLike, type Tree } from "@cotangent/core";
import { correction, leafwise, rootOf, runningMean, type StateOf } from "./leafwise.js";
import type { LearningRate, Optimizer } from "./optimizer.js";
import { belowOne, flag, fromZero, learningRate, optional, readOptions } from "./options.js";

/** Options of `adam` and `adamw`. */
export interface AdamOptions {
  /** A number, or a function of the step. */
  readonly learningRate: LearningRate;
  /** How much of the gradients' running mean stays in a step, $\beta_1$. Default: 0.9. */
  readonly beta1?: number | undefined;
  /** How much of the running mean of their squares stays, $\beta_2$. Default: 0.999. */
  readonly beta2?: number | undefined;
  /** Added to the root. Default: 1e-8. */
  readonly epsilon?: number | undefined;
  /** With `adam`, added to the gradient times the parameter (default: 0); for `adamw`, see there (default: 0.01). */
  readonly weightDecay?: number | undefined;
  /** Whether to divide by the largest mean square so far. Default: false. */
  readonly amsgrad?: boolean | undefined;
}

/** State of `adam` and its like: running means of gradients and of their squares; with `amsgrad`, the largest of these. */
export type AdamState = StateOf<"mean" | "squares", never> & { readonly largest?: Tree };

/** What `adam`, `adamw` and others of the family read alike. */
export const momentOptions = {
  learningRate,
  beta1: optional(belowOne, 0.9),
  beta2: optional(belowOne, 0.999),
  epsilon: optional(fromZero, 1e-8),
  weightDecay: optional(fromZero, 0),
};

function adamLike(
  name: string,
  options: AdamOptions,
  { decoupled, weightDecay }: { decoupled: boolean; weightDecay: number },
): Optimizer<AdamState> {
  const read = readOptions(name, options, {
    ...momentOptions,
    weightDecay: optional(fromZero, weightDecay),
    amsgrad: optional(flag, false),
  });
  const { beta1, beta2, epsilon, amsgrad } = read;
  return leafwise<string, never, Readonly<Record<"size" | "root" | "keep", TensorLike>>>({
    name,
    learningRate: read.learningRate,
    weightDecay: decoupled ? 0 : read.weightDecay,
    slots: { mean: zerosLike, squares: zerosLike, ...(amsgrad ? { largest: zerosLike } : {}) },
    scalars: (t, rate) => ({
      size: div(rate, correction(beta1, t)),
      root: correction(beta2, t).sqrt(),
      keep: neg(mul(rate, read.weightDecay)).add(1),
    }),
    leaf: (p, g, slots, { size, root, keep }) => {
      const mean = runningMean(slots["mean"]!, g, beta1);
      const squares = runningMean(slots["squares"]!, g.square(), beta2);
      const largest = amsgrad ? maximum(slots["largest"]!, squares) : squares;
      const change = mean.div(rootOf(largest).div(root).add(epsilon)).mul(size);
      const kept = decoupled ? p.mul(keep) : p;
      return { p: kept.sub(change), mean, squares, largest };
    },
  }) as Optimizer<AdamState>;
}

/**
 * Adam, $m \leftarrow \beta_1 m + (1 - \beta_1) g$, $v \leftarrow \beta_2 v + (1 - \beta_2) g^2$ and
 * $\theta \leftarrow \theta - \alpha \hat m / (\sqrt{\hat v} + \epsilon)$ with $\hat m = m / (1 - \beta_1^t)$ and
 * $\hat v = v / (1 - \beta_2^t)$ in step $t$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adam } from "@cotangent/optim";
 * const optimizer = adam({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.9,2]
 * ```
 * @see Kingma and Ba: Adam: a method for stochastic optimization (2015), algorithm 1
 * @see Reddi, Kale and Kumar: On the convergence of Adam and beyond (2018) for `amsgrad`
 */
export function adam(options: AdamOptions): Optimizer<AdamState> {
  return adamLike("adam", options, { decoupled: false, weightDecay: 0 });
}

/**
 * Adam with decoupled weight decay: as `adam`, after $\theta \leftarrow (1 - \alpha \lambda) \theta$ with the weight decay
 * $\lambda$ (default 0.01), which no division by the size of gradients weakens.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { adamw } from "@cotangent/optim";
 * const optimizer = adamw({ learningRate: 0.1, weightDecay: 0.5 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0.85,1.9]
 * ```
 * @see Loshchilov and Hutter: Decoupled weight decay regularization (2019), algorithm 2
 */
export function adamw(options: AdamOptions): Optimizer<AdamState> {
  return adamLike("adamw", options, { decoupled: true, weightDecay: 0.01 });
}
