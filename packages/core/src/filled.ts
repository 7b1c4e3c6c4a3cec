/**
 * Tensors filled by a rule.
 * @module
 */
import { checkedCast, fill, type DTypeOptions } from "./construct.js";
import { context } from "./context.js";
import { checkDtype, type DType } from "./dtype.js";
import { ArgumentError, checkOptions, describe, DTypeError, ShapeError } from "./errors.js";
import { expectTensor } from "./operand.js";
import { checkShape, contiguousLayout, sizeOf, type Shape } from "./shape.js";
import { allocate, allocatedOffset } from "./storage.js";
import { Tensor } from "./tensor.js";

/**
 * A tensor of a shape with one value everywhere.
 *
 * @throws {@link ShapeError} if the shape is malformed
 * @example
 * ```ts
 * import { full } from "@cotangent/core";
 * full([2, 2], 7).toArray(); // → [[7,7],[7,7]]
 * ```
 */
export function full(shape: Shape, value: number, options?: DTypeOptions): Tensor {
  if (typeof value !== "number") throw new ArgumentError(`full: expected a number, got ${describe(value)}`);
  return constant("full", shape, value, options);
}

function constant(operator: string, shape: Shape, value: number, options: DTypeOptions | undefined): Tensor {
  checkOptions(operator, options, ["dtype"]);
  const known = checkShape(operator, shape);
  const dtype = checkDtype(operator, options?.dtype ?? context.defaultDtype);
  const data = allocate(dtype, sizeOf(known));
  const offset = allocatedOffset;
  const element = checkedCast(operator, value, dtype);
  if (element !== 0 || Object.is(element, -0)) data.fill(element, offset, offset + sizeOf(known));
  return new Tensor(contiguousLayout(known), dtype, data, offset);
}

/**
 * Zeros of a shape.
 *
 * @example
 * ```ts
 * import { zeros } from "@cotangent/core";
 * zeros([3]).toArray(); // → [0,0,0]
 * ```
 */
export function zeros(shape: Shape, options?: DTypeOptions): Tensor {
  return constant("zeros", shape, 0, options);
}

/**
 * Ones of a shape.
 *
 * @example
 * ```ts
 * import { ones } from "@cotangent/core";
 * ones([3]).toArray(); // → [1,1,1]
 * ```
 */
export function ones(shape: Shape, options?: DTypeOptions): Tensor {
  return constant("ones", shape, 1, options);
}

/**
 * Zeros of the shape and dtype of `x`.
 *
 * @example
 * ```ts
 * import { tensor, zerosLike } from "@cotangent/core";
 * zerosLike(tensor([1, 2])).toArray(); // → [0,0]
 * ```
 */
export function zerosLike(x: Tensor): Tensor {
  return constant("zerosLike", expectTensor("zerosLike", x).shape, 0, { dtype: x.dtype });
}

/**
 * Ones of the shape and dtype of `x`.
 *
 * @example
 * ```ts
 * import { onesLike, tensor } from "@cotangent/core";
 * onesLike(tensor([1, 2])).toArray(); // → [1,1]
 * ```
 */
export function onesLike(x: Tensor): Tensor {
  return constant("onesLike", expectTensor("onesLike", x).shape, 1, { dtype: x.dtype });
}

function filled(
  operator: string,
  shape: Shape,
  options: DTypeOptions | undefined,
  element: (index: number) => number,
): Tensor {
  checkOptions(operator, options, ["dtype"]);
  return fill(
    operator,
    Float64Array.from({ length: sizeOf(shape) }, (_, i) => element(i)),
    shape,
    checkDtype(operator, options?.dtype ?? context.defaultDtype),
  );
}

/**
 * The identity matrix, or ones on the diagonal of a `[rows, columns]` matrix.
 *
 * @example
 * ```ts
 * import { eye } from "@cotangent/core";
 * eye(2).toArray(); // → [[1,0],[0,1]]
 * ```
 */
export function eye(rows: number, columns: number = rows, options?: DTypeOptions): Tensor {
  const shape = checkShape("eye", [rows, columns]);
  return filled("eye", shape, options, (i) => (Math.floor(i / columns) === i % columns ? 1 : 0));
}

/**
 * Numbers from `start` up to but not including `stop`, `step` apart.
 *
 * @throws {@link ArgumentError} if a number is not finite or the step is 0
 * @example
 * ```ts
 * import { arange } from "@cotangent/core";
 * arange(0, 1, 0.25).toArray(); // → [0,0.25,0.5,0.75]
 * ```
 */
export function arange(start: number, stop: number, step = 1, options?: DTypeOptions): Tensor {
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    throw new ArgumentError(
      `arange: expected finite start, stop and a step that is not 0, got ${[start, stop, step].map(describe).join(", ")}`,
    );
  const count = checkShape("arange", [Math.max(0, Math.ceil((stop - start) / step))]);
  return filled("arange", count, options, (i) => start + i * step);
}

/**
 * `count` numbers from `start` to `stop`, both included, equally far apart.
 *
 * @throws {@link ArgumentError} if a bound is not finite
 * @throws {@link ShapeError} if the count is not an integer from 0
 * @example
 * ```ts
 * import { linspace } from "@cotangent/core";
 * linspace(0, 1, 3).toArray(); // → [0,0.5,1]
 * ```
 */
export function linspace(start: number, stop: number, count: number, options?: DTypeOptions): Tensor {
  if (!Number.isFinite(start) || !Number.isFinite(stop))
    throw new ArgumentError(`linspace: expected finite bounds, got ${describe(start)} and ${describe(stop)}`);
  const shape = checkShape("linspace", [count]);
  return filled("linspace", shape, options, (i) =>
    i === count - 1 && i > 0 ? stop : start + (i * (stop - start)) / Math.max(1, count - 1),
  );
}

/**
 * Rows that are 1 at the index and 0 elsewhere, `[…, classes]` from indices `[…]`.
 *
 * @throws {@link DTypeError} if the indices are not int32
 * @throws {@link ShapeError} if an index is negative or not below `classes`
 * @example
 * ```ts
 * import { oneHot, tensor } from "@cotangent/core";
 * oneHot(tensor([0, 2], { dtype: "int32" }), { classes: 3 }).toArray(); // → [[1,0,0],[0,0,1]]
 * ```
 */
export function oneHot(
  indices: Tensor,
  options: { readonly classes: number; readonly dtype?: DType | undefined },
): Tensor {
  checkOptions("oneHot", options, ["classes", "dtype"], ["classes"]);
  if (!(indices instanceof Tensor) || indices.dtype !== "int32")
    throw new DTypeError(
      `oneHot: expected int32 indices, got ${indices instanceof Tensor ? indices.dtype : describe(indices)}; use astype("int32")`,
    );
  const { classes } = options;
  const [, checked] = checkShape("oneHot", [1, classes]);
  const picked = indices.toTypedArray();
  for (const index of picked)
    if (index < 0 || index >= checked!)
      throw new ShapeError(`oneHot: expected indices from 0 to ${classes - 1}, got ${index}`);
  return filled("oneHot", [...indices.shape, classes], { dtype: options.dtype }, (i) =>
    picked[Math.floor(i / classes)] === i % classes ? 1 : 0,
  );
}
