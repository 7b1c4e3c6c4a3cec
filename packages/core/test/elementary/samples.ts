/** Arguments for the tests: the same ones in every run. */
import type { Precision } from "../../src/scalar.js";

/** A generator of 32-bit words (xorshift). */
export function wordsFrom(seed: number): () => number {
  let x = seed | 0 || 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

const view = new DataView(new ArrayBuffer(8));

/** Any bit pattern of the precision, as a number. */
export function anyBits(precision: Precision, word: () => number): number {
  view.setUint32(0, word());
  view.setUint32(4, word());
  return precision === "float64" ? view.getFloat64(0) : view.getFloat32(0);
}

export const rounding = { float64: (x: number): number => x, float32: Math.fround };

/** Uniform between two numbers. */
export function between(precision: Precision, word: () => number, low: number, high: number): number {
  return rounding[precision](low + ((high - low) * (word() + word() / 2 ** 32)) / 2 ** 32);
}

/** The bits, with one pattern for all NaN. */
export function bitsOf(x: number): bigint {
  view.setFloat64(0, Number.isNaN(x) ? NaN : x);
  return view.getBigUint64(0);
}
