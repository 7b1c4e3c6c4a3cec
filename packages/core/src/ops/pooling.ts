/**
 * Maxima and means over windows.
 * @module
 */
import { tensor } from "../construct.js";
import type { TypedArray } from "../dtype.js";
import { checkOptions, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { showShape, sizeOf } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { div, mul } from "./arithmetic.js";
import { computable } from "./elementwise.js";
import { gather } from "./indexing.js";
import { permute, reshape, sum } from "./linear.js";
import { join, sliceAlong } from "./regions.js";
import { mean } from "./reduction.js";
import { elementsIn, marginsOf, poolAxes, spanOf, type PoolAxis, type PoolOptions, type Span } from "./poolAxes.js";
import { checkImage, perAxis, surround, windows } from "./windows.js";
import { booleanOption } from "./options.js";

export type { PoolOptions } from "./poolAxes.js";

/** Options of average pools. */
export interface AveragePoolOptions extends PoolOptions {
  /** Whether the padding counts as elements, zeros, of a window. Default: true. */
  readonly countIncludePad?: boolean | undefined;
}

/** A pool that picks. */
export type MaxPool = (x: TensorLike, options: PoolOptions) => Tensor;

/** A pool that averages. */
export type AveragePool = (x: TensorLike, options: AveragePoolOptions) => Tensor;

const names = ["window", "stride", "padding", "dilation", "ceilMode"];

/** An axis of one element and one window, for pools along a single axis. */
const onlyAxis: PoolAxis = {
  size: 1, stride: 1, dilation: 1, n: 1, count: 1, margin: { before: 0, after: 0 }, beyond: 0,
}; // prettier-ignore

/**
 * Which element of each window is the largest, `[lead, ...space]` to `[lead, windows]`, counted along the axes of space.
 * The padding takes no part. A kernel of its own, as windows laid side by side for `argmax` cost ten times as much.
 */
const largestPrimitive: Primitive<{ readonly axes: readonly PoolAxis[] }> = {
  name: "largest",
  kernel: {
    kind: "routine",
    run: ([x], [shape], { axes }, places) => {
      const [rows, columns] = (axes.length === 1 ? [onlyAxis, axes[0]!] : axes) as readonly [PoolAxis, PoolAxis];
      const spans = Array.from({ length: rows.count }, (_, o) => spanOf(rows, o, 0, rows.n));
      const left = new Int32Array(columns.count);
      const right = new Int32Array(columns.count);
      for (let o = 0; o < columns.count; o++) {
        const { first, end } = spanOf(columns, o, 0, columns.n);
        left[o] = first;
        right[o] = end;
      }
      for (let plane = 0; plane < shape![0]!; plane++) {
        const elements = x!.subarray(plane * rows.n * columns.n, (plane + 1) * rows.n * columns.n);
        spans.forEach((span, row) => {
          const start = (plane * rows.count + row) * columns.count;
          largestInRow(elements, span, rows.dilation, columns, left, right, places.subarray(start));
        });
      }
    },
  },
  shape: ([x], { axes }) => [x![0]!, sizeOf(axes.map(({ count }) => count))],
  dtype: () => "int32",
  vjp: null,
  jvp: null,
};

/** The first largest element, or the first NaN, of each window in a row of windows. */
function largestInRow(
  x: TypedArray,
  { first, end }: Span,
  step: number,
  { n, count, dilation }: PoolAxis,
  left: Int32Array,
  right: Int32Array,
  places: TypedArray,
): void {
  for (let o = 0; o < count; o++) {
    let at = first * n + left[o]!;
    let best = x[at]!;
    for (let i = first; i < end; i += step)
      for (let p = i * n + left[o]!, stop = i * n + right[o]!; p < stop; p += dilation) {
        const value = x[p]!;
        if (!(value <= best) && best === best) {
          best = value;
          at = p;
        }
      }
    places[o] = at;
  }
}

function maxPool(operator: string, rank: number): MaxPool {
  return function pool(x, options) {
    checkOptions(operator, options, names, ["window"]);
    const t = computable(asTensor(operator, x), "same");
    checkImage(operator, t, rank);
    const axes = poolAxes(operator, t, rank, options);
    const space = t.layout.shape.slice(2);
    const planes = reshape(t, [sizeOf(t.layout.shape.slice(0, 2)), sizeOf(space)]);
    const largest = apply(largestPrimitive, [planes], { axes });
    const picked = gather(planes, largest, { axis: 1 });
    return reshape(picked, [...t.layout.shape.slice(0, 2), ...axes.map(({ count }) => count)]);
  };
}

function averagePool(operator: string, rank: number): AveragePool {
  return function pool(x, options) {
    checkOptions(operator, options, [...names, "countIncludePad"], ["window"]);
    const t = computable(asTensor(operator, x), "float");
    checkImage(operator, t, rank);
    const axes = poolAxes(operator, t, rank, options);
    const countIncludePad = booleanOption(operator, "countIncludePad", options.countIncludePad ?? true);
    const around = windows(surround(t, marginsOf(axes)), axes);
    // Windows outermost: their sum runs along whole rows.
    const inside = axes.map((_, i) => 2 + rank + i);
    const outside = around.layout.shape.slice(0, 2 + rank);
    const terms = permute(around, [...inside, ...outside.map((_, i) => i)]);
    const volume = sizeOf(axes.map(({ size }) => size));
    const total = reshape(sum(reshape(terms, [volume, sizeOf(outside)]), { axis: 0 }), outside);
    return div(total, divisors(axes, countIncludePad, t));
  };
}

/** How many elements count in each window; a number if it is always the same. */
function divisors(axes: readonly PoolAxis[], withPadding: boolean, like: Tensor): TensorLike {
  const factors = axes.map((axis) => {
    if (axis.beyond === 0 && (withPadding || axis.margin.before + axis.margin.after === 0)) return axis.size;
    const [low, high] = withPadding ? [-axis.margin.before, axis.n + axis.margin.after] : [0, axis.n];
    const counts = Float64Array.from({ length: axis.count }, (_, o) => elementsIn(axis, o, low, high));
    return counts.every((n) => n === counts[0]) ? (counts[0] ?? 1) : counts;
  });
  return factors.reduce<TensorLike>((product, factor, i) => {
    const along = axes.map((axis, j) => (i === j ? axis.count : 1));
    return mul(product, typeof factor === "number" ? factor : tensor(factor, { shape: along, dtype: like.dtype }));
  }, 1);
}

/**
 * Largest element of each window, $y_{b c i} = \max_k x_{b, c, s i + d k - p}$.
 *
 * - `x`: shape `[batch, channels, length]`
 * @returns shape `[batch, channels, ⌊(length + 2p - d (window - 1) - 1) / s⌋ + 1]`
 * @derivative 1 for the element picked, 0 for the others; added up where windows overlap
 * @kink ties go to the first in row-major order; the padding is never picked; NaN wins over numbers
 * @throws {@link ShapeError} if the rank is another or a window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be, such as padding of more than half a window
 * @example
 * ```ts
 * import { grad, tensor } from "@cotangent/core";
 * const x = tensor([[[1, 3, 3, 2]]]);
 * x.maxPool1d({ window: 2 }).toArray(); // → [[[3,3]]]
 * grad((x) => x.maxPool1d({ window: 3, stride: 1 }).sum())(x).toArray(); // → [[[0,2,0,0]]]
 * ```
 */
export const maxPool1d: MaxPool = maxPool("maxPool1d", 1);

/**
 * Largest element of each window along two axes, $y_{b c i} = \max_k x_{b, c, s i + d k - p}$ with pairs $i$ and $k$ of
 * indices; as `maxPool1d`, but each option is a number or one for each axis.
 *
 * - `x`: shape `[batch, channels, height, width]`
 * @returns shape `[batch, channels, …, …]`
 * @derivative as that of `maxPool1d`
 * @kink as those of `maxPool1d`
 * @throws {@link ShapeError} if the rank is another or a window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be, such as padding of more than half a window
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([[[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]]);
 * x.maxPool2d({ window: 2 }).toArray(); // → [[[[5]]]]
 * x.maxPool2d({ window: 2, ceilMode: true }).toArray(); // → [[[[5,6],[8,9]]]]
 * ```
 */
export const maxPool2d: MaxPool = maxPool("maxPool2d", 2);

/**
 * Mean of each window, $y_{b c i} = \frac{1}{n_i} \sum_k x_{b, c, s i + d k - p}$ with the number $n_i$ of elements
 * that count. Zeros of the padding count unless `countIncludePad` is false; what lies beyond the padding, under
 * `ceilMode`, never does.
 *
 * - `x`: shape `[batch, channels, length]`
 * @returns shape `[batch, channels, ⌊(length + 2p - d (window - 1) - 1) / s⌋ + 1]`
 * @derivative for each element of a window the cotangent over the number of elements that count; added up where windows
 *   overlap
 * @throws {@link ShapeError} if the rank is another or a window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be, such as padding of more than half a window
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([[[2, 4, 6, 8]]]);
 * x.avgPool1d({ window: 2 }).toArray(); // → [[[3,7]]]
 * x.avgPool1d({ window: 2, padding: 1, countIncludePad: false }).toArray(); // → [[[2,5,8]]]
 * ```
 */
export const avgPool1d: AveragePool = averagePool("avgPool1d", 1);

/**
 * Mean of each window along two axes, $y_{b c i} = \frac{1}{n_i} \sum_k x_{b, c, s i + d k - p}$ with pairs $i$ and $k$
 * of indices; as `avgPool1d`, but each option is a number or one for each axis.
 *
 * - `x`: shape `[batch, channels, height, width]`
 * @returns shape `[batch, channels, …, …]`
 * @derivative as that of `avgPool1d`
 * @throws {@link ShapeError} if the rank is another or a window is larger than the padded input
 * @throws {@link ArgumentError} if an option is not what it should be, such as padding of more than half a window
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * tensor([[[[1, 2, 3], [5, 6, 7]]]]).avgPool2d({ window: 2, stride: 1 }).toArray(); // → [[[[3.5,4.5]]]]
 * ```
 */
export const avgPool2d: AveragePool = averagePool("avgPool2d", 2);

/**
 * Means over as many windows as the output shall have elements: the i-th of m windows over n elements begins at
 * $\lfloor i n / m \rfloor$ and ends before $\lceil (i + 1) n / m \rceil$.
 *
 * - `x`: shape `[batch, channels, height, width]`
 * - `size`: of the output, one number or `[height, width]`
 * @returns shape `[batch, channels, ...size]`
 * @derivative for each element of a window the cotangent over the number of its elements; added up where windows
 *   overlap
 * @throws {@link ShapeError} if the rank is another or there is nothing to average
 * @throws {@link ArgumentError} if a size is not an integer from 1
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([[[[1, 2, 3], [4, 5, 6]]]]);
 * x.adaptiveAvgPool2d(1).toArray(); // → [[[[3.5]]]]
 * x.adaptiveAvgPool2d([1, 2]).toArray(); // → [[[[3,4]]]]
 * ```
 */
export const adaptiveAvgPool2d: (x: TensorLike, size: number | readonly number[]) => Tensor =
  function adaptiveAvgPool2d(x, size) {
    const t = computable(asTensor("adaptiveAvgPool2d", x), "float");
    checkImage("adaptiveAvgPool2d", t, 2);
    if (sizeOf(t.layout.shape.slice(2)) === 0)
      throw new ShapeError(`adaptiveAvgPool2d: expected elements to average, got shape ${showShape(t.layout.shape)}`);
    const [rows, columns] = perAxis("adaptiveAvgPool2d", "size", size, 2, 1) as [number, number];
    if (Math.max(rows, columns) > mostRanges)
      throw new ShapeError(`adaptiveAvgPool2d: expected sizes up to ${mostRanges}, got [${rows}, ${columns}]`);
    return meansAlong(meansAlong(t, 2, rows), 3, columns);
  };

const mostRanges = 65536;

/** Means over `count` ranges along an axis. */
function meansAlong(x: Tensor, axis: number, count: number): Tensor {
  const { shape } = x.layout;
  const n = shape[axis]!;
  const means = Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * n) / count);
    return mean(sliceAlong(x, axis, start, Math.ceil(((i + 1) * n) / count) - start), { axis, keepDims: true });
  });
  return join(means, axis);
}
