/** A process from its first call on: how long that takes, when calls get as fast as they will, how much memory there is. @module */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { median, secondsNow } from "./measure.js";
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
  /** Array buffers and WebAssembly's memory together at their largest; `null` where nobody counts them. */
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

/** Notes every WebAssembly memory whose bytes are asked for from now on; gives their size. */
export function watchMemories(): () => number {
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: object } } }).WebAssembly;
  const { get } = Object.getOwnPropertyDescriptor(Memory.prototype, "buffer")!;
  const seen = new Set<WeakRef<object>>();
  const known = new WeakSet();
  const note = function (this: object): ArrayBufferLike {
    if (!known.has(this)) seen.add(new WeakRef(this));
    known.add(this);
    return get!.call(this) as ArrayBufferLike;
  };
  Object.defineProperty(Memory.prototype, "buffer", { get: note, configurable: true, enumerable: true });
  return () => {
    const alive = [...seen].flatMap((ref) => ref.deref() ?? []);
    return alive.reduce((sum, memory) => sum + (get!.call(memory) as ArrayBufferLike).byteLength, 0);
  };
}

/** Gives back what making the case's inputs has left behind. */
function collect(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

export interface GrowthEffort {
  /** Steps that are followed. */
  readonly growth: number;
  readonly processorTime: boolean;
}

/** Bytes on the heap and in array buffers that so many runs have left behind, after a tenth as many for engines to settle. */
export async function measureGrowth(run: Run, steps: number): Promise<number> {
  const used = async (runs: number): Promise<number> => {
    for (let i = 0; i < runs; i++) run();
    // Finalisers run between turns.
    await new Promise((resolve) => setTimeout(resolve));
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  await used(Math.ceil(steps / 10));
  const before = await used(1);
  return (await used(steps)) - before;
}

export interface FreshEffort {
  /** Seconds of calls from the very first one on. */
  readonly fresh: number;
  readonly processorTime: boolean;
}

export async function measureFresh(
  run: Run,
  load: number,
  { fresh: seconds, processorTime }: FreshEffort,
  memories: () => number,
): Promise<Fresh> {
  const times: number[] = [];
  let arrays = 0;
  collect();
  const end = performance.now() + 1000 * seconds;
  while (times.length < 2 || (performance.now() < end && times.length < callsAtMost)) {
    const start = secondsNow(processorTime);
    const result = run();
    if (result instanceof Promise) await result;
    times.push(secondsNow(processorTime) - start);
    if (times.length <= memoryLooks) arrays = Math.max(arrays, process.memoryUsage().arrayBuffers + memories());
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
