/**
 * Shapes, layouts in a flat buffer, broadcasting, axis normalisation.
 * @module
 */
import { describe, ShapeError } from "./errors.js";

/** Sizes of the axes, outermost first. `[]` is the shape of a scalar. */
export type Shape = readonly number[];

/** How a shape sits in a flat buffer, counted in elements from an offset. A stride of 0 repeats one element. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly size: number;
  /** Row-major without gaps. */
  readonly contiguous: boolean;
  /** The order of axes in which it was last seen, and how: mostly it is seen so again. */
  reordered: { readonly axes: readonly number[]; readonly layout: Layout } | null;
}

/** One axis or several; negative counts from the last. */
export type Axes = number | readonly number[];

export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** The layout of a scalar. */
export const scalarLayout: Layout = {
  shape: Object.freeze([]),
  strides: Object.freeze([]),
  size: 1,
  contiguous: true,
  reordered: null,
};

/** Row-major layouts made lately: equal ones are mostly one object, made once and compared at a glance. */
const recent = new Array<Layout>(256).fill(scalarLayout);

/** Row-major layout of `shape`. */
export function contiguousLayout(shape: Shape): Layout {
  const rank = shape.length;
  if (rank === 0) return scalarLayout;
  let hash = rank;
  for (let axis = 0; axis < rank; axis++) hash = (Math.imul(hash, 31) + shape[axis]!) | 0;
  const place = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & 255;
  const known = recent[place]!;
  if (sameShape(known.shape, shape)) return known;
  const strides = new Array<number>(rank);
  let step = 1;
  for (let axis = rank - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return (recent[place] = { shape: Object.freeze([...shape]), strides, size: step, contiguous: true, reordered: null });
}

/** A layout with the given strides; finds out whether it happens to be row-major. */
export function stridedLayout(shape: Shape, strides: readonly number[]): Layout {
  let step = 1;
  let contiguous = true;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis]!;
    if (n !== 1 && strides[axis] !== step) contiguous = false;
    step *= n;
  }
  return { shape, strides, size: step, contiguous: contiguous || step === 0, reordered: null };
}

/** `list[axes[0]]`, `list[axes[1]]`, … */
export function pick(list: readonly number[], axes: readonly number[]): readonly number[] {
  const result = new Array<number>(axes.length);
  for (let i = 0; i < axes.length; i++) result[i] = list[axes[i]!]!;
  return result;
}

/** The axes of a layout in another order: axis `i` of the result is axis `axes[i]`. */
export function reorderedLayout(layout: Layout, axes: readonly number[]): Layout {
  if (layout.reordered === null || !sameShape(layout.reordered.axes, axes))
    layout.reordered = { axes, layout: stridedLayout(pick(layout.shape, axes), pick(layout.strides, axes)) };
  return layout.reordered.layout;
}

/** One element seen as a whole `shape`: every stride is 0. */
export function repeatedLayout(shape: Shape): Layout {
  return stridedLayout(shape, new Array<number>(shape.length).fill(0));
}

/** NumPy broadcasting: shapes align at the right, axes of size 1 and missing ones stretch. */
export function broadcastShapes(operator: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let axis = 1; axis <= rank; axis++) {
    const m = axis > a.length ? 1 : a[a.length - axis]!;
    const n = axis > b.length ? 1 : b[b.length - axis]!;
    if (m !== n && m !== 1 && n !== 1)
      throw new ShapeError(
        `${operator}: expected shapes that broadcast, got ${showShape(a)} and ${showShape(b)} (${m} vs ${n} at axis ${-axis}); reshape or unsqueeze one of them`,
      );
    shape[rank - axis] = m === 1 ? n : m;
  }
  return shape;
}

/** @throws {@link ShapeError} if `from` does not stretch to `shape` */
export function expectStretchable(from: Shape, shape: Shape): void {
  const lead = shape.length - from.length;
  if (from.length === 0) return;
  if (lead < 0 || from.some((n, axis) => n !== 1 && n !== shape[axis + lead]))
    throw new ShapeError(
      `broadcastTo: expected a shape that ${showShape(from)} stretches to (axes of size 1, or new leading ones), got ${showShape(shape)}; reshape or unsqueeze it first, or use tile`,
    );
}

/**
 * A single axis as a number from 0; `fallback` where none is given. A scalar counts as a line of one element, so it has
 * the axes 0 and -1, as in PyTorch.
 */
export function normalizeAxis(operator: string, axis: number | undefined, rank: number, fallback?: number): number {
  const given = axis === undefined && fallback !== undefined ? fallback : axis;
  const count = Math.max(rank, 1);
  if (!Number.isInteger(given) || given! < -count || given! >= count)
    throw new ShapeError(
      rank === 0
        ? `${operator}: expected axis 0 or -1 for a scalar (rank 0), which counts as one element, got ${describe(given)}; leave the axis out`
        : `${operator}: expected an axis from ${-rank} to ${rank - 1} for rank ${rank}, got ${describe(given)}`,
    );
  return given! < 0 ? given! + count : given!;
}

const axesOfRank: (readonly number[])[] = [];

/** All axes of a rank, in ascending order. */
function allAxes(rank: number): readonly number[] {
  return (axesOfRank[rank] ??= Object.freeze(Array.from({ length: rank }, (_, axis) => axis)));
}

/** Axes in ascending order from 0; all of them where none is given; none of a scalar, whichever is given. */
export function normalizeAxes(operator: string, axes: Axes | undefined, rank: number): readonly number[] {
  if (axes === undefined) return allAxes(rank);
  if (typeof axes === "number") {
    const axis = normalizeAxis(operator, axes, rank);
    return rank === 0 ? [] : [axis];
  }
  if (!Array.isArray(axes))
    throw new ShapeError(`${operator}: expected an axis or a list of axes, got ${describe(axes)}`);
  const list = (axes as readonly number[]).map((axis) => normalizeAxis(operator, axis, rank)).sort((a, b) => a - b);
  if (new Set(list).size !== list.length)
    throw new ShapeError(
      `${operator}: expected different axes, got ${showShape(axes as readonly number[])}; name each one once`,
    );
  return rank === 0 ? [] : list;
}

/** @throws {@link ShapeError} if `shape` is not a list of sizes from 0 upwards */
export function checkShape(operator: string, shape: unknown): Shape {
  if (!Array.isArray(shape))
    throw new ShapeError(`${operator}: expected a shape such as [2, 3], got ${describe(shape)}`);
  for (const n of shape as readonly unknown[])
    if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 0)
      throw new ShapeError(`${operator}: expected sizes that are integers from 0, got ${describe(n)} in the shape`);
  const size = sizeOf(shape as Shape);
  if (size > 2 ** 32)
    throw new ShapeError(
      `${operator}: ${showShape(shape as Shape)} has ${size} elements; at most 2^32 fit into one tensor`,
    );
  // A copy, frozen, and mostly there already.
  return contiguousLayout(shape as Shape).shape;
}

/** Calls `visit` with the buffer position of every element, relative to the offset, in row-major order. */
export function forEachPosition(
  { shape, strides, size }: Layout,
  visit: (position: number, index: number) => void,
): void {
  const rank = shape.length;
  const counter = new Array<number>(rank).fill(0);
  let position = 0;
  for (let index = 0; index < size; index++) {
    visit(position, index);
    for (let axis = rank - 1; axis >= 0; axis--) {
      position += strides[axis]!;
      if (++counter[axis]! < shape[axis]!) break;
      position -= strides[axis]! * shape[axis]!;
      counter[axis] = 0;
    }
  }
}
