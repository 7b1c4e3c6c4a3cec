/**
 * Axes of several operands walked together, as few as possible.
 * @module
 */
import type { Shape } from "../shape.js";

/** Axes that count as one: how many elements, and the step of each operand. */
export interface MergedAxis {
  readonly n: number;
  readonly strides: readonly number[];
}

/** Neighbouring axes that all operands step through evenly count as one; axes of size 1 vanish. */
export function mergeAxes(shape: Shape, strides: readonly (readonly number[])[]): MergedAxis[] {
  const merged: MergedAxis[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const n = shape[axis]!;
    if (n === 1) continue;
    const here = strides.map((list) => list[axis]!);
    const last = merged.at(-1);
    if (last !== undefined && last.strides.every((stride, i) => stride === here[i]! * n))
      merged[merged.length - 1] = { n: last.n * n, strides: here };
    else merged.push({ n, strides: here });
  }
  return merged.length > 0 ? merged : [{ n: 1, strides: strides.map(() => 0) }];
}

/** The last `depth` axes, of size 1 where there are fewer. */
export function innerAxes(axes: readonly MergedAxis[], depth: number): readonly MergedAxis[] {
  const single = { n: 1, strides: axes[0]!.strides.map(() => 0) };
  return Array.from({ length: depth }, (_, i) => axes.at(i - depth) ?? single);
}

/** Calls `visit` with the position of every operand at each place of all but the last `depth` axes, in row-major order. */
export function forEachOuter(
  axes: readonly MergedAxis[],
  depth: number,
  starts: readonly number[],
  visit: (positions: readonly number[]) => void,
): void {
  const outer = axes.slice(0, -depth);
  const counter = outer.map(() => 0);
  const positions = [...starts];
  let left = outer.reduce((count, { n }) => count * n, 1);
  while (left-- > 0) {
    visit(positions);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const { n, strides } = outer[axis]!;
      for (let i = 0; i < positions.length; i++) positions[i]! += strides[i]!;
      if (++counter[axis]! < n) break;
      for (let i = 0; i < positions.length; i++) positions[i]! -= strides[i]! * n;
      counter[axis] = 0;
    }
  }
}
