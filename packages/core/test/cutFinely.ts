/** Threads do small work too, and most of it. */
import { afterAll, beforeAll, vi, type MockInstance } from "vitest";
import { cutting } from "../src/backends/parts.js";
import { Pool } from "../src/backends/threadPool.js";

/** Within the present group of tests, whatever can be cut is cut, into as many parts as possible. */
export function cutFinely(): void {
  const usual = { ...cutting };
  beforeAll(() => void Object.assign(cutting, { least: 0, part: 1e-6, fine: true }));
  afterAll(() => void Object.assign(cutting, usual));
}

/**
 * The main thread does all parts itself, in order or the last one first: if none writes what is another's, neither shows
 * in the bits, and if one does, one of the two orders does, however busy the machine is.
 */
export function alone(order: "first to last" | "last to first"): MockInstance<Pool["run"]> {
  return vi.spyOn(Pool.prototype, "run").mockImplementation((_numbers, own) => {
    for (const part of order === "first to last" ? own : [...own].reverse()) part();
  });
}

const nothing = new Int32Array(new SharedArrayBuffer(4));
const { wait } = Atomics;

/**
 * The main thread pauses before each of its parts, so that the others take their share even on a busy machine; and it
 * leaves its own parts undone, unless it `does` them.
 */
export function dawdle(milliseconds = 0.1, does = true): MockInstance<Pool["run"]> {
  const run = Pool.prototype.run;
  return vi.spyOn(Pool.prototype, "run").mockImplementation(function slowly(this: Pool, numbers, own) {
    const slow = own.map((part) => () => {
      wait(nothing, 0, 0, milliseconds);
      if (does) part();
    });
    run.call(this, numbers, slow);
  });
}
