/**
 * Making tensors from plain values.
 * @module
 */
import { context, withRecording } from "./context.js";
import { castNumber, checkDtype, isFloat, type DType, type NestedArray, type TypedArray } from "./dtype.js";
import { ArgumentError, checkOptions, describe, DTypeError, GradientError, ShapeError } from "./errors.js";
import { leafPrimitive, sameValue } from "./leaf.js";
import { Node } from "./node.js";
import { apply } from "./primitive.js";
import { checkShape, contiguousLayout, scalarLayout, showShape, sizeOf, type Shape } from "./shape.js";
import { allocate, allocatedOffset, isDetached } from "./storage.js";
import { scalarTensor, Tensor } from "./tensor.js";

/** What a tensor can be made of. */
export type TensorData =
  | NestedArray
  | readonly (number | boolean | readonly unknown[])[]
  | Float64Array
  | Float32Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Tensor;

/** Options of `tensor`. */
export interface TensorOptions {
  /** Default: the nesting of the data; the length of a typed array. */
  readonly shape?: Shape | undefined;
  /** Default: that of the data; the default dtype for plain numbers, bool for booleans. */
  readonly dtype?: DType | undefined;
  /** Whether derivatives by this tensor are wanted. Default: false. */
  readonly requiresGrad?: boolean | undefined;
}

/** Options of constructors that fill. */
export interface DTypeOptions {
  /** Default: the default dtype. */
  readonly dtype?: DType | undefined;
}

/**
 * A tensor of nested numbers or booleans, a typed array, a number, or another tensor's values. The data are copied.
 *
 * @throws {@link ShapeError} if rows differ in length or `shape` does not fit
 * @throws {@link ArgumentError} if an element is neither a number nor a boolean
 * @throws {@link GradientError} if `requiresGrad` is asked of int32 or bool
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).shape; // → [2,2]
 * tensor(new Float32Array([1, 2, 3, 4]), { shape: [2, 2] }).dtype; // → float32
 * tensor([true, false]).dtype; // → bool
 * ```
 */
export function tensor(data: TensorData, options?: TensorOptions): Tensor {
  checkOptions("tensor", options, ["shape", "dtype", "requiresGrad"]);
  const made = construct(
    "tensor",
    data,
    options?.shape,
    options?.dtype === undefined ? undefined : checkDtype("tensor", options.dtype),
  );
  return options?.requiresGrad === true ? track("tensor", made) : made;
}

function construct(operator: string, data: TensorData, wanted: Shape | undefined, dtype: DType | undefined): Tensor {
  if (data instanceof Tensor) return fill(operator, data.toTypedArray(), wanted ?? data.shape, dtype ?? data.dtype);
  if (ArrayBuffer.isView(data) && isDetached(data))
    throw new ArgumentError(
      `${operator}: expected a typed array with its elements, got one whose buffer was transferred away, for example by postMessage; make the tensor first`,
    );
  if (ArrayBuffer.isView(data))
    return fill(operator, data, wanted ?? [data.length], dtype ?? dtypeOfArray(operator, data));
  if (typeof data === "number" && wanted === undefined) {
    const type = dtype ?? context.defaultDtype;
    return scalarTensor(scalarLayout, type, checkedCast(operator, data, type));
  }
  const shape: number[] = [];
  const flat: number[] = [];
  const kind = flattenInto(operator, data, 0, shape, flat);
  return fill(operator, flat, wanted ?? shape, dtype ?? (kind === "boolean" ? "bool" : context.defaultDtype));
}

/** More axes than anyone needs; nested deeper, the arrays contain themselves. */
const deepest = 64;

/** Appends the elements in row-major order, checks that rows are equally long, and says what the elements are. */
function flattenInto(
  operator: string,
  data: unknown,
  depth: number,
  shape: number[],
  flat: number[],
): "number" | "boolean" {
  if (!Array.isArray(data)) {
    if (depth !== shape.length)
      throw new ShapeError(
        `${operator}: expected rows of equal depth, got ${describe(data)} beside arrays at depth ${depth}`,
      );
    if (typeof data === "number") flat.push(data);
    else if (typeof data === "boolean") flat.push(data ? 1 : 0);
    else
      throw new ArgumentError(
        `${operator}: expected numbers or booleans, got ${describe(data)}${data instanceof Tensor ? "; join tensors with stack or concat" : ""}`,
      );
    return typeof data as "number" | "boolean";
  }
  if (depth === deepest)
    throw new ShapeError(
      `${operator}: expected arrays nested at most ${deepest} deep, got deeper ones; is one part of itself?`,
    );
  if (flat.length === 0 && depth === shape.length) shape.push(data.length);
  else if (depth >= shape.length || shape[depth] !== data.length)
    throw new ShapeError(
      `${operator}: expected rows of equal length, got ${describe(data)} where ${depth < shape.length ? `${shape[depth]!} elements` : "a single element"} stood before (depth ${depth}); pad or cut the ragged rows`,
    );
  let kind: "number" | "boolean" | null = null;
  for (const item of data as unknown[]) {
    const here = flattenInto(operator, item, depth + 1, shape, flat);
    if (kind !== null && here !== kind)
      throw new ArgumentError(
        `${operator}: expected numbers or booleans, got a mixture of both; write 1 and 0 for the booleans`,
      );
    kind = here;
  }
  return kind ?? "number";
}

function dtypeOfArray(operator: string, data: TypedArray | ArrayBufferView): DType {
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Float32Array) return "float32";
  if (
    data instanceof Int32Array ||
    data instanceof Int16Array ||
    data instanceof Int8Array ||
    data instanceof Uint8Array ||
    data instanceof Uint8ClampedArray ||
    data instanceof Uint16Array
  )
    return "int32";
  throw new DTypeError(
    `${operator}: expected a Float64Array, Float32Array, Int32Array or a smaller integer array, got ${describe(data)}; convert its values first`,
  );
}

/** The number as an element of `dtype`. @throws {@link DTypeError} if int32 has no such number */
export function checkedCast(operator: string, value: number, dtype: DType): number {
  if (dtype === "int32" && !(Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 31))
    throw new DTypeError(
      `${operator}: expected integers from -2^31 to 2^31 - 1 for dtype int32, got ${value}; use astype("int32") to truncate`,
    );
  return castNumber(value, dtype);
}

/** A tensor of these elements, in row-major order. @throws {@link ShapeError} if they are too many or too few */
export function fill(operator: string, values: ArrayLike<number>, wanted: Shape, dtype: DType): Tensor {
  const shape = checkShape(operator, wanted);
  const size = sizeOf(shape);
  if (size !== values.length)
    throw new ShapeError(
      `${operator}: expected ${size} elements for shape ${showShape(shape)}, got ${values.length}; give a shape whose sizes multiply to ${values.length}`,
    );
  const data = allocate(dtype, size);
  const offset = allocatedOffset;
  if (isFloat(dtype)) data.set(values, offset);
  else for (let i = 0; i < size; i++) data[offset + i] = checkedCast(operator, values[i]!, dtype);
  return new Tensor(contiguousLayout(shape), dtype, data, offset);
}

/** Makes a fresh handle a leaf of the graph. */
function track(operator: string, x: Tensor): Tensor {
  if (!isFloat(x.dtype))
    throw new GradientError(
      `${operator}: expected a float tensor for derivatives, got ${x.dtype}; convert it with astype("float64") first`,
    );
  x.origin = new Node(leafPrimitive as never, [], undefined);
  return x;
}

/**
 * A fresh leaf of the graph with the value of `x`, by which derivatives are wanted. No history is kept, so a loop
 * `w = variable(w.sub(g.mul(rate)))` holds its memory flat.
 *
 * @throws {@link GradientError} if `x` is int32 or bool
 * @example
 * ```ts
 * import { variable } from "@cotangent/core";
 * const x = variable(3);
 * x.square().backward().get(x).item(); // → 6
 * ```
 */
export function variable(x: TensorData): Tensor {
  if (!(x instanceof Tensor)) return track("variable", construct("variable", x, undefined, undefined));
  // An example of vmap has no buffer of its own.
  if (context.evaluate !== null)
    return track("variable", withRecording(false, () => apply(leafPrimitive, [x], undefined))); // prettier-ignore
  return track("variable", sameValue(x));
}

/**
 * A scalar: a tensor of shape `[]`.
 *
 * @throws {@link ArgumentError} if the value is not a number
 * @example
 * ```ts
 * import { scalar } from "@cotangent/core";
 * scalar(2.5).add(1).item(); // → 3.5
 * ```
 */
export function scalar(value: number, options?: DTypeOptions): Tensor {
  if (typeof value !== "number") throw new ArgumentError(`scalar: expected a number, got ${describe(value)}`);
  checkOptions("scalar", options, ["dtype"]);
  const dtype = options?.dtype === undefined ? undefined : checkDtype("scalar", options.dtype);
  return construct("scalar", value, undefined, dtype);
}
