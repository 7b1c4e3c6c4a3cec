/**
 * What a model is: a value with two pure functions.
 * @module
 */
import type { Random, Tensor } from "@cotangent/core";

/** What a training step hands to a model; without a context a model predicts. */
export interface TrainingContext<S = undefined> {
  readonly training: true;
  /** Where dropout and the like draw from; each `apply` goes on in the stream. */
  readonly random: Random;
  readonly state: S;
  /** Hears of the state after this step; the state given stays as it is. */
  setState(next: S): void;
}

/** What a model with a state predicts by. */
export interface PredictionContext<S = undefined> {
  readonly training: false;
  readonly state: S;
}

/** Whether a model is training, and what it then draws from and remembers. */
export type Context<S = undefined> = TrainingContext<S> | PredictionContext<S>;

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
  /** What `summary` calls it. Default: custom. */
  readonly name?: string;
  /** The models it is made of, for `summary`. */
  readonly layers?: Layers;
}

/** The models that another one is made of. */
export interface Layers {
  readonly models: readonly Model<unknown, unknown>[];
  /** Whether each takes what the one before gives; else all take the same inputs. */
  readonly chained: boolean;
  /** The part of a tree of parameters or states that belongs to a model. */
  part(tree: unknown, index: number): unknown;
}

/** A model that keeps a state, such as running statistics. */
export interface StatefulModel<P, S> extends Model<P, S> {
  initState(): S;
}

/** Parameters of a model that has none: an empty tree. */
export type NoParams = Readonly<Record<string, never>>;

/** The place of a model without a state in a list of states: an empty tree. */
export type NoState = Readonly<Record<string, never>>;

/** The type of a model's parameters. */
export type ParamsOf<M> = M extends { init(random: Random): infer P } ? P : never;

/** The type of a model's state; `undefined` where it keeps none. */
export type StateOf<M> = M extends { initState?(): infer S } ? (unknown extends S ? undefined : S) : undefined;

/** A function applied elementwise between layers. */
export type Activation = (x: Tensor) => Tensor;
