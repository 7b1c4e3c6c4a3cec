/**
 * Threads beside the main one.
 * @module
 */
import { warn } from "./backends/beside.js";
import type { Team } from "./backends/threadTeam.js";
import type { Engine } from "./backends/wasmEngine.js";
import { loadWasm } from "#wasm";
import { ArgumentError, describe } from "./errors.js";

/** More threads than any machine has. */
const mostThreads = 256;

let present: Engine | null = null;
/** The latest request; earlier ones that are still starting give way to it. */
let request = 0;
let noticed = false;

function notice(reason: string): void {
  if (noticed) return;
  noticed = true;
  warn(`everything runs on one thread here, as ${reason}.`);
}

function end(): void {
  const engine = present;
  present = null;
  engine?.pool?.close();
}

/**
 * Lets large matrix products, elementwise operators, sums and extremes run on `n` threads from now on, the calling one
 * included, eager and in compiled programs. The bits are those of one thread. Until the first call, and after
 * `stopThreads`, there is one.
 *
 * The other threads sleep while there is nothing to do, and no process waits for them. Where threads cannot share memory
 * everything stays on one thread, with one notice: a page needs the headers of the guide "Use several threads". Called
 * again, it changes the number.
 *
 * In a bundle for browsers the WebAssembly backend is a chunk of its own, which is fetched when work is large enough for
 * it. Awaiting this function, for one thread too, waits for that chunk.
 *
 * A thread that fails or dies ends the computation that needs it with a `ThreadError`. Nothing is lost by that: values
 * stand in ordinary arrays, and what comes next runs on one thread until `startThreads` is called again.
 *
 * @param n how many threads, from 1 to 256; more than the machine has processors only cost time
 * @returns how many threads there really are
 * @throws {@link ArgumentError} if `n` is not a whole number from 1 to 256
 * @example
 * ```ts
 * import { ones, startThreads, stopThreads, threadCount } from "@cotangent/core";
 * await startThreads(2); // → 2
 * ones([300, 300]).matmul(ones([300, 300])).sum().item(); // → 27000000
 * stopThreads();
 * threadCount(); // → 1
 * ```
 */
export async function startThreads(n: number): Promise<number> {
  if (!Number.isInteger(n) || n < 1 || n > mostThreads)
    throw new ArgumentError(
      `startThreads: expected a whole number of threads from 1 to ${mostThreads}, got ${describe(n)}; as many as the machine has processors are the fastest`,
    );
  if (n === threadCount() && present?.pool?.failed !== true) {
    request++;
    await loadWasm();
    return n;
  }
  const mine = ++request;
  if (n === 1) {
    end();
    await loadWasm();
    return 1;
  }
  let team: Team;
  try {
    // Who stays on one thread does not load it.
    const { startTeam } = await import("./backends/threadTeam.js");
    team = await startTeam(n);
  } catch (error) {
    notice(error instanceof Error ? error.message : String(error));
    return threadCount();
  }
  if (mine !== request) {
    team.close();
    return threadCount();
  }
  end();
  const engine = team.enter(() => {
    if (present === engine) present = null;
  });
  present = engine;
  return n;
}

/**
 * Ends all threads but the calling one, and gives their memory back. Values, and compiled programs, go on as they are.
 *
 * @example
 * ```ts
 * import { stopThreads, threadCount } from "@cotangent/core";
 * stopThreads();
 * threadCount(); // → 1
 * ```
 */
export function stopThreads(): void {
  request++;
  end();
}

/**
 * How many threads compute, the calling one included.
 *
 * @example
 * ```ts
 * import { threadCount } from "@cotangent/core";
 * threadCount(); // → 1
 * ```
 */
export function threadCount(): number {
  return present?.pool?.count ?? 1;
}
