/**
 * Lines through the point, along which functions are looked at.
 * @module
 */
import type { Tensor } from "../tensor.js";
import { tensorOf, type Numbers, type Subject } from "./subject.js";

/** The points of a line through the point: its leaves at parameter t. */
export interface Line {
  readonly at: (t: number) => readonly Tensor[];
  /** The first step to try, a power of two. */
  readonly widest: number;
  /** The smallest step that is still many times the spacing of the numbers it moves, a power of two. */
  readonly finest: number;
}

const usual = 2 ** -6;
const fine = 2 ** -40;

/** The largest power of two that is at most `x`. */
export function powerOfTwo(x: number): number {
  return 2 ** Math.floor(Math.log2(x));
}

function steps(most: number, least: number): Pick<Line, "widest" | "finest"> {
  return {
    widest: usual * (Number.isFinite(most) && most > 1 ? powerOfTwo(most) : 1),
    finest: fine * (least < 1 ? powerOfTwo(Math.max(least, 2 ** -900)) : 1),
  };
}

/** The line along numbers for every leaf. */
export function lineAlong({ leaves }: Subject, along: Numbers): Line {
  const values = leaves.map((x) => x.toTypedArray());
  // Steps as wide as the leaf of the smallest values bears.
  let least = Infinity;
  const sizes = values.map((part, i) => {
    let most = 0;
    for (let j = 0; j < part.length; j++) {
      const size = Math.abs(part[j]!);
      most = Math.max(most, size);
      if (size > 0 && size < least && along[i]![j] !== 0) least = size;
    }
    return most;
  });
  return {
    ...steps(Math.min(...sizes), least),
    at: (t) =>
      leaves.map((x, i) => {
        const v = along[i]!;
        const moved = Float64Array.from(values[i]!);
        for (let j = 0; j < moved.length; j++) moved[j]! += t * v[j]!;
        return tensorOf(moved, x.shape, x.dtype);
      }),
  };
}

/** The line along a part of one leaf, so that the other leaves need no copies. */
export function lineWithin({ leaves }: Subject, leaf: number, along: ReadonlyMap<number, number>): Line {
  const x = leaves[leaf]!;
  const values = Float64Array.from(x.toTypedArray());
  let [most, least] = [0, Infinity];
  for (const i of along.keys()) {
    const size = Math.abs(values[i]!);
    most = Math.max(most, size);
    if (size > 0) least = Math.min(least, size);
  }
  return {
    ...steps(most, least),
    at: (t) => {
      const moved = values.slice();
      for (const [i, v] of along) moved[i]! += t * v;
      return leaves.map((other, k) => (k === leaf ? tensorOf(moved, x.shape, x.dtype) : other));
    },
  };
}
