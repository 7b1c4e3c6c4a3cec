/**
 * Ranges of tensors, and their transposes: `embed` undoes `sliceRanges`, which takes a `join` apart. Closed under
 * differentiation.
 * @module
 */
import { apply, type Primitive } from "../primitive.js";
import { stridedLayout, type Shape } from "../shape.js";
import type { Tensor } from "../tensor.js";
import { permute, reshape } from "./linear.js";

/** A range along one axis, resolved: `count` elements from `start` on in steps of `step`. */
export interface Range {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** All of an axis of so many elements. */
export function wholeAxis(count: number): Range {
  return { start: 0, step: 1, count };
}

/** Picks `count` elements from `start` on along one axis, all along the others; a view. */
export function sliceAlong(x: Tensor, axis: number, start: number, count: number): Tensor {
  return sliceRanges(
    x,
    x.layout.shape.map((n, a) => (a === axis ? { start, step: 1, count } : wholeAxis(n))),
  );
}

/** Picks a range along every axis; a view. */
export function sliceRanges(x: Tensor, ranges: readonly Range[]): Tensor {
  const { shape } = x.layout;
  const whole = ranges.every(({ start, step, count }, axis) => start === 0 && step === 1 && count === shape[axis]);
  return whole ? x : apply(slicePrimitive, [x], { ranges });
}

export const slicePrimitive: Primitive<{ readonly ranges: readonly Range[] }> = {
  name: "slice",
  kernel: {
    kind: "view",
    view: ({ strides }, { ranges }) => ({
      layout: stridedLayout(
        ranges.map(({ count }) => count),
        ranges.map(({ step }, axis) => step * strides[axis]!),
      ),
      shift: ranges.reduce((shift, { start, count }, axis) => shift + (count === 0 ? 0 : start * strides[axis]!), 0),
    }),
  },
  shape: (_, { ranges }) => ranges.map(({ count }) => count),
  dtype: null,
  vjp: (_, ct, [x], _y, { ranges }) => embed(ct, ranges, x!.layout.shape),
  jvp: "linear",
};

/** The transpose of a slice: zeros of `shape` with `x` at `ranges`. */
export function embed(x: Tensor, ranges: readonly Range[], shape: Shape): Tensor {
  return apply(embedPrimitive, [x], { ranges, shape });
}

/** Where the only input goes that has a place at `ranges`. */
export function regionAt(
  _: readonly Shape[],
  { ranges }: { readonly ranges: readonly Range[] },
): [{ start: number[]; step: number[] }] {
  return [{ start: ranges.map(({ start }) => start), step: ranges.map(({ step }) => step) }];
}

const embedPrimitive: Primitive<{ readonly ranges: readonly Range[]; readonly shape: Shape }> = {
  name: "embed",
  kernel: { kind: "assemble", fill: () => 0, regions: regionAt },
  shape: (_, { shape }) => shape,
  dtype: null,
  vjp: (_, ct, _x, _y, { ranges }) => sliceRanges(ct, ranges),
  jvp: "linear",
};

/** Where a diagonal of a matrix with so many columns begins in row-major order. */
export function diagonalStart(offset: number, columns: number): number {
  return offset >= 0 ? offset : -offset * columns;
}

/** The diagonal of two axes as the last axis. */
export function diagonalAlong(t: Tensor, offset: number, p: number, q: number): Tensor {
  const { shape } = t.layout;
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== p && axis !== q);
  const lead = others.map((axis) => shape[axis]!);
  const [rows, columns] = [shape[p]!, shape[q]!];
  const count = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const flat = reshape(permute(t, [...others, p, q]), [...lead, rows * columns]);
  const start = count === 0 ? 0 : diagonalStart(offset, columns);
  return sliceRanges(flat, [...lead.map(wholeAxis), { start, step: columns + 1, count }]);
}

/** Joins tensors of one dtype and of equal sizes but along `axis`. */
export function join(list: readonly Tensor[], axis: number): Tensor {
  let next = 0;
  const starts = list.map(({ layout }) => (next += layout.shape[axis]!) - layout.shape[axis]!);
  return apply(concatPrimitive, list, { axis, starts });
}

/** Along which axis parts are joined, and where each begins. */
interface JoinParams {
  readonly axis: number;
  readonly starts: readonly number[];
}

const concatPrimitive: Primitive<JoinParams> = {
  name: "concat",
  kernel: {
    kind: "assemble",
    fill: () => 0,
    regions: (shapes, { axis, starts }) =>
      shapes.map((shape, i) => ({
        start: shape.map((_, a) => (a === axis ? starts[i]! : 0)),
        step: shape.map(() => 1),
      })),
  },
  shape: (shapes, { axis }) => {
    const total = shapes.reduce((n, shape) => n + shape[axis]!, 0);
    return shapes[0]!.map((n, a) => (a === axis ? total : n));
  },
  dtype: null,
  vjp: (index, ct, inputs, _y, { axis, starts }) =>
    sliceAlong(ct, axis, starts[index]!, inputs[index]!.layout.shape[axis]!),
  jvp: "linear",
};
