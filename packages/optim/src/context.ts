/**
 * What training asks of a model: the functions it calls, and what it hands to them. Any model that has them will do.
 * @module
 */
import { ArgumentError, describe, Tensor, type Random } from "@cotangent/core";

/** What a training step hands to a cost or a model. */
export interface TrainingContext<M = undefined> {
  readonly training: true;
  /** Where dropout and the like draw from; the next step goes on in the stream. */
  readonly random: Random;
  /** The model's state before the step. */
  readonly state: M;
  /** Hears of the model's state after the step; the last call counts. */
  setState(next: M): void;
}

/** What a model predicts by, as in validation. */
export interface PredictionContext<M = undefined> {
  readonly training: false;
  readonly state: M;
}

/** Either of them. */
export type Context<M = undefined> = TrainingContext<M> | PredictionContext<M>;

/** A model as training sees it; those of `@cotangent/nn` are such models. */
export interface TrainableModel<P, M = undefined> {
  /** Fresh parameters. */
  init(random: Random): P;
  /** Fresh state, of models that keep one. */
  initState?(): M;
  /** The prediction for inputs `[batch, …]`. */
  apply(params: P, x: Tensor, context?: Context<M>): Tensor;
}

/** Features and labels side by side, such as a data set or a batch of `@cotangent/data`. */
export interface Samples {
  /** Shape `[samples, …]`. */
  readonly features: Tensor;
  /** Shape `[samples, …]`. */
  readonly labels: Tensor;
}

/** Whether there are features and labels. */
export function isSamples(value: unknown): value is Samples {
  const { features, labels } = (value ?? {}) as Partial<Samples>;
  return features instanceof Tensor && labels instanceof Tensor;
}

/** @throws `ArgumentError` if it is no model */
export function checkModel(operator: string, value: unknown): void {
  const { init, apply } = (value ?? {}) as Partial<TrainableModel<unknown>>;
  if (typeof init !== "function" || typeof apply !== "function")
    throw new ArgumentError(
      `${operator}: expected a model with the functions init and apply, got ${describe(value)}${typeof value === "function" ? "; call it first" : ""}`,
    );
}
