/**
 * Tensors joined along an axis.
 * @module
 */
import { promote } from "../dtype.js";
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { normalizeAxis, showShape, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { astype, needAxis } from "./linear.js";
import { join } from "./regions.js";
import { unsqueeze } from "./shaping.js";

/** Options of `concat` and `stack`. */
export interface JoinOptions {
  /** Default: 0. */
  readonly axis?: number | undefined;
}

function listOf(operator: string, list: readonly TensorLike[], options: JoinOptions | undefined): readonly Tensor[] {
  checkOptions(operator, options, ["axis"]);
  if (!Array.isArray(list) || list.length === 0)
    throw new ArgumentError(`${operator}: expected a list of at least one tensor, got ${describe(list)}`);
  // A hole, which map would skip, is undefined.
  const tensors = Array.from(list as readonly TensorLike[], (x) => asTensor(operator, x));
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  return tensors.map((x) => astype(x, dtype));
}

/**
 * Joins tensors along an existing axis, $y = (x_1, x_2, …)$; the other sizes must agree.
 *
 * @returns the common shape, the sizes along the axis added up
 * @derivative for each operand its part of the cotangent
 * @throws {@link ShapeError} if shapes differ elsewhere or the axis is out of range
 * @throws {@link ArgumentError} if the list is empty
 * @example
 * ```ts
 * import { concat, tensor } from "@cotangent/core";
 * concat([tensor([[1, 2]]), tensor([[3, 4]])]).toArray(); // → [[1,2],[3,4]]
 * concat([tensor([[1, 2]]), tensor([[3]])], { axis: 1 }).toArray(); // → [[1,2,3]]
 * ```
 */
export const concat: (list: readonly TensorLike[], options?: JoinOptions) => Tensor = function concat(list, options) {
  const tensors = listOf("concat", list, options);
  const first = tensors[0]!.layout.shape;
  needAxis("concat", tensors[0]!);
  const axis = normalizeAxis("concat", options?.axis, first.length, 0);
  for (const { layout } of tensors) checkJoinable("concat", first, layout.shape, axis);
  return join(tensors, axis);
};

function checkJoinable(operator: string, a: Shape, b: Shape, but: number | null): void {
  if (a.length !== b.length || a.some((n, axis) => axis !== but && n !== b[axis]))
    throw new ShapeError(
      `${operator}: expected equal shapes${but === null ? "" : ` but for axis ${but}`}, got ${showShape(a)} and ${showShape(b)}; reshape or unsqueeze one of them`,
    );
}

/**
 * Joins tensors of one shape along a new axis, $y_{i j} = (x_i)_j$ at 0.
 *
 * @returns the common shape with the number of tensors at the axis
 * @derivative for each operand its slice of the cotangent
 * @throws {@link ShapeError} if shapes differ or the axis is out of range
 * @throws {@link ArgumentError} if the list is empty
 * @example
 * ```ts
 * import { stack, tensor } from "@cotangent/core";
 * stack([tensor([1, 2]), tensor([3, 4])], { axis: 1 }).toArray(); // → [[1,3],[2,4]]
 * ```
 */
export const stack: (list: readonly TensorLike[], options?: JoinOptions) => Tensor = function stack(list, options) {
  const tensors = listOf("stack", list, options);
  const first = tensors[0]!.layout.shape;
  const axis = normalizeAxis("stack", options?.axis, first.length + 1, 0);
  for (const { layout } of tensors) checkJoinable("stack", first, layout.shape, null);
  return join(
    tensors.map((x) => unsqueeze(x, axis)),
    axis,
  );
};
