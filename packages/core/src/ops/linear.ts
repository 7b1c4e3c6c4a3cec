/**
 * Linear rearrangements and their transposes: `sum` undoes `broadcastTo`, `permute` undoes itself. Closed under
 * differentiation.
 * @module
 */
import { checkDtype, isFloat, type DType } from "../dtype.js";
import { describe, ShapeError } from "../errors.js";
import { mapKernel } from "../kernel.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import {
  checkShape,
  contiguousLayout,
  expectStretchable,
  normalizeAxis,
  pick,
  reorderedLayout,
  repeatedLayout,
  sameShape,
  showShape,
  sizeOf,
  stridedLayout,
  type Shape,
} from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { reducedAxes, withOnes, withoutAxes, type ReduceOptions, type Reduction } from "./reduceOptions.js";

interface AxesParams {
  readonly axes: readonly number[];
}

/** A scalar as the line of one element that it counts as along an axis. */
export function asLine(x: Tensor): Tensor {
  return x.layout.shape.length === 0 ? reshape(x, [1]) : x;
}

/** Refuses a scalar where an axis must be cut or replaced. */
export function needAxis(operator: string, x: Tensor): void {
  if (x.layout.shape.length === 0)
    throw new ShapeError(`${operator}: expected at least one axis, got a scalar; reshape it to [1]`);
}

/** Puts reduced axes back with size 1 where `keepDims` asks for it. */
export function keep(x: Tensor, y: Tensor, axes: readonly number[], options: ReduceOptions | undefined): Tensor {
  return options?.keepDims === true ? reshape(y, withOnes(x.layout.shape, axes)) : y;
}

/**
 * Converts the elements to `dtype`: rounded to float32, truncated towards zero to int32, $x \ne 0$ to bool.
 *
 * @returns the shape of `x`
 * @derivative between float dtypes the cotangent, converted back; flat from and to int32 and bool
 * @throws {@link ArgumentError} if there is no such dtype
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([0, -1.7, 2.5]).astype("int32").toArray(); // → [0,-1,2]
 * tensor([0, -1.7, 2.5]).astype("bool").toArray(); // → [false,true,true]
 * ```
 */
export const astype: (x: TensorLike, dtype: DType) => Tensor = function astype(x, dtype) {
  const t = asTensor("astype", x);
  if (t.dtype === checkDtype("astype", dtype)) return t;
  if (dtype === "bool") return apply(truthPrimitive, [t], undefined);
  return apply(isFloat(dtype) && isFloat(t.dtype) ? floatCastPrimitive : castPrimitive, [t], { dtype });
};

const identity = mapKernel<{ dtype: DType }>((_, x) => x!);

const floatCastPrimitive: Primitive<{ dtype: DType }> = {
  name: "astype",
  kernel: identity,
  shape: null,
  dtype: (_, { dtype }) => dtype,
  vjp: (_, ct, [x]) => astype(ct, x!.dtype),
  jvp: "linear",
};

const castPrimitive: Primitive<{ dtype: DType }> = { ...floatCastPrimitive, vjp: null, jvp: null };

const truthPrimitive: Primitive = {
  name: "astype",
  kernel: mapKernel((s, x) => s.select(s.equal(x!, s.constant(0)), s.constant(0), s.constant(1))),
  shape: null,
  dtype: () => "bool",
  vjp: null,
  jvp: null,
};

/** Of bool it is int32. */
export const accumulated = ([x]: readonly DType[]): DType => (isFloat(x!) ? x! : "int32");

export const reducedShape = ([x]: readonly Shape[], { axes }: AxesParams): Shape => withoutAxes(x!, axes);

/** Undoes the reduction of `axes` to one element: that element at all places of `shape`. */
export function spread(y: Tensor, shape: Shape, axes: readonly number[]): Tensor {
  return stretch(axes.length === shape.length ? y : reshape(y, withOnes(shape, axes)), shape);
}

/** A reduction that adds up or multiplies; over no axes there is nothing to do. */
export function accumulation(primitive: Primitive<AxesParams>): Reduction {
  const { name } = primitive;
  return function reduce(x, options) {
    const t = asTensor(name, x);
    const axes = reducedAxes(name, t, options);
    if (axes.length === 0) return t.dtype === "bool" ? astype(t, "int32") : t;
    return keep(t, apply(primitive, [t], { axes }), axes, options);
  };
}

const sumPrimitive: Primitive<AxesParams> = {
  name: "sum",
  kernel: { kind: "reduce", monoid: "sum", axes: ({ axes }) => axes },
  shape: reducedShape,
  dtype: accumulated,
  vjp: (_, ct, [x], _y, { axes }) => spread(ct, x!.layout.shape, axes),
  jvp: "linear",
};

/**
 * Sum over axes, $y = \sum_i x_i$. The order is fixed (blocks of 128 elements in 8 lanes, blocks combined pairwise), so the
 * error grows with $\log n$ and the bits are the same everywhere. The sum of bool or int32 is int32; of nothing, 0.
 *
 * - `x`: shape `[…]`
 * @returns `x.shape` without the reduced axes
 * @derivative $\partial y / \partial x_i = 1$: the cotangent, stretched over the reduced axes
 * @throws {@link ShapeError} if an axis is out of range
 * @example
 * ```ts
 * import { sum, tensor } from "@cotangent/core";
 * const x = tensor([[1, 2], [3, 4]]);
 * x.sum().item(); // → 10
 * sum(x, { axis: 0 }).toArray(); // → [4,6]
 * x.sum({ axis: -1, keepDims: true }).shape; // → [2,1]
 * ```
 * @see Higham, Accuracy and Stability of Numerical Algorithms (2002), section 4.2
 */
export const sum: Reduction = accumulation(sumPrimitive);

/**
 * Stretches axes of size 1, and missing leading axes, until the shape is `shape`, so that $y_{ij} = x_j$ with a new
 * axis in front; a view, nothing is copied.
 *
 * @returns `shape`
 * @derivative the cotangent, summed over the stretched axes
 * @throws {@link ShapeError} if another axis would have to change
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([1, 2]).broadcastTo([2, 2]).toArray(); // → [[1,2],[1,2]]
 * ```
 */
export const broadcastTo: (x: TensorLike, shape: Shape) => Tensor = function broadcastTo(x, shape) {
  const t = asTensor("broadcastTo", x);
  const target = checkShape("broadcastTo", shape);
  return sameShape(t.layout.shape, target) ? t : apply(broadcastPrimitive, [t], { shape: target });
};

/** `broadcastTo` for shapes known to fit. */
export function stretch(x: Tensor, shape: Shape): Tensor {
  return sameShape(x.layout.shape, shape) ? x : apply(broadcastPrimitive, [x], { shape });
}

const broadcastPrimitive: Primitive<{ readonly shape: Shape }> = {
  name: "broadcastTo",
  kernel: {
    kind: "view",
    view: ({ shape: from, strides, size }, { shape }) => {
      expectStretchable(from, shape);
      const lead = shape.length - from.length;
      if (size === 1) return { layout: repeatedLayout(shape), shift: 0 };
      const stretched = shape.map((n, axis) => (axis < lead || from[axis - lead] !== n ? 0 : strides[axis - lead]!));
      return { layout: stridedLayout(shape, stretched), shift: 0 };
    },
  },
  shape: ([x], { shape }) => {
    expectStretchable(x!, shape);
    return shape;
  },
  dtype: null,
  vjp: (_, ct, [x], _y, { shape }) => {
    const from = x!.layout.shape;
    const lead = shape.length - from.length;
    const axes = shape.flatMap((n, axis) => (axis < lead || from[axis - lead] !== n ? [axis] : []));
    return reshape(sum(ct, { axis: axes }), from);
  },
  jvp: "linear",
};

/**
 * The same elements in row-major order, $y_k = x_k$, under another shape; one size may be -1, it follows from the
 * others.
 *
 * @returns `shape`, -1 replaced
 * @derivative the cotangent, reshaped back
 * @throws {@link ShapeError} if the number of elements differs
 * @example
 * ```ts
 * import { arange } from "@cotangent/core";
 * arange(0, 6).reshape([2, -1]).toArray(); // → [[0,1,2],[3,4,5]]
 * ```
 */
export const reshape: (x: TensorLike, shape: Shape) => Tensor = function reshape(x, shape) {
  const t = asTensor("reshape", x);
  const target = inferSize(t, shape);
  return sameShape(t.layout.shape, target) ? t : apply(reshapePrimitive, [t], { shape: target });
};

function inferSize(x: Tensor, shape: Shape): Shape {
  const wanted = Array.isArray(shape) ? (shape as readonly number[]).filter((n) => n === -1).length : 0;
  const known = checkShape("reshape", wanted === 1 ? shape.map((n) => (n === -1 ? 1 : n)) : shape);
  const { size } = x.layout;
  const rest = sizeOf(known);
  if (wanted === 1 && rest > 0 && size % rest === 0) return shape.map((n) => (n === -1 ? size / rest : n));
  if (wanted === 1 || rest !== size)
    throw new ShapeError(
      `reshape: expected a shape for the ${size} elements of ${showShape(x.layout.shape)}, got ${showShape(shape)}; the product of the sizes must not change`,
    );
  return known;
}

const reshapePrimitive: Primitive<{ readonly shape: Shape }> = {
  name: "reshape",
  kernel: {
    kind: "view",
    view: ({ contiguous, size }, { shape }) => {
      if (contiguous) return { layout: contiguousLayout(shape), shift: 0 };
      return size === 1 ? { layout: repeatedLayout(shape), shift: 0 } : null;
    },
  },
  shape: (_, { shape }) => shape,
  dtype: null,
  vjp: (_, ct, [x]) => reshape(ct, x!.layout.shape),
  jvp: "linear",
};

/**
 * Reorders axes, $y_{k i j} = x_{i j k}$ by `[2, 0, 1]`: axis `i` of the result is axis `axes[i]` of `x`. A view.
 *
 * @derivative the cotangent, its axes put back in order
 * @throws {@link ShapeError} if `axes` is not a permutation of all axes
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([2, 3, 4]).permute([2, 0, 1]).shape; // → [4,2,3]
 * ```
 */
export const permute: (x: TensorLike, axes: readonly number[]) => Tensor = function permute(x, axes) {
  const t = asTensor("permute", x);
  const { rank } = t;
  if (!Array.isArray(axes) || axes.length !== rank)
    throw new ShapeError(
      `permute: expected a list of the ${rank} axes of ${showShape(t.layout.shape)}, each once, got ${describe(axes)}; write them as in [${Array.from({ length: rank }, (_, axis) => axis).join(", ")}]`,
    );
  const order = Array.from(axes as readonly number[], (axis) => normalizeAxis("permute", axis, rank));
  if (new Set(order).size !== rank)
    throw new ShapeError(
      `permute: expected every axis of ${showShape(t.layout.shape)} once, got ${showShape(axes)}; name none twice`,
    );
  return reorder(t, order);
};

/** `permute` by axes known to be all, each once. */
export function reorder(x: Tensor, axes: readonly number[]): Tensor {
  return apply(permutePrimitive, [x], { axes });
}

const permutePrimitive: Primitive<AxesParams> = {
  name: "permute",
  kernel: {
    kind: "view",
    view: (layout, { axes }) => ({ layout: reorderedLayout(layout, axes), shift: 0 }),
  },
  shape: (shapes, { axes }) => pick(shapes[0]!, axes),
  dtype: null,
  vjp: (_, ct, _x, _y, { axes }) =>
    reorder(
      ct,
      axes.map((_a, i) => axes.indexOf(i)),
    ),
  jvp: "linear",
};

/** Zeros of a shape and dtype, as one repeated element. */
export function zerosOf(shape: Shape, dtype: DType): Tensor {
  return stretch(astype(asTensor("zeros", 0), dtype), shape);
}
