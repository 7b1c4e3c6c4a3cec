/**
 * Picking and adding elements by index.
 * @module
 */
import { checkOptions, DTypeError, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { promote } from "../dtype.js";
import { astype, reshape, stretch, zerosOf } from "./linear.js";

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

const gatherPrimitive: Primitive<AxisParams> = {
  name: "gather",
  kernel: { kind: "gather", axis: ({ axis }) => axis },
  shape: ([, indices]) => indices!,
  dtype: null,
  vjp: (i, ct, [x, indices], _y, { axis }) =>
    i === 0 ? apply(scatterPrimitive, [zerosOf(x!.layout.shape, ct.dtype), indices!, ct], { axis }) : null,
  jvp: ([tangent], [, indices], _y, { axis }) => apply(gatherPrimitive, [tangent!, indices!], { axis }),
};

const scatterPrimitive: Primitive<AxisParams> = {
  name: "scatterAdd",
  kernel: { kind: "scatter", axis: ({ axis }) => axis },
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
      `${operator}: expected indices with the rank of ${showShape(a)} and sizes no larger but along axis ${axis}, got ${showShape(b)}`,
    );
}

/**
 * Picks along an axis, `y[…, i, …] = x[…, indices[…, i, …], …]`; the indices have the result's shape (PyTorch's
 * `gather`). Negative indices count from the end.
 *
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
  const axis = normalizeAxis("gather", options?.axis ?? 0, t.rank);
  const i = asIndices("gather", indices);
  checkAligned("gather", t, i, axis);
  return apply(gatherPrimitive, [t, i], { axis });
};

/**
 * Picks whole slices along an axis, which the shape of the indices replaces.
 *
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
  const t = asTensor("take", x);
  const axis = normalizeAxis("take", options?.axis ?? 0, t.rank);
  const i = asIndices("take", indices);
  const { shape } = t.layout;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)];
  const flat = reshape(i, [...before.map(() => 1), i.size, ...after.map(() => 1)]);
  const wide = stretch(flat, [...before, i.size, ...after]);
  return reshape(apply(gatherPrimitive, [t, wide], { axis }), [...before, ...i.layout.shape, ...after]);
};

/**
 * A copy of `x` with `updates[…, i, …]` added at `[…, indices[…, i, …], …]` along an axis; repeated indices accumulate
 * in row-major order.
 *
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
    const i = asIndices("scatterAdd", indices);
    const [a, b] = [asTensor("scatterAdd", x), asTensor("scatterAdd", updates)];
    const dtype = promote(a.dtype, b.dtype);
    const axis = normalizeAxis("scatterAdd", options?.axis ?? 0, a.rank);
    checkAligned("scatterAdd", a, i, axis);
    return apply(scatterPrimitive, [astype(a, dtype), i, stretch(astype(b, dtype), i.layout.shape)], { axis });
  };
