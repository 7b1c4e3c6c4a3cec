/**
 * Cutting a tensor into parts along an axis.
 * @module
 */
import { checkOptions, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { normalizeAxis, showShape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { integerOption } from "./options.js";
import { needAxis, reshape } from "./linear.js";
import { withoutAxes } from "./reduceOptions.js";
import { sliceAlong } from "./regions.js";

function cut(x: Tensor, sizes: readonly number[], axis: number): Tensor[] {
  let next = 0;
  return sizes.map((size) => {
    next += size;
    return sliceAlong(x, axis, next - size, size);
  });
}

/** As many parts of one size as fit into `n`, and a smaller one where something is left. */
function equalParts(n: number, size: number): number[] {
  const count = Math.max(1, Math.ceil(n / size));
  return Array.from({ length: count }, (_, i) => Math.min(size, n - i * size));
}

/** Options of `split`. */
export interface SplitOptions {
  /** The size of every part, the last one may be smaller; or the sizes of all parts. */
  readonly sizes: number | readonly number[];
  /** Negative counts from the last. Default: 0. */
  readonly axis?: number | undefined;
}

/**
 * Cuts a tensor into parts along an axis, $x = (y_1, y_2, …)$, by size. Views. An empty axis gives one empty part to a
 * single size.
 *
 * - `x`: shape `[…, n, …]`
 * @returns parts of shape `[…, size, …]`
 * @derivative the cotangents of the parts, joined again; 0 for a part without one
 * @throws {@link ArgumentError} if a size is not an integer, or the only size is below 1
 * @throws {@link ShapeError} if the axis is out of range, or listed sizes do not add up to it
 * @example
 * ```ts
 * import { arange } from "@cotangent/core";
 * arange(0, 5).split({ sizes: 2 }).map((part) => part.toArray()); // → [[0,1],[2,3],[4]]
 * arange(0, 5).split({ sizes: [1, 4] }).map((part) => part.size); // → [1,4]
 * ```
 */
export const split: (x: TensorLike, options: SplitOptions) => Tensor[] = function split(x, options) {
  const t = asTensor("split", x);
  checkOptions("split", options, ["sizes", "axis"], ["sizes"]);
  needAxis("split", t);
  const axis = normalizeAxis("split", options.axis, t.rank, 0);
  const n = t.layout.shape[axis]!;
  const { sizes } = options;
  if (!Array.isArray(sizes)) return cut(t, equalParts(n, integerOption("split", "sizes", sizes, 1)), axis);
  const list = (sizes as readonly unknown[]).map((size) => integerOption("split", "each of sizes", size, 0));
  const total = list.reduce((a, b) => a + b, 0);
  if (total !== n)
    throw new ShapeError(
      `split: expected sizes that add up to the ${n} elements along axis ${axis} of ${showShape(t.layout.shape)}, got ${showShape(list)}, together ${total}; give the last part what is left`,
    );
  return cut(t, list, axis);
};

/** Options of `chunk`. */
export interface ChunkOptions {
  /** How many parts at most. */
  readonly chunks: number;
  /** Negative counts from the last. Default: 0. */
  readonly axis?: number | undefined;
}

/**
 * Cuts a tensor into at most `chunks` parts of size $\lceil n / \text{chunks} \rceil$ along an axis; the last one may be
 * smaller, and there are fewer where the elements run out (PyTorch's sizes). An empty axis gives `chunks` empty parts.
 * Views.
 *
 * - `x`: shape `[…, n, …]`
 * @derivative the cotangents of the parts, joined again; 0 for a part without one
 * @throws {@link ArgumentError} if `chunks` is not an integer from 1
 * @throws {@link ShapeError} if the axis is out of range
 * @example
 * ```ts
 * import { arange } from "@cotangent/core";
 * arange(0, 5).chunk({ chunks: 2 }).map((part) => part.toArray()); // → [[0,1,2],[3,4]]
 * arange(0, 6).chunk({ chunks: 4 }).map((part) => part.size); // → [2,2,2]
 * ```
 */
export const chunk: (x: TensorLike, options: ChunkOptions) => Tensor[] = function chunk(x, options) {
  const t = asTensor("chunk", x);
  checkOptions("chunk", options, ["chunks", "axis"], ["chunks"]);
  needAxis("chunk", t);
  const axis = normalizeAxis("chunk", options.axis, t.rank, 0);
  const chunks = integerOption("chunk", "chunks", options.chunks, 1);
  const n = t.layout.shape[axis]!;
  return cut(t, n === 0 ? new Array<number>(chunks).fill(0) : equalParts(n, Math.ceil(n / chunks)), axis);
};

/**
 * The slices along an axis, without it, $(y_i)_j = x_{i j}$ along 0: undoes `stack`. Views.
 *
 * - `x`: shape `[…, n, …]`
 * @returns `n` tensors of the shape without the axis
 * @derivative the cotangents of the slices, stacked again; 0 for a slice without one
 * @throws {@link ShapeError} if the axis is out of range, or the tensor is a scalar
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[1, 2], [3, 4]]).unstack({ axis: 1 }).map((column) => column.toArray()); // → [[1,3],[2,4]]
 * ```
 */
export const unstack: (x: TensorLike, options?: { readonly axis?: number | undefined }) => Tensor[] = function unstack(
  x,
  options,
) {
  const t = asTensor("unstack", x);
  checkOptions("unstack", options, ["axis"]);
  needAxis("unstack", t);
  const axis = normalizeAxis("unstack", options?.axis, t.rank, 0);
  const { shape } = t.layout;
  return cut(t, new Array<number>(shape[axis]!).fill(1), axis).map((part) => reshape(part, withoutAxes(shape, [axis])));
};
