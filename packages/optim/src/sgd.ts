/**
 * Gradient descent.
 * @module
 */
import { ArgumentError, zerosLike, type Tree } from "@cotangent/core";
import { leafwise, type StateOf } from "./leafwise.js";
import type { LearningRate, Optimizer } from "./optimizer.js";
import { anyNumber, flag, fromZero, learningRate, optional, readOptions } from "./options.js";

/** Options of `sgd`. */
export interface SgdOptions {
  /** A number, or a function of the step. */
  readonly learningRate: LearningRate;
  /** How much of the last step's velocity stays, $\mu$. Default: 0. */
  readonly momentum?: number | undefined;
  /** How much of a gradient does not enter the velocity, $\tau$. Default: 0. */
  readonly dampening?: number | undefined;
  /** Whether to look ahead along the velocity; needs a momentum, and no dampening. Default: false. */
  readonly nesterov?: boolean | undefined;
  /** Added to the gradient times the parameter. Default: 0. */
  readonly weightDecay?: number | undefined;
}

/** State of `sgd`; it has a velocity where there is a momentum. */
export type SgdState = StateOf<never, never> & { readonly velocity?: Tree };

/**
 * Gradient descent, $\theta \leftarrow \theta - \alpha \nabla J(\theta)$: on the full batch, or stochastic on mini-batches.
 * With momentum, $v \leftarrow \mu v + (1 - \tau) g$ (at first $v = g$) and $\theta \leftarrow \theta - \alpha v$; with
 * Nesterov's, $\theta \leftarrow \theta - \alpha (g + \mu v)$.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { sgd } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0,2]
 * ```
 * @see Sutskever, Martens, Dahl and Hinton: On the importance of initialization and momentum in deep learning (2013)
 */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  const read = readOptions("sgd", options, {
    learningRate,
    momentum: optional(fromZero, 0),
    dampening: optional(anyNumber, 0),
    nesterov: optional(flag, false),
    weightDecay: optional(fromZero, 0),
  });
  const { momentum, dampening, nesterov } = read;
  if (nesterov && (momentum === 0 || dampening !== 0))
    throw new ArgumentError(
      `sgd: expected a momentum above 0 and no dampening for nesterov, got momentum ${momentum} and dampening ${dampening}`,
    );
  const common = { name: "sgd", learningRate: read.learningRate, weightDecay: read.weightDecay };
  if (momentum === 0)
    return leafwise({
      ...common,
      slots: {},
      scalars: (_t, rate) => ({ rate }),
      leaf: (p, g, _slots, { rate }) => ({ p: p.sub(g.mul(rate)) }),
    });
  return leafwise({
    ...common,
    slots: { velocity: zerosLike },
    // The first gradient enters whole.
    scalars: (t, rate) => ({
      rate,
      share: dampening === 0 ? 1 : t.greater(1).astype("float64").mul(-dampening).add(1),
    }),
    leaf: (p, g, { velocity }, { rate, share }) => {
      const v = velocity.mul(momentum).add(dampening === 0 ? g : g.mul(share));
      const direction = nesterov ? g.add(v.mul(momentum)) : v;
      return { p: p.sub(direction.mul(rate)), velocity: v };
    },
  });
}
