/** The times of one run, by batches. @module */
import type { Run } from "./peer.js";

export interface Effort {
  /** Seconds of runs before the first that counts: a training step of many functions is compiled in stages. */
  readonly warmUp: number;
  /** Seconds that a batch takes at least. */
  readonly batch: number;
  readonly batches: number;
  /** Whether seconds of the processor count, over all threads of the process, rather than those of the clock. */
  readonly processorTime: boolean;
}

/** Seconds until a training step is fast: engines compile its many functions in stages, the last after thousands of steps. */
export const stepWarmUp = 2.5;

export function secondsNow(processorTime: boolean): number {
  if (!processorTime) return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function batch(run: Run, runs: number, processorTime: boolean): Promise<number> {
  const start = secondsNow(processorTime);
  for (let i = 0; i < runs; i++) {
    const result = run();
    if (result instanceof Promise) await result;
  }
  return secondsNow(processorTime) - start;
}

/** Seconds of one run, batch by batch, each long enough for the clock, after warming up. */
export async function measure(run: Run, effort: Effort): Promise<readonly number[]> {
  let runs = 1;
  let took = await batch(run, runs, effort.processorTime);
  for (let spent = took; took < effort.batch || spent < effort.warmUp; spent += took) {
    if (took < effort.batch)
      runs = Math.max(runs + 1, Math.min(runs * 10, Math.ceil((runs * effort.batch * 1.1) / Math.max(took, 1e-9))));
    took = await batch(run, runs, effort.processorTime);
  }
  const times: number[] = [];
  for (let i = 0; i < effort.batches; i++) times.push((await batch(run, runs, effort.processorTime)) / runs);
  return times;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
