/**
 * How the windows of pools lie in their input.
 * @module
 */
import { ArgumentError, ShapeError } from "../errors.js";
import { type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import {
  checkFit,
  margins,
  perAxis,
  reach,
  type Margin,
  type Padding,
  type Window,
  type WindowAxis,
} from "./windows.js";
import { booleanOption } from "./options.js";

/** Options of pools; a number holds for every axis of space. */
export interface PoolOptions {
  /** The sizes of a window. */
  readonly window: number | readonly number[];
  /** From one window to the next. Default: the window's size. */
  readonly stride?: number | readonly number[] | undefined;
  /** Elements added on both sides, at most half a window; `"valid"`: none, `"same"`: the output is as large as the input (at stride 1). Default: 0. */
  readonly padding?: Padding | undefined;
  /** From one element of a window to the next. Default: 1. */
  readonly dilation?: number | readonly number[] | undefined;
  /** Whether a last window may reach over the end, if it begins before it. Default: false. */
  readonly ceilMode?: boolean | undefined;
}

/** How the windows lie along one axis of space. */
export interface PoolAxis extends WindowAxis {
  /** Elements of the input. */
  readonly n: number;
  /** The padding asked for. */
  readonly margin: Margin;
  /** Elements beyond it that the last window reaches. */
  readonly beyond: number;
}

export function poolAxes(operator: string, x: Tensor, rank: number, options: PoolOptions): readonly PoolAxis[] {
  const { window, stride = window, padding = 0, dilation = 1, ceilMode = false } = options;
  booleanOption(operator, "ceilMode", ceilMode);
  const sizes = perAxis(operator, "window", window, rank, 1);
  const strides = perAxis(operator, "stride", stride, rank, 1);
  const dilations = perAxis(operator, "dilation", dilation, rank, 1);
  const axes = sizes.map((size, i) => ({ size, stride: strides[i]!, dilation: dilations[i]! }));
  const around = margins(operator, padding, axes);
  return axes.map((axis, i) => placedAxis(operator, x.layout.shape, i + 2, axis, around[i]!, ceilMode));
}

function placedAxis(
  operator: string,
  shape: Shape,
  at: number,
  axis: Window,
  margin: Margin,
  ceilMode: boolean,
): PoolAxis {
  const [n, length] = [shape[at]!, reach(axis)];
  const whole = margin.before + n + margin.after;
  if (2 * margin.before > length)
    throw new ArgumentError(
      `${operator}: expected padding of at most half a window, got ${margin.before} with a window over ${length} elements at axis ${at}`,
    );
  checkFit(operator, axis, whole, at);
  const steps = (whole - length) / axis.stride;
  let count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  if (ceilMode && (count - 1) * axis.stride >= margin.before + n) count--;
  const beyond = Math.max(0, (count - 1) * axis.stride + length - whole);
  const placed = { ...axis, count, n, margin, beyond };
  for (let o = 0, start = -margin.before; o < count; o++, start += axis.stride)
    if ((start < 0 || start >= n) && elementsIn(placed, o, 0, n) === 0)
      throw new ShapeError(
        `${operator}: expected an element of the input in every window, got only padding in window ${o} at axis ${at}; use less dilation or padding`,
      );
  return placed;
}

/** Places along an axis: from `first` on in steps of the window's dilation, to below `end`. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

/** The places of window `o` from `low` to below `high`, counted from the input's first element. */
export function spanOf({ stride, dilation, size, margin }: PoolAxis, o: number, low: number, high: number): Span {
  const start = o * stride - margin.before;
  return {
    first: start + dilation * Math.max(0, Math.ceil((low - start) / dilation)),
    end: Math.min(start + dilation * (size - 1) + 1, high),
  };
}

/** How many elements of window `o` lie from `low` to below `high`. */
export function elementsIn(axis: PoolAxis, o: number, low: number, high: number): number {
  const { first, end } = spanOf(axis, o, low, high);
  return Math.max(0, Math.ceil((end - first) / axis.dilation));
}

export function marginsOf(axes: readonly PoolAxis[]): readonly Margin[] {
  return axes.map(({ margin, beyond }) => ({ before: margin.before, after: margin.after + beyond }));
}
