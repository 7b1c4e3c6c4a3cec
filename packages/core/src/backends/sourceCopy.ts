/**
 * Elements moved from one layout to another as generated loops: row-major copies of views, and inputs put into regions.
 * @module
 */
import type { Operand } from "../backend.js";
import { castNumber, dtypeRank, newArray, type DType, type TypedArray } from "../dtype.js";
import type { AssembleKernel } from "../kernel.js";
import { contiguousLayout, type Shape } from "../shape.js";
import { forEachOuter, innerAxes, mergeAxes, type MergedAxis } from "./axes.js";
import { compileText } from "./sourceMap.js";

/** Three nested loops, the innermost from `d[p]` in steps of `b2` to `out[o]` in steps of `a2`. */
type Copy = (
  out: TypedArray,
  o: number,
  d: TypedArray,
  p: number,
  n0: number,
  a0: number,
  b0: number,
  n1: number,
  a1: number,
  b1: number,
  n2: number,
  a2: number,
  b2: number,
) => void;

/** Inner loops of up to so many elements are unrolled: windows are short. */
const unrolled = 8;

/** The text of the loops for an inner one of `count` elements, 0 for any. */
function copyLoop(count: number): Copy {
  const inner =
    count === 0
      ? `if (a2 === 1 && b2 === 1) for (let k = 0; k < n2; k++) out[q + k] = d[r + k];
         else for (let k = 0, s = q, t = r; k < n2; k++, s += a2, t += b2) out[s] = d[t];`
      : Array.from({ length: count }, (_, k) => `out[q + ${k} * a2] = d[r + ${k} * b2];`).join("");
  return compileText(`function copy(out, o, d, p, n0, a0, b0, n1, a1, b1, n2, a2, b2) {
    for (let i = 0; i < n0; i++, o += a0, p += b0)
      for (let j = 0, q = o, r = p; j < n1; j++, q += a1, r += b1) {${inner}}
  }`);
}

const loops: Copy[][] = [];

/** Loops of their own for each pair of dtypes, so that engines see one kind of array. */
function loopFor(from: DType, to: DType, count: number): Copy {
  const byCount = (loops[dtypeRank[from] * 4 + dtypeRank[to]] ??= []);
  const key = count > unrolled ? 0 : count;
  return (byCount[key] ??= copyLoop(key));
}

/** Whole runs of so many elements are moved by the engine's own copy. */
const longRun = 256;

/** Moves the elements of `x` to `data`, the first one to `first`, with the given strides there. */
export function moveElements(
  x: Operand,
  data: TypedArray,
  dtype: DType,
  first: number,
  strides: readonly number[],
): void {
  if (x.layout.size === 0) return;
  const axes = mergeAxes(x.layout.shape, [strides, x.layout.strides]);
  const [r0, r1, r2] = innerAxes(axes, 3) as [MergedAxis, MergedAxis, MergedAxis];
  if (x.dtype === dtype && r2.n >= longRun && r2.strides[0] === 1 && r2.strides[1] === 1)
    return forEachOuter(axes, 1, [first, x.offset], ([o, p]) => data.set(x.data.subarray(p!, p! + r2.n), o!));
  const loop = loopFor(x.dtype, dtype, r2.n);
  forEachOuter(axes, 3, [first, x.offset], ([o, p]) => {
    loop(
      data, o!, x.data, p!,
      r0.n, r0.strides[0]!, r0.strides[1]!,
      r1.n, r1.strides[0]!, r1.strides[1]!,
      r2.n, r2.strides[0]!, r2.strides[1]!,
    ); // prettier-ignore
  });
}

export function runAssemble<P>(
  kernel: AssembleKernel<P>,
  inputs: readonly Operand[],
  params: P,
  { data, offset, layout, dtype }: Operand,
): void {
  const fill = castNumber(kernel.fill(params), dtype);
  if (fill !== 0) data.fill(fill, offset, offset + layout.size);
  const { strides } = layout;
  const shapes: readonly Shape[] = inputs.map((x) => x.layout.shape);
  const regions = kernel.regions(shapes, params);
  inputs.forEach((x, i) => {
    const { start, step } = regions[i]!;
    const first = strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, offset);
    moveElements(
      x,
      data,
      dtype,
      first,
      strides.map((stride, axis) => stride * step[axis]!),
    );
  });
}

/** The elements in row-major order: those of the operand itself where they already are. */
export function denseElements(x: Operand): TypedArray {
  const { data, offset, layout, dtype } = x;
  if (layout.contiguous) return data.subarray(offset, offset + layout.size);
  const flat = newArray(dtype, layout.size);
  moveElements(x, flat, dtype, 0, contiguousLayout(layout.shape).strides);
  return flat;
}
