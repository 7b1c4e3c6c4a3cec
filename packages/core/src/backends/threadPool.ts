/**
 * Threads that share memory, and the jobs that they do together. All that passes between them stands in that memory,
 * because a sleeping thread gets no messages, and a page can receive none while it computes.
 * @module
 */
import { ThreadError } from "../errors.js";
import { startThread, type Thread } from "./threadStart.js";
import { counter, firstPart, jobStart, lifeStep } from "./threadPlaces.js";
import type { ThreadStart } from "./threadText.js";
import type { WasmMemory } from "./wasmModule.js";

/** Numbers that one job may have: a megabyte. */
export const jobNumbers = 2 ** 17;
const messageLength = 512;

/** How patient the main thread is; tests have less time. */
export const patience = {
  /** Turns that a thread looks for something before it sleeps. */
  turns: 50_000,
  /** A thread that gives no sign of life for so long is taken for dead, */
  milliseconds: 10_000,
  /** and for so many times what the main thread's parts of the same job have taken: large ones take long. */
  factor: 20,
};
/** The main thread looks at the signs of life so often; and it counts these naps, so that a machine may sleep. */
const napMilliseconds = 100;

const now: () => number = (() => {
  const { performance } = globalThis as { readonly performance?: { now(): number } };
  return performance === undefined ? Date.now : performance.now.bind(performance);
})();

/** Whether this thread may sleep; the main one of a page may not. */
function maySleep(counters: Int32Array): boolean {
  try {
    Atomics.wait(counters, counter.event, Atomics.load(counters, counter.event), 0);
    return true;
  } catch {
    return false;
  }
}

/** Threads beside this one, over one memory. */
export class Pool {
  readonly #counters: Int32Array;
  readonly #job = new Float64Array(new SharedArrayBuffer(8 * jobNumbers));
  readonly #message = new Uint16Array(new SharedArrayBuffer(2 * messageLength));
  readonly #threads: Thread[] = [];
  readonly #sleeps: boolean;
  /** Signs of life when a job was put up that a thread has not answered yet, and when that was. */
  readonly #lives: { count: number; at: number }[] = [];
  #lost: string | null = null;
  #closed = false;
  /** Told when the threads have ended, for whatever reason. */
  onClose: () => void = () => undefined;

  private constructor(
    /** How many threads there are, this one included. */
    readonly count: number,
    memory: WasmMemory,
    starting: Promise<Thread>[],
  ) {
    this.#counters = new Int32Array(new SharedArrayBuffer(4 * (counter.life + lifeStep * count)));
    this.#sleeps = maySleep(this.#counters);
    for (let index = 1; index < count; index++) {
      const start: ThreadStart = {
        cotangent: true,
        counters: this.#counters,
        job: this.#job,
        message: this.#message,
        memory,
        index,
        turns: patience.turns,
        instances: 256,
      };
      starting.push(startThread(start, (reason) => (this.#lost ??= reason)));
    }
  }

  /** Starts threads, so many with this one. @throws Error where that is impossible */
  static async start(count: number, memory: WasmMemory): Promise<Pool> {
    const starting: Promise<Thread>[] = [];
    const pool = new Pool(count, memory, starting);
    const started = await Promise.allSettled(starting);
    for (const each of started) if (each.status === "fulfilled") pool.#threads.push(each.value);
    for (const each of started)
      if (each.status === "rejected") {
        pool.close();
        throw each.reason as Error;
      }
    pool.#lives.push(...pool.#threads.map(() => ({ count: 0, at: Infinity })));
    return pool;
  }

  /** Whether a thread is known to have ended by itself. */
  get failed(): boolean {
    return this.#lost !== null;
  }

  /** Ends the threads. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    Atomics.store(this.#counters, counter.left, 0);
    Atomics.store(this.#counters, counter.stop, 1);
    Atomics.add(this.#counters, counter.signal, 1);
    Atomics.notify(this.#counters, counter.signal);
    for (const thread of this.#threads) void thread.terminate();
    this.onClose();
  }

  #fail(reason: string): never {
    this.close();
    throw new ThreadError(
      `startThreads: expected threads that do their part, got one that failed (${reason}); all values are as they were, and the next call runs on one thread, or again on several after startThreads(n)`,
    );
  }

  /** Does a job: `own[i]()` does part i here, and `numbers` describe all parts for the others. @throws {@link ThreadError} */
  run(numbers: Float64Array, own: readonly (() => void)[]): void {
    const counters = this.#counters;
    if (this.#closed) {
      for (const part of own) part();
      return;
    }
    if (this.#lost !== null) this.#fail(this.#lost);
    this.#lookForLife();
    this.#job.set(numbers);
    const count = numbers[jobStart.count]!;
    Atomics.store(counters, counter.done, 0);
    Atomics.store(counters, counter.left, count);
    Atomics.add(counters, counter.signal, 1);
    Atomics.notify(counters, counter.signal);
    let mine = 0;
    const began = now();
    try {
      for (let left = count, first = 0; first < left % firstPart;) {
        const present = Atomics.compareExchange(counters, counter.left, left, left + firstPart);
        if (present === left) {
          own[first]!();
          mine++;
          left = Atomics.load(counters, counter.left);
        } else left = present;
        first = Math.floor(left / firstPart);
      }
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    this.#waitFor(count - mine, patience.milliseconds + patience.factor * (now() - began));
  }

  /** Waits until the other threads have done their parts, as long as they give signs of life within a time. */
  #waitFor(parts: number, milliseconds: number): void {
    const counters = this.#counters;
    let lives = -1;
    let naps = 0;
    let since = 0;
    for (let turn = 0; Atomics.load(counters, counter.done) < parts; turn++) {
      if (turn < patience.turns) continue;
      const failed = Atomics.load(counters, counter.failed);
      if (failed > 0) this.#fail(String.fromCharCode(...this.#message.subarray(0, failed)));
      const signs = this.#signsOfLife();
      if (signs !== lives) [lives, naps, since] = [signs, 0, now()];
      if (this.#sleeps) {
        const seen = Atomics.load(counters, counter.event);
        if (Atomics.load(counters, counter.done) >= parts || Atomics.load(counters, counter.failed) > 0) continue;
        if (Atomics.wait(counters, counter.event, seen, napMilliseconds) === "timed-out") naps++;
      } else {
        naps = (now() - since) / napMilliseconds;
        turn = 0;
      }
      if (naps * napMilliseconds >= milliseconds) this.#fail("it does not answer any more");
    }
  }

  #lifeOf(thread: number): number {
    return Atomics.load(this.#counters, counter.life + lifeStep * thread);
  }

  #signsOfLife(): number {
    let sum = 0;
    for (let i = 0; i < this.#threads.length; i++) sum += this.#lifeOf(i);
    return sum;
  }

  /** A thread that is awake, or woken by a job, gives signs of life, whether or not it finds a part left to do. */
  #lookForLife(): void {
    const at = now();
    for (let i = 0; i < this.#lives.length; i++) {
      const life = this.#lives[i]!;
      const count = this.#lifeOf(i);
      if (count !== life.count || life.at === Infinity) this.#lives[i] = { count, at };
      else if (at - life.at >= patience.milliseconds) this.#fail("it does not answer any more");
    }
  }
}
