/**
 * What an optimiser is: a pure pair of functions.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  describe,
  expectTensor,
  Tensor,
  type TensorLike,
  type Tree,
} from "@cotangent/core";

/** A learning rate, or one that depends on the number of steps done: 0, 1, 2, … */
export type LearningRate = number | ((step: number) => number);

/** The value and the gradients of what is minimised, at some parameters. */
export interface Evaluation<P> {
  /** Shape `[]`. */
  readonly value: TensorLike;
  readonly gradients: P;
}

/** Options of `update`. */
export interface UpdateOptions<P = unknown> {
  /** Used in place of the optimiser's own rate in this step; a tensor of shape `[]` may be tracked. */
  readonly learningRate?: TensorLike | undefined;
  /** What is minimised; asked by `lbfgs`, which looks at several points in a step. */
  readonly objective?: ((params: P) => Evaluation<P>) | undefined;
}

/** Never mutates: parameters and state go in, the next ones come out. */
export interface Optimizer<S> {
  init<P>(params: P): S;
  update<P>(gradients: P, state: S, params: P, options?: UpdateOptions<P>): { readonly params: P; readonly state: S };
}

/** State of an optimiser: the steps done, and trees of the parameters' structure under the names of its slots. */
export type OptimizerState<Slot extends string = never> = {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
} & { readonly [Name in Slot]: Tree };

/** @throws `ArgumentError` if it is no optimiser */
export function checkOptimizer(operator: string, value: unknown): void {
  const { init, update } = (value ?? {}) as Partial<Optimizer<unknown>>;
  if (typeof init !== "function" || typeof update !== "function")
    throw new ArgumentError(
      `${operator}: expected an optimizer such as sgd({ learningRate: 0.1 }), got ${describe(value)}`,
    );
}

/** @throws `ArgumentError` if the rate is not a finite number from 0 */
export function checkRate(operator: string, rate: unknown): number {
  if (typeof rate === "number" && rate >= 0 && rate < Infinity) return rate;
  throw new ArgumentError(`${operator}: expected a learningRate that is a finite number from 0, got ${describe(rate)}`);
}

/**
 * What every `update` starts with: the count of steps done, and the rate of this one.
 *
 * @throws `ArgumentError` if the options, the state or the rate is none
 */
export function beginUpdate(
  operator: string,
  learningRate: LearningRate,
  state: unknown,
  options: { readonly learningRate?: unknown } | undefined,
): { readonly step: Tensor; readonly rate: TensorLike } {
  checkOptions(`${operator}.update`, options, ["learningRate", "objective"]);
  const wanted = "a state that init or update gave";
  const step = expectTensor(`${operator}.update`, (state as OptimizerState | undefined)?.step, wanted);
  const given = options?.learningRate;
  if (given instanceof Tensor) {
    if (given.rank === 0) return { step, rate: given };
    throw new ArgumentError(
      `${operator}.update: expected a learningRate of shape [], got one of shape [${given.shape.join(", ")}]`,
    );
  }
  // Only a schedule looks at the count, so that steps of a constant rate can be recorded as a program.
  const planned = typeof learningRate === "function" ? learningRate(step.item()) : learningRate;
  return { step, rate: checkRate(operator, given === undefined ? planned : given) };
}
