/**
 * Cutting off and continuing a tensor at its borders.
 * @module
 */
import { tensor } from "../construct.js";
import { castNumber, isFloat } from "../dtype.js";
import { ArgumentError, checkOptions, describe, ShapeError } from "../errors.js";
import { asTensor } from "../operand.js";
import { apply, type Primitive } from "../primitive.js";
import { checkShape, showShape, type Shape } from "../shape.js";
import type { Tensor, TensorLike } from "../tensor.js";
import { take } from "./indexing.js";
import { showList } from "./lines.js";
import { embed, regionAt, sliceRanges, type Range } from "./regions.js";

/** Options of `pad`. */
export interface PadOptions {
  /** For each axis, how many elements to add before and after; negative ones are cut off. */
  readonly widths: readonly (readonly [number, number])[];
  /**
   * What to add: `value`; the elements mirrored at the outermost ones, which are not repeated; the outermost element;
   * those of the other end. Default: `"constant"`.
   */
  readonly mode?: "constant" | "reflect" | "replicate" | "circular" | undefined;
  /** Default: 0. Only with the mode `"constant"`. */
  readonly value?: number | undefined;
}

interface PadParams {
  readonly ranges: readonly Range[];
  readonly shape: Shape;
  readonly value: number;
}

const padPrimitive: Primitive<PadParams> = {
  name: "pad",
  kernel: { kind: "assemble", fill: ({ value }) => value, regions: regionAt },
  shape: (_, { shape }) => shape,
  dtype: null,
  vjp: (_, ct, _x, _y, { ranges }) => sliceRanges(ct, ranges),
  jvp: ([tangent], _x, _y, { ranges, shape }) => embed(tangent!, ranges, shape),
};

/** Where the element at `i`, which may lie outside of `0 … n - 1`, comes from; and how far outside it may lie. */
const continuations = {
  reflect: {
    source: (i: number, n: number) => (i < 0 ? -i : i < n ? i : 2 * (n - 1) - i),
    reach: (n: number) => n - 1,
  },
  replicate: {
    source: (i: number, n: number) => Math.min(Math.max(i, 0), n - 1),
    reach: (n: number) => (n > 0 ? Infinity : 0),
  },
  circular: { source: (i: number, n: number) => (i + n) % n, reach: (n: number) => n },
};

const padModes = ["constant", ...Object.keys(continuations)];

/**
 * Adds elements before and after, along each axis: $y_i = x_{i - b}$ behind b new ones. Negative widths cut off first,
 * then what is left is padded.
 *
 * - `x`: shape `[n₁, …]`
 * @returns shape `[before₁ + n₁ + after₁, …]`
 * @derivative the part of the cotangent where the elements stand; copies add theirs to their source; what is cut off
 *   gets 0
 * @throws {@link ArgumentError} if there is not one pair of integers for each axis, there is no such mode, or the value
 *   is no element of the dtype or of no use to the mode
 * @throws {@link ShapeError} if more is cut off than there is, `"reflect"` is asked for `n` elements or more, or
 *   `"circular"` for more than `n`
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * const x = tensor([1, 2, 3]);
 * x.pad({ widths: [[1, 2]], value: 9 }).toArray(); // → [9,1,2,3,9,9]
 * x.pad({ widths: [[2, -1]] }).toArray(); // → [0,0,1,2]
 * x.pad({ widths: [[2, 2]], mode: "reflect" }).toArray(); // → [3,2,1,2,3,2,1]
 * x.pad({ widths: [[1, 1]], mode: "replicate" }).toArray(); // → [1,1,2,3,3]
 * x.pad({ widths: [[1, 1]], mode: "circular" }).toArray(); // → [3,1,2,3,1]
 * ```
 */
export const pad: (x: TensorLike, options: PadOptions) => Tensor = function pad(x, options) {
  const t = asTensor("pad", x);
  checkOptions("pad", options, ["widths", "mode", "value"], ["widths"]);
  const { mode = "constant", value } = options;
  if (!padModes.includes(mode))
    throw new ArgumentError(`pad: expected a mode ${padModes.map((m) => `"${m}"`).join(", ")}, got ${describe(mode)}`);
  const widths = checkWidths(t, options.widths);
  const kept = widths.map(([before, after], axis) => ({
    start: Math.max(0, -before),
    step: 1,
    count: t.layout.shape[axis]! + Math.min(0, before) + Math.min(0, after),
  }));
  if (kept.some(({ count }) => count < 0))
    throw new ShapeError(
      `pad: expected to cut off at most what ${showShape(t.layout.shape)} holds, got the widths ${JSON.stringify(widths)}`,
    );
  checkShape(
    "pad",
    t.layout.shape.map((n, axis) => n + widths[axis]![0] + widths[axis]![1]),
  );
  const added = widths.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const);
  const cropped = sliceRanges(t, kept);
  return mode === "constant" ? surround(cropped, added, value ?? 0) : continued(cropped, added, mode, value);
};

type Widths = readonly (readonly [number, number])[];

function checkWidths(t: Tensor, widths: unknown): Widths {
  const pairs =
    Array.isArray(widths) &&
    widths.length === t.rank &&
    widths.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isSafeInteger));
  if (!pairs)
    throw new ArgumentError(
      `pad: expected widths [[before, after], …] with a pair of integers for each of the ${t.rank} axes of ${showShape(t.layout.shape)}, got ${showList(widths)}; write [0, 0] for an axis that stays`,
    );
  return widths as unknown as Widths;
}

function surround(x: Tensor, widths: Widths, value: number): Tensor {
  if (typeof value !== "number" || (!isFloat(x.dtype) && castNumber(value, x.dtype) !== value))
    throw new ArgumentError(
      `pad: expected a value that is an element of dtype ${x.dtype}, got ${describe(value)}${typeof value === "number" ? '; convert the tensor with astype("float64") first' : ""}`,
    );
  if (widths.every(([before, after]) => before === 0 && after === 0)) return x;
  const ranges = x.layout.shape.map((count, axis) => ({ start: widths[axis]![0], step: 1, count }));
  const shape = x.layout.shape.map((n, axis) => widths[axis]![0] + n + widths[axis]![1]);
  return apply(padPrimitive, [x], { ranges, shape, value });
}

function continued(x: Tensor, widths: Widths, mode: keyof typeof continuations, value: number | undefined): Tensor {
  if (value !== undefined)
    throw new ArgumentError(`pad: expected no value with the mode "${mode}", got ${describe(value)}`);
  const { source, reach } = continuations[mode];
  return widths.reduce((y, [before, after], axis) => {
    const n = y.layout.shape[axis]!;
    if (before === 0 && after === 0) return y;
    if (Math.max(before, after) > reach(n))
      throw new ShapeError(
        `pad: expected ${mode === "replicate" ? "at least one element" : `widths up to ${Math.max(0, reach(n))}`} along axis ${axis} to ${mode === "circular" ? "continue in a circle" : mode} its ${n} elements, got [${before}, ${after}]`,
      );
    const indices = Int32Array.from({ length: before + n + after }, (_, i) => source(i - before, n));
    return take(y, tensor(indices), { axis });
  }, x);
}
