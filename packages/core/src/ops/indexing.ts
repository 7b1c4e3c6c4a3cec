/**
 * Picking and adding elements by index.
 * @module
 */
import { promote } from "../dtype.js";
import { checkOptions, DTypeError, ShapeError } from "../errors.js";
import { adopt, asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { broadcastShapes, normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { asLine, astype, reshape, stretch, zerosOf } from "./linear.js";
import { sliceRanges, wholeAxis } from "./regions.js";
import { where } from "./piecewise.js";

/** Options of indexing operators. */
export interface AxisOption {
  /** Default: 0. */
  readonly axis?: number | undefined;
}

interface AxisParams {
  readonly axis: number;
}

function asIndices(operator: string, indices: TensorLike): Tensor {
  const t =
    typeof indices === "number"
      ? astype(asTensor(operator, indices), Number.isInteger(indices) ? "int32" : "float64")
      : asTensor(operator, indices);
  if (t.dtype !== "int32")
    throw new DTypeError(
      `${operator}: expected int32 indices, got ${t.dtype}; make them with tensor(…, { dtype: "int32" }) or astype("int32")`,
    );
  return t;
}

function picking(name: "gather" | "take"): Primitive<AxisParams> {
  return {
    name,
    kernel: { kind: "gather", name, axis: ({ axis }) => axis },
    shape: ([, indices]) => indices!,
    dtype: null,
    vjp: (i, ct, [x, indices], _y, { axis }) =>
      i === 0 ? apply(scatterPrimitive, [zerosOf(x!.layout.shape, ct.dtype), indices!, ct], { axis }) : null,
    jvp: ([tangent], [, indices], _y, { axis }) => apply(gatherPrimitive, [tangent!, indices!], { axis }),
  };
}

const gatherPrimitive = picking("gather");
const takePrimitive = picking("take");

const scatterPrimitive: Primitive<AxisParams> = {
  name: "scatterAdd",
  kernel: { kind: "scatter", name: "scatterAdd", axis: ({ axis }) => axis },
  shape: null,
  dtype: null,
  vjp: (i, ct, [, indices], _y, { axis }) =>
    i === 0 ? ct : i === 1 ? null : apply(gatherPrimitive, [ct, indices!], { axis }),
  jvp: ([tx, , tu], [x, indices, updates], _y, { axis }) => {
    const from = tx ?? zerosOf(x!.layout.shape, x!.dtype);
    return apply(scatterPrimitive, [from, indices!, tu ?? zerosOf(updates!.layout.shape, x!.dtype)], { axis });
  },
};

/** All sizes but the axis's own must not exceed those of `x`. */
function checkAligned(operator: string, x: Tensor, indices: Tensor, axis: number): void {
  const [a, b] = [x.layout.shape, indices.layout.shape];
  if (a.length !== b.length || a.some((n, i) => i !== axis && b[i]! > n))
    throw new ShapeError(
      `${operator}: expected indices with the rank of ${showShape(a)} and sizes no larger but along axis ${axis}, got ${showShape(b)}; stretch them with broadcastTo, or use take for whole slices`,
    );
}

/**
 * Picks along an axis, `y[…, i, …] = x[…, indices[…, i, …], …]`; the indices have the result's shape (PyTorch's
 * `gather`). Negative indices count from the end.
 *
 * - `x`: shape `[…, n, …]`
 * - `indices`: shape `[…, m, …]`, its other sizes no larger than those of `x`
 * @returns the shape of the indices
 * @derivative the cotangent, added up at the indices; flat in the indices
 * @throws {@link ShapeError} if ranks differ or an index is out of range
 * @throws {@link DTypeError} if the indices are not int32
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const labels = tensor([[2], [0]], { dtype: "int32" });
 * tensor([[1, 2, 3], [4, 5, 6]]).gather(labels, { axis: 1 }).toArray(); // → [[3],[4]]
 * ```
 */
export const gather: (x: TensorLike, indices: TensorLike, options?: AxisOption) => Tensor = function gather(
  x,
  indices,
  options,
) {
  checkOptions("gather", options, ["axis"]);
  const t = asTensor("gather", x);
  const axis = normalizeAxis("gather", options?.axis, t.rank, 0);
  const i = asIndices("gather", indices);
  checkAligned("gather", t, i, axis);
  return reshape(apply(gatherPrimitive, [asLine(t), asLine(i)], { axis }), i.layout.shape);
};

/**
 * Picks whole slices along an axis, $y_i = x_{p_i}$ with the indices p, whose shape replaces the axis.
 *
 * - `x`: shape `[…, n, …]`
 * @returns shape `[…, ...indices.shape, …]`
 * @derivative the cotangent, added up at the indices; flat in the indices
 * @throws {@link ShapeError} if an index or the axis is out of range
 * @throws {@link DTypeError} if the indices are not int32
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4], [5, 6]]).take(tensor([2, 0], { dtype: "int32" })).toArray(); // → [[5,6],[1,2]]
 * ```
 */
export const take: (x: TensorLike, indices: TensorLike, options?: AxisOption) => Tensor = function take(
  x,
  indices,
  options,
) {
  checkOptions("take", options, ["axis"]);
  const t = asLine(asTensor("take", x));
  const axis = normalizeAxis("take", options?.axis, t.rank, 0);
  const i = asIndices("take", indices);
  const { shape } = t.layout;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const flat = reshape(i, [...before.map(() => 1), i.size, ...after.map(() => 1)]);
  const wide = stretch(flat, [...before, i.size, ...after]);
  return reshape(apply(takePrimitive, [t, wide], { axis }), [...before, ...i.layout.shape, ...after]);
};

/**
 * A copy of `x` with updates added along an axis, `y[…, indices[…, i, …], …] += updates[…, i, …]`; repeated indices
 * accumulate in row-major order (PyTorch's `scatter_add`). Negative indices count from the end. Of updates that are
 * larger than the indices, only those with an index count.
 *
 * - `indices`: of the rank of `x`, no larger than it but along the axis
 * - `updates`: a scalar, or of the rank of the indices and at least as large along every axis
 * @returns the shape of `x`
 * @derivative for `x` the cotangent, for the updates what stands in it at their indices, 0 for those left out; flat in
 *   the indices
 * @throws {@link ShapeError} if shapes do not fit or an index is out of range
 * @throws {@link DTypeError} if the indices are not int32
 * @example
 * ```ts
 * import { tensor, zeros } from "@cotangent/core";
 * zeros([3]).scatterAdd(tensor([0, 2, 0], { dtype: "int32" }), tensor([1, 2, 3])).toArray(); // → [4,0,2]
 * ```
 */
export const scatterAdd: (x: TensorLike, indices: TensorLike, updates: TensorLike, options?: AxisOption) => Tensor =
  function scatterAdd(x, indices, updates, options) {
    checkOptions("scatterAdd", options, ["axis"]);
    const a = asTensor("scatterAdd", x);
    const b = typeof updates === "number" ? adopt(updates, a.dtype) : asTensor("scatterAdd", updates);
    const i = asIndices("scatterAdd", indices);
    const axis = normalizeAxis("scatterAdd", options?.axis, a.rank, 0);
    checkAligned("scatterAdd", a, i, axis);
    const dtype = promote(a.dtype, b.dtype);
    const operands = [asLine(astype(a, dtype)), asLine(i), asLine(fitUpdates(astype(b, dtype), i))];
    return reshape(apply(scatterPrimitive, operands, { axis }), a.layout.shape);
  };

function fitUpdates(updates: Tensor, indices: Tensor): Tensor {
  const [from, wanted] = [updates.layout.shape, indices.layout.shape];
  if (from.length === 0) return stretch(updates, wanted);
  if (from.length !== wanted.length || wanted.some((n, axis) => n > from[axis]!))
    throw new ShapeError(
      `scatterAdd: expected an update for each of the indices ${showShape(wanted)}, got updates of shape ${showShape(from)}; give them the shape of the indices`,
    );
  return sliceRanges(updates, wanted.map(wholeAxis));
}

/**
 * `value` where the mask holds, $y = v$, and `x` elsewhere, $y = x$; shapes broadcast.
 *
 * @returns the shape to which all three broadcast
 * @derivative for `x` the cotangent where the mask does not hold, for the value its sum where the mask holds
 * @kink what is replaced gets a cotangent of exactly 0, so mask before a pole rather than behind it
 * @throws {@link DTypeError} if the mask is not bool
 * @throws {@link ShapeError} if the shapes do not broadcast
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([1, NaN, 3]);
 * x.maskedFill(x.isNaN(), 0).toArray(); // → [1,0,3]
 * ```
 */
export const maskedFill: (x: TensorLike, mask: TensorLike, value: TensorLike) => Tensor = function maskedFill(
  x,
  mask,
  value,
) {
  const t = asTensor("maskedFill", x);
  const m = asTensor("maskedFill", mask);
  const v = typeof value === "number" ? adopt(value, t.dtype) : asTensor("maskedFill", value);
  if (m.dtype !== "bool")
    throw new DTypeError(
      `maskedFill: expected a bool mask, got ${m.dtype}; make it by a comparison, or with astype("bool")`,
    );
  const shape = [m, v]
    .map((each) => each.layout.shape)
    .reduce((a, b) => broadcastShapes("maskedFill", a, b), t.layout.shape);
  return astype(where(stretch(m, shape), stretch(v, shape), stretch(t, shape)), promote(t.dtype, v.dtype));
};
