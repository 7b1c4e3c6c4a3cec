/**
 * Windows that slide along the last axes, as a view; what convolutions and pools have in common.
 * @module
 */
import type { TypedArray } from "../dtype.js";
import { ArgumentError, describe, ShapeError } from "../errors.js";
import { apply, type Primitive } from "../primitive.js";
import { contiguousLayout, forEachPosition, showShape, sizeOf, stridedLayout, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { embed, type Range } from "./regions.js";

/** A window along one axis: `size` elements, `dilation` apart; the next window begins `stride` further on. */
export interface Window {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}

/** So many windows along one axis. */
export interface WindowAxis extends Window {
  readonly count: number;
}

interface WindowParams {
  readonly axes: readonly WindowAxis[];
}

/** The windows along the last axes: from `[…, ...space]` to `[…, ...counts, ...sizes]`. A view. */
export function windows(x: Tensor, axes: readonly WindowAxis[]): Tensor {
  return apply(windowsPrimitive, [x], { axes });
}

const windowsPrimitive: Primitive<WindowParams> = {
  name: "windows",
  kernel: {
    kind: "view",
    view: ({ shape, strides }, { axes }) => ({
      layout: stridedLayout(windowShape(shape, axes), windowStrides(strides, axes)),
      shift: 0,
    }),
  },
  shape: ([x], { axes }) => windowShape(x!, axes),
  dtype: null,
  vjp: (_, ct, [x], _y, { axes }) => fold(ct, axes, x!.layout.shape.slice(-axes.length)),
  jvp: "linear",
};

function windowShape(shape: Shape, axes: readonly WindowAxis[]): Shape {
  return [...shape.slice(0, -axes.length), ...axes.map(({ count }) => count), ...axes.map(({ size }) => size)];
}

function windowStrides(strides: readonly number[], axes: readonly WindowAxis[]): readonly number[] {
  const along = strides.slice(-axes.length);
  return [
    ...strides.slice(0, -axes.length),
    ...along.map((step, i) => step * axes[i]!.stride),
    ...along.map((step, i) => step * axes[i]!.dilation),
  ];
}

/** The transpose of `windows`: each element is added where it came from, in `[…, ...space]`. */
export function fold(x: Tensor, axes: readonly WindowAxis[], space: Shape): Tensor {
  return apply(foldPrimitive, [x], { axes, space });
}

const foldPrimitive: Primitive<WindowParams & { readonly space: Shape }> = {
  name: "fold",
  kernel: {
    kind: "routine",
    run: ([x], [shape], { axes, space }, output) => {
      output.fill(0);
      addWindows(x!, shape!, axes, [...shape!.slice(0, -2 * axes.length), ...space], output);
    },
  },
  shape: ([x], { axes, space }) => [...x!.slice(0, -2 * axes.length), ...space],
  dtype: null,
  vjp: (_, ct, _x, _y, { axes }) => windows(ct, axes),
  jvp: "linear",
};

/** Adds up for each output in the order of windows, then of places in the window; the inner loop runs along a row of windows. */
function addWindows(x: TypedArray, shape: Shape, axes: readonly WindowAxis[], target: Shape, output: TypedArray): void {
  const from = contiguousLayout(shape).strides;
  const to = windowStrides(contiguousLayout(target).strides, axes);
  const row = shape.length - axes.length - 1;
  const count = shape[row]!;
  const [near, far] = [from[row]!, to[row]!];
  const outer = shape.map((n, axis) => (axis === row ? Math.min(n, 1) : n));
  const starts = new Float64Array(sizeOf(outer));
  forEachPosition(stridedLayout(outer, from), (position, index) => {
    starts[index] = position;
  });
  forEachPosition(stridedLayout(outer, to), (position, index) => {
    for (let i = 0, p = starts[index]!, q = position; i < count; i++, p += near, q += far) output[q]! += x[p]!;
  });
}

/** One number for each of the `rank` axes. */
export function perAxis(
  operator: string,
  option: string,
  value: number | readonly number[],
  rank: number,
  least: number,
): readonly number[] {
  const list = typeof value === "number" ? new Array<number>(rank).fill(value) : value;
  if (!Array.isArray(list) || list.length !== rank || !list.every((n) => Number.isSafeInteger(n) && n >= least))
    throw new ArgumentError(
      `${operator}: expected ${option} to be an integer from ${least}${rank === 1 ? "" : `, or ${rank} of them`}, got ${Array.isArray(value) ? showShape(value as number[]) : describe(value)}`,
    );
  return list as readonly number[];
}

/** Elements added before and after an axis. */
export interface Margin {
  readonly before: number;
  readonly after: number;
}

/** `"valid"`: none; `"same"`: as many windows as elements, at stride 1; or so many on both sides, for all axes or one by one. */
export type Padding = number | readonly number[] | "same" | "valid";

/** How far a window reaches. */
export function reach({ size, dilation }: Window): number {
  return dilation * (size - 1) + 1;
}

/** @throws {@link ShapeError} if there is no room for a window along axis `at` */
export function checkFit(operator: string, axis: Window, n: number, at: number): void {
  if (reach(axis) > n)
    throw new ShapeError(
      `${operator}: expected windows no larger than the padded input, got a window over ${reach(axis)} of ${n} elements at axis ${at}; pad the input or use smaller windows`,
    );
}

/** The margins that `padding` means, an odd one longer at the end as in PyTorch. */
export function margins(operator: string, padding: Padding, axes: readonly Window[]): readonly Margin[] {
  if (padding === "valid") return axes.map(() => ({ before: 0, after: 0 }));
  if (padding === "same") {
    if (axes.some(({ stride }) => stride !== 1))
      throw new ArgumentError(
        `${operator}: expected stride 1 with padding "same", got ${showShape(axes.map(({ stride }) => stride))}; give the padding in numbers`,
      );
    return axes.map((axis) => {
      const before = Math.floor((reach(axis) - 1) / 2);
      return { before, after: reach(axis) - 1 - before };
    });
  }
  if (typeof padding === "string")
    throw new ArgumentError(`${operator}: expected padding "same", "valid" or numbers, got ${describe(padding)}`);
  return perAxis(operator, "padding", padding, axes.length, 0).map((n) => ({ before: n, after: n }));
}

/** The last axes with zeros around them. */
export function surround(x: Tensor, around: readonly Margin[]): Tensor {
  if (around.every(({ before, after }) => before === 0 && after === 0)) return x;
  const { ranges, shape } = placeInMargins(x.layout.shape, around);
  return embed(x, ranges, shape);
}

/** Where a tensor of `shape` lies in one with margins around the last axes, and the shape of that. */
export function placeInMargins(shape: Shape, around: readonly Margin[]): { ranges: Range[]; shape: Shape } {
  const lead = shape.length - around.length;
  return {
    ranges: shape.map((count, axis) => ({ start: around[axis - lead]?.before ?? 0, step: 1, count })),
    shape: shape.map((n, axis) => n + (around[axis - lead]?.before ?? 0) + (around[axis - lead]?.after ?? 0)),
  };
}

/** @throws {@link ShapeError} if `x` is not `[batch, channels, ...space]` with `rank` axes of space */
export function checkImage(
  operator: string,
  x: Tensor,
  rank: number,
  what = "an input",
  lead = "[batch, channels",
): void {
  if (x.rank !== rank + 2)
    throw new ShapeError(
      `${operator}: expected ${what} of shape ${lead}${", size".repeat(rank)}] (rank ${rank + 2}), got ${showShape(x.layout.shape)}${x.rank === rank + 1 ? "; add an axis with unsqueeze(0)" : ""}`,
    );
}
