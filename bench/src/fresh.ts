/** A process from its first call on: how long that takes, when calls get as fast as they will, how much memory there is. @module */
import { median } from "./measure.js";
import type { Run } from "./peer.js";

/** Seconds and bytes. */
export interface Fresh {
  /** From the start of loading the library until a run could be made. */
  readonly load: number;
  readonly first: number;
  /** A call of the last quarter. */
  readonly steady: number;
  /** Calls before those that take at most a third longer than that. */
  readonly callsUntilSteady: number;
  /** The process as a whole at its largest. */
  readonly resident: number;
  /** Array buffers, of WebAssembly's memory too, at their largest; `null` where nobody counts them. */
  readonly arrays: number | null;
}

/** Calls before the time of a call is near enough to what it is in the end: five in a row whose median is. */
export function callsUntilSteady(times: readonly number[], steady: number): number {
  const at = times.findIndex((_, i) => median(times.slice(i, i + 5)) <= steady * (4 / 3));
  return at < 0 ? times.length : at;
}

/** The last quarter's median. */
export const steadyTime = (times: readonly number[]): number => median(times.slice(Math.floor((times.length * 3) / 4)));

const callsAtMost = 2000;
const memoryLooks = 50;

/** Calls `run` for so many seconds. */
export async function measureFresh(run: Run, load: number, seconds: number): Promise<Fresh> {
  const times: number[] = [];
  let arrays = 0;
  const end = performance.now() + 1000 * seconds;
  while (times.length < 2 || (performance.now() < end && times.length < callsAtMost)) {
    const start = performance.now();
    const result = run();
    if (result instanceof Promise) await result;
    times.push((performance.now() - start) / 1000);
    if (times.length <= memoryLooks) arrays = Math.max(arrays, process.memoryUsage().arrayBuffers);
  }
  const steady = steadyTime(times);
  return {
    load,
    first: times[0]!,
    steady,
    callsUntilSteady: callsUntilSteady(times, steady),
    resident: process.resourceUsage().maxRSS * 1024,
    arrays,
  };
}
