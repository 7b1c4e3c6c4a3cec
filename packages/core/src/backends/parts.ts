/**
 * Work cut into parts that threads do side by side. Parts write different outputs, and each output is computed in the
 * canonical order of its own, so that neither the cuts nor the number of threads show in the bits.
 * @module
 */
import type { Callable } from "./wasmModule.js";

/** An address in the room that every thread has for itself. */
export class InRoom {
  constructor(readonly offset: number) {}
}

/** A call of a function over the memory. */
export interface Call {
  readonly run: Callable;
  readonly args: readonly (number | InRoom)[];
}

/** Calls one after the other. */
export type Part = readonly Call[];

/** Parts, the bytes of room that each thread needs, and what is left to do when they are done. */
export interface Work {
  readonly parts: readonly Part[];
  readonly room: number;
  readonly finish?: (() => void) | undefined;
}

/** From `from` to before `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * How work is cut. A thread that is awake, as it stays for a while after each job, answers in 0.2 µs; waking it takes
 * some 30 µs, in which the main thread goes on by itself. Tests cut everything.
 */
export const cutting = {
  /** Work that takes fewer nanoseconds stays on one thread. */
  least: 5_000,
  /** Nanoseconds that a part takes at least. */
  part: 2_500,
  /** Whether ranges may be cut finer than is worth while. */
  fine: false,
};
const mostParts = 16;

/** Cuts `n` into ranges that begin at multiples of `unit` and have at least `worth` elements. */
export type Cut = (n: number, unit: number, worth: number, nanoseconds: number) => readonly Range[];

/** Leaves everything in one piece: for one thread. */
export const whole: Cut = (n) => [{ from: 0, to: n }];

/** The same number of ranges for any number of threads, a power of two, so that two threads share them evenly. */
export const cut: Cut = (n, unit, worth, nanoseconds) => {
  if (nanoseconds < cutting.least) return whole(n, unit, worth, nanoseconds);
  const units = Math.ceil(n / unit);
  const most = Math.min(mostParts, nanoseconds / cutting.part, cutting.fine ? units : Math.min(units, n / worth));
  let pieces = 1;
  while (pieces * 2 <= most) pieces *= 2;
  // Two halves that are a little small are better than one thread.
  if (pieces === 1 && n * 2 >= worth * 1.3 && units >= 2) pieces = 2;
  return Array.from({ length: pieces }, (_, i) => ({
    from: Math.floor((i * units) / pieces) * unit,
    to: Math.min(n, Math.floor(((i + 1) * units) / pieces) * unit),
  }));
};
