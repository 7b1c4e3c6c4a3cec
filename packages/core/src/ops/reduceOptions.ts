/**
 * What reductions are told: axes, and whether they stay.
 * @module
 */
import { checkOptions } from "../errors.js";
import { normalizeAxes, scalarLayout, type Axes, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { booleanOption } from "./options.js";

/** Options of reductions. */
export interface ReduceOptions {
  /** The axis or axes to reduce, negative ones counted from the last. Default: all. */
  readonly axis?: Axes | undefined;
  /** Keep the reduced axes, with size 1. Default: false. */
  readonly keepDims?: boolean | undefined;
}

/** A function of a tensor that reduces axes. */
export type Reduction = (x: TensorLike, options?: ReduceOptions) => Tensor;

/** The shape without `axes`. */
export function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return axes.length === shape.length ? scalarLayout.shape : shape.filter((_, axis) => !axes.includes(axis));
}

/** The shape with size 1 at `axes`. */
export function withOnes(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
}

/** Reduction options as ascending axes, checked. */
export function reducedAxes(operator: string, x: Tensor, options: ReduceOptions | undefined): readonly number[] {
  if (options === undefined) return normalizeAxes(operator, undefined, x.layout.shape.length);
  checkOptions(operator, options, ["axis", "keepDims"]);
  booleanOption(operator, "keepDims", options.keepDims ?? false);
  return normalizeAxes(operator, options.axis, x.layout.shape.length);
}
