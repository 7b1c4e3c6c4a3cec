/**
 * What an optimiser is: a pure pair of functions.
 * @module
 */
import { ArgumentError, describe, mapTree, scalar, ShapeError, Tensor } from "@cotangent/core";

/** A learning rate, or one that depends on the step. */
export type LearningRate = number | ((step: number) => number);

/** Options of `update`. */
export interface UpdateOptions {
  /** Used in place of the optimiser's own rate in this step. */
  readonly learningRate?: number | undefined;
}

/** Never mutates: parameters and state go in, the next ones come out. */
export interface Optimizer<S> {
  init<P>(params: P): S;
  update<P>(gradients: P, state: S, params: P, options?: UpdateOptions): { readonly params: P; readonly state: S };
}

/** @throws `ArgumentError` if it is no optimiser */
export function checkOptimizer(operator: string, value: unknown): void {
  const { init, update } = (value ?? {}) as Partial<Optimizer<unknown>>;
  if (typeof init !== "function" || typeof update !== "function")
    throw new ArgumentError(
      `${operator}: expected an optimizer such as sgd({ learningRate: 0.1 }), got ${describe(value)}`,
    );
}

/**
 * Maps parameters and gradients leaf by leaf; numbers count as scalars.
 *
 * @throws `ShapeError` if a gradient has another shape than its parameter, `ArgumentError` if structures differ
 */
export function mapGradients<P>(operator: string, fn: (p: Tensor, g: Tensor) => Tensor, params: P, gradients: P): P {
  const tensorOf = (leaf: Tensor | number): Tensor => (leaf instanceof Tensor ? leaf : scalar(leaf));
  return mapTree(
    (param, gradient) => {
      const [p, g] = [tensorOf(param), tensorOf(gradient)];
      if (p.rank !== g.rank || p.shape.some((n, axis) => n !== g.shape[axis]))
        throw new ShapeError(
          `${operator}: expected gradients of their parameters' shapes, got [${g.shape.join(", ")}] for a parameter of shape [${p.shape.join(", ")}]`,
        );
      return fn(p, g);
    },
    params,
    gradients,
  ) as P;
}

/** @throws `ArgumentError` if the rate is not a finite number from 0 */
export function checkRate(operator: string, rate: unknown): number {
  if (typeof rate === "number" && rate >= 0 && rate < Infinity) return rate;
  throw new ArgumentError(`${operator}: expected a learningRate that is a finite number from 0, got ${describe(rate)}`);
}
