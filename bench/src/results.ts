/** What was measured, as it is kept in a file. @module */
import type { Fresh } from "./fresh.js";

/** Seconds of one run: the median, and how far apart rounds (or, with one round, batches) lay. */
export interface Timing {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Results {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted to run, in the minute before the start and at the end. */
  readonly load: readonly [number, number];
  readonly rounds: number;
  readonly processorTime: boolean;
  /** In the order of the columns: what each peer says of itself. */
  readonly peers: Readonly<Record<string, string>>;
  /** Peers that are missing, and why. */
  readonly leftOut: Readonly<Record<string, string>>;
  /** By case and peer. */
  readonly timings: Readonly<Record<string, Readonly<Record<string, Timing>>>>;
  /** Bytes left behind by `stepsOfGrowth` compiled steps of case (e); `null`: not measured. */
  readonly growth: number | null;
  readonly fresh: Readonly<Record<string, Readonly<Record<string, Fresh>>>>;
}

export const stepsOfGrowth = 100_000;

/** Seconds of one run. */
export function time(results: Results, peer: string, name: string): number | undefined {
  return results.timings[name]?.[peer]?.median;
}

/** The fastest of several peers. */
export function best(results: Results, peers: readonly string[], name: string): number | undefined {
  const times = peers.map((peer) => time(results, peer, name)).filter((s) => s !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}
