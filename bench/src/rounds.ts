/** Processes in turn, in rounds, so that a slow moment of the machine hits no peer alone. @module */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { training } from "./cases.js";
import type { Task } from "./child.js";
import type { Fresh, FreshEffort, GrowthEffort } from "./fresh.js";
import { median, stepWarmUp, type Effort } from "./measure.js";
import type { Results, Timing } from "./results.js";

interface Line {
  readonly about?: string;
  readonly name?: string;
  readonly times?: readonly number[];
  readonly fresh?: Fresh;
  readonly growth?: number;
  readonly unavailable?: string;
}

type Say = (text: string) => void;

/** What a peer's process said; its chatter on standard output that is no JSON is passed over. */
async function linesOf(task: Task, say: Say): Promise<readonly Line[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("child.js", import.meta.url)), JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const lines: Line[] = [];
  for await (const text of createInterface({ input: child.stdout }))
    if (text.startsWith("{")) lines.push(JSON.parse(text) as Line);
  const code = await ended;
  if (code !== 0) say(`  ${task.peer}: its process ended with ${code}; its remaining cases are missing`);
  return lines;
}

export interface Wanted {
  readonly peers: readonly string[];
  /** The cases of a peer. */
  readonly casesOf: (peer: string) => readonly string[];
  readonly effort: Effort;
  readonly rounds: number;
  /** Whether all cases of a peer share a process, which is started once. */
  readonly together: boolean;
  readonly say: Say;
}

/**
 * What a round runs, each in a process of its own. Those that are compared stand next to each other: case by case all
 * peers, since a machine's memory may be half as fast ten minutes later.
 */
export function tasksOf({ peers, casesOf, effort, together }: Omit<Wanted, "rounds" | "say">): readonly Task[] {
  const all = peers.map((peer) => ({ peer, cases: casesOf(peer), effort })).filter(({ cases }) => cases.length > 0);
  if (together) return all;
  const names = [...new Set(all.flatMap(({ cases }) => cases))];
  return names.flatMap((name) =>
    all
      .filter(({ cases }) => cases.includes(name))
      .map(({ peer }) => ({
        peer,
        cases: [name],
        effort: name in training ? { ...effort, warmUp: Math.max(effort.warmUp, stepWarmUp) } : effort,
      })),
  );
}

type Measured = Pick<Results, "peers" | "leftOut" | "timings">;

/** The median of rounds' medians; their spread, or with one round that of its batches. */
export function timing(rounds: readonly (readonly number[])[]): Timing {
  const medians = rounds.map(median);
  const spread = rounds.length === 1 ? rounds[0]! : medians;
  return { median: median(medians), low: Math.min(...spread), high: Math.max(...spread) };
}

export async function measureRounds(wanted: Wanted): Promise<Measured> {
  const { peers, rounds, say } = wanted;
  const samples: Record<string, Record<string, (readonly number[])[]>> = {};
  const abouts: Record<string, string> = {};
  const leftOut: Record<string, string> = {};
  const tasks = tasksOf(wanted);
  for (let round = 1; round <= rounds; round++)
    for (const task of tasks) {
      const { peer, cases } = task;
      if (peer in leftOut) continue;
      say(`round ${round} of ${rounds}: ${cases.length === 1 ? `${cases[0]!}, ` : ""}${peer}`);
      for (const { about, name, times, unavailable } of await linesOf(task, say)) {
        if (about !== undefined && !(peer in abouts)) say(`  ${(abouts[peer] = about)}`);
        if (unavailable !== undefined) say(`  left out: ${(leftOut[peer] = unavailable)}`);
        if (name !== undefined && times !== undefined) ((samples[name] ??= {})[peer] ??= []).push(times);
      }
    }
  return {
    peers: Object.fromEntries(peers.flatMap((peer) => (peer in abouts ? [[peer, abouts[peer]!]] : []))),
    leftOut,
    timings: Object.fromEntries(
      Object.entries(samples).map(([name, row]) => [
        name,
        Object.fromEntries(Object.entries(row).map(([peer, times]) => [peer, timing(times)])),
      ]),
    ),
  };
}

/** First calls, every case of every peer in a process of its own. */
export async function measureFirstCalls(
  peers: readonly string[],
  cases: readonly string[],
  effort: FreshEffort,
  say: Say,
): Promise<Results["fresh"]> {
  const found: Record<string, Record<string, Fresh>> = {};
  for (const peer of peers) {
    say(`first calls: ${peer}`);
    for (const name of cases)
      for (const line of await linesOf({ peer, cases: [name], effort }, say))
        if (line.fresh !== undefined) (found[name] ??= {})[peer] = line.fresh;
  }
  return found;
}

/** Bytes that runs of a case leave behind. */
export async function measureHeap(peer: string, name: string, effort: GrowthEffort, say: Say): Promise<number | null> {
  say(`heap: ${peer}`);
  const lines = await linesOf({ peer, cases: [name], effort }, say);
  return lines.find(({ growth }) => growth !== undefined)?.growth ?? null;
}
