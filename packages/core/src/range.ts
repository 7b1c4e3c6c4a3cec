/**
 * What values a tensor has, in short.
 * @module
 */
import { isFloat, type DType } from "./dtype.js";
import { showNumber } from "./print.js";
import { showShape } from "./shape.js";
import type { Tensor } from "./tensor.js";

/** The extent of a tensor's finite elements, and how many are not. */
export interface Range {
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The smallest finite element; `null`: there is none. */
  readonly min: number | null;
  readonly max: number | null;
  /** The mean of the finite elements. */
  readonly mean: number | null;
  readonly nan: number;
  readonly infinite: number;
}

export function rangeOf(x: Tensor): Range {
  let [min, max, total, finite, nan] = [Infinity, -Infinity, 0, 0, 0];
  const values = x.toTypedArray();
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value - value === 0) {
      finite += 1;
      total += value;
      if (value < min) min = value;
      if (value > max) max = value;
    } else if (value !== value) nan += 1;
  }
  const of = { shape: x.shape, dtype: x.dtype, nan, infinite: values.length - finite - nan };
  return finite === 0 ? { ...of, min: null, max: null, mean: null } : { ...of, min, max, mean: total / finite };
}

/** Whether an element is NaN or, if asked, infinite. */
export function isBad({ nan, infinite }: Range, infinities: boolean): boolean {
  return nan > 0 || (infinities && infinite > 0);
}

/** What is wrong with the values; `""`: nothing. */
export function badWord({ nan, infinite }: Range): string {
  return nan > 0 ? "NaN" : infinite > 0 ? "infinity" : "";
}

const fastest = 4096;

/** Whether all elements are finite, without counting: most tensors are, so the sum of small parts decides. */
export function allFinite(x: Tensor, infinities: boolean): boolean {
  if (!isFloat(x.dtype)) return true;
  if (typeof x.data === "number") return infinities ? Number.isFinite(x.data) : !Number.isNaN(x.data);
  const values = x.layout.contiguous ? x.data.subarray(x.offset, x.offset + x.layout.size) : x.toTypedArray();
  for (let start = 0; start < values.length; start += fastest) {
    const end = Math.min(values.length, start + fastest);
    // Zero for finite values, NaN for the others.
    let zero = 0;
    for (let i = start; i < end; i++) zero += values[i]! * 0;
    if (zero === 0) continue;
    if (infinities) return false;
    for (let i = start; i < end; i++) if (Number.isNaN(values[i]!)) return false;
  }
  return true;
}

/** Position of the first element that is not finite, or with `infinities` false the first NaN; -1: none. */
export function firstBad(values: ArrayLike<number>, infinities: boolean): number {
  for (let i = 0; i < values.length; i++)
    if (Number.isNaN(values[i]!) || (infinities && !Number.isFinite(values[i]!))) return i;
  return -1;
}

/** `0.5 … 2`, one number where all are equal, and how many are not finite. */
export function showRange({ shape, min, max, nan, infinite }: Range): string {
  const size = shape.reduce((n, k) => n * k, 1);
  const of = (count: number, word: string): string[] =>
    count === 0 ? [] : count === size ? [size === 1 ? word : `all ${word}`] : [`${count} of ${size} ${word}`];
  const finite =
    min === null || max === null
      ? size === 0
        ? ["empty"]
        : []
      : [min === max ? showNumber(min, 4) : `${showNumber(min, 4)} … ${showNumber(max, 4)}`];
  return `${showShape(shape)} ${[...finite, ...of(nan, "NaN"), ...of(infinite, "infinite")].join(", ")}`;
}

/** The elements of a small tensor, the range and mean of a larger one. */
export function summary(x: Tensor): string {
  if (x.size <= 4) {
    const shown = Array.from(x.toTypedArray(), (v) => showNumber(v, 4)).join(", ");
    return x.rank === 0 ? shown : `[${shown}]`;
  }
  const { min, max, mean, nan, infinite } = rangeOf(x);
  const wrong = [...(nan > 0 ? [`${nan} NaN`] : []), ...(infinite > 0 ? [`${infinite} infinite`] : [])];
  const finite =
    min === null || max === null || mean === null
      ? []
      : [`${showNumber(min, 3)} … ${showNumber(max, 3)}`, `mean ${showNumber(mean, 3)}`];
  return [...finite, ...wrong].join(", ");
}
