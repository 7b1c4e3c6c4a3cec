/**
 * What a model is: a value with two pure functions.
 * @module
 */
import type { Random, Tensor } from "@cotangent/core";

/** What a training step hands to a model; without it a model predicts. */
export interface Context<S = undefined> {
  readonly training: true;
  readonly random: Random;
  readonly state: S;
  setState(next: S): void;
}

/**
 * A model: `init` makes the parameters, a plain tree of tensors, and `apply` computes with them. There is no hidden
 * state and no mode. A model of one's own is an object with these two functions.
 *
 * @example
 * ```ts
 * import { random, type Tensor } from "@cotangent/core";
 * import type { Model } from "@cotangent/nn";
 * const parabola: Model<{ a: Tensor; b: Tensor }> = {
 *   init: (random) => ({ a: random.normal([]), b: random.normal([]) }),
 *   apply: ({ a, b }, x) => a.mul(x.square()).add(b),
 * };
 * parabola.apply({ a: random(1).uniform([], { low: 2, high: 2 }), b: random(1).uniform([], { low: 1, high: 1 }) }, random(1).uniform([], { low: 3, high: 3 })).item(); // → 19
 * ```
 */
export interface Model<P, S = undefined> {
  /** Fresh parameters. */
  init(random: Random): P;
  /** Fresh state, for models that keep one. */
  initState?(): S;
  /** The output for inputs `[batch, …]`. */
  apply(params: P, x: Tensor, context?: Context<S>): Tensor;
}

/** A function applied elementwise between layers. */
export type Activation = (x: Tensor) => Tensor;
