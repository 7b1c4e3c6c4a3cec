/**
 * Axes as lines of elements: what works along one axis, applied to several, to a scalar, or to the axis left out.
 * @module
 */
import { checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { normalizeAxis, showShape, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { asLine, permute, reorder, reshape } from "./linear.js";

/** Options of operators that work along one axis. */
export interface LineOptions {
  /** Negative counts from the last. Default: -1, the last. */
  readonly axis?: number | undefined;
}

/** How many elements go into one output. */
export function countOf(x: Tensor, axes: readonly number[]): number {
  const { shape } = x.layout;
  return axes.reduce((n, axis) => n * shape[axis]!, 1);
}

/** Refuses to pick one of no elements. */
export function needElements(operator: string, x: Tensor, axes: readonly number[]): void {
  if (countOf(x, axes) === 0)
    throw new ShapeError(
      `${operator}: expected at least one element along the reduced axes, got shape ${showShape(x.layout.shape)}; there is nothing to pick`,
    );
}

function keptFirst(shape: Shape, axes: readonly number[]): number[] {
  return [...shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)), ...axes];
}

/** The `axes` merged into one, the last: `[…kept, n]`, in their row-major order. */
export function toLines(x: Tensor, axes: readonly number[]): Tensor {
  const { shape } = x.layout;
  const order = keptFirst(shape, axes);
  const kept = order.slice(0, shape.length - axes.length).map((axis) => shape[axis]!);
  return reshape(permute(x, order), [...kept, countOf(x, axes)]);
}

/** Undoes `toLines` for a tensor of `shape`. */
export function fromLines(x: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  const order = keptFirst(shape, axes);
  const apart = reshape(
    x,
    order.map((axis) => shape[axis]!),
  );
  return permute(
    apart,
    order.map((_, axis) => order.indexOf(axis)),
  );
}

/** A list that came, for the message of an error: its elements, whatever they are, to a depth of lists in a list. */
export function showList(value: unknown, depth = 2): string {
  if (!Array.isArray(value) || depth === 0) return describe(value);
  return `[${Array.from(value as readonly unknown[], (each) => showList(each, depth - 1)).join(",")}]`;
}

/** Applies `f` along the axis of the options, checked; a scalar counts as a line of one element. */
export function alongAxis(
  operator: string,
  x: TensorLike,
  options: LineOptions | undefined,
  allowed: readonly string[],
  f: (x: Tensor, axis: number) => Tensor,
): Tensor {
  const t = asTensor(operator, x);
  checkOptions(operator, options, allowed);
  const axis = normalizeAxis(operator, options?.axis, t.rank, -1);
  return t.rank === 0 ? reshape(f(asLine(t), axis), []) : f(t, axis);
}

let lastSwap: { readonly rank: number; readonly a: number; readonly b: number; readonly order: readonly number[] } = {
  rank: 0,
  a: 0,
  b: 0,
  order: [],
};

/** Swaps two axes known to exist, or none of a scalar; negative ones count from the last. */
export function swap(x: Tensor, a: number, b: number): Tensor {
  const rank = x.layout.shape.length;
  if (lastSwap.rank !== rank || lastSwap.a !== a || lastSwap.b !== b)
    lastSwap = { rank, a, b, order: swapped(rank, a, b) };
  return reorder(x, lastSwap.order);
}

function swapped(rank: number, a: number, b: number): readonly number[] {
  const order = Array.from({ length: rank }, (_, axis) => axis);
  if (rank === 0) return order;
  const [p, q] = [a < 0 ? a + rank : a, b < 0 ? b + rank : b];
  order[p] = q;
  order[q] = p;
  return order;
}
