/**
 * Elements moved from one layout to another as generated loops: row-major copies of views, and inputs put into regions.
 * @module
 */
import type { Operand } from "../backend.js";
import { castNumber, dtypeRank, newArray, type DType, type TypedArray } from "../dtype.js";
import type { AssembleKernel } from "../kernel.js";
import { contiguousLayout, type Shape } from "../shape.js";
import { compileText, mergeAxes, type MergedAxis } from "./sourceMap.js";

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

const single: MergedAxis = { n: 1, strides: [0, 0] };

/** Moves the elements of `x` to `data`, the first one to `first`, with the given strides there. */
function move(x: Operand, data: TypedArray, dtype: DType, first: number, strides: readonly number[]): void {
  const { shape, size } = x.layout;
  if (size === 0) return;
  const axes = mergeAxes(shape, [strides, x.layout.strides]);
  const last = axes.at(-1)!;
  const whole = x.dtype === dtype && last.n >= longRun && last.strides[0] === 1 && last.strides[1] === 1;
  const depth = Math.min(axes.length, whole ? 1 : 3);
  const [r0, r1, r2] = [axes.at(-3) ?? single, axes.at(-2) ?? single, last];
  const outer = axes.slice(0, -depth);
  const counter = outer.map(() => 0);
  const loop = loopFor(x.dtype, dtype, r2.n);
  let [o, p] = [first, x.offset];
  const step = axes.slice(-depth).reduce((n, axis) => n * axis.n, 1);
  for (let done = 0; done < size; done += step) {
    if (whole) data.set(x.data.subarray(p, p + last.n), o);
    else
      loop(
        data, o, x.data, p,
        r0.n, r0.strides[0]!, r0.strides[1]!,
        r1.n, r1.strides[0]!, r1.strides[1]!,
        r2.n, r2.strides[0]!, r2.strides[1]!,
      ); // prettier-ignore
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { n, strides } = outer[axis]!;
      o += strides[0]!;
      p += strides[1]!;
      if (++counter[axis]! < n) break;
      o -= strides[0]! * n;
      p -= strides[1]! * n;
      counter[axis] = 0;
    }
  }
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
    move(
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
  move(x, flat, dtype, 0, contiguousLayout(layout.shape).strides);
  return flat;
}
