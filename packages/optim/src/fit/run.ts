/**
 * Runs a routine in slices of time, between which others have their turn.
 * @module
 */
import { ArgumentError } from "@cotangent/core";
import type { FitEvent, FitResult } from "./events.js";
import { abandoned, type Control, type Routine } from "./routine.js";

interface Ports {
  readonly port1: { onmessage: (() => void) | null; close(): void };
  readonly port2: { postMessage(message: null): void };
}

/** Milliseconds, shorter than a frame of a page. */
const slice = 12;

/**
 * Gives timers, input and the painting of a page their turn. Not by `scheduler.yield`, whose continuations come before
 * the timers that may want to abort.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      // The types are those of Node, where this is never reached.
      const { port1, port2 } = new MessageChannel() as unknown as Ports;
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    }
  });
}

/**
 * A training run: wait for its result, `await run`, or look at its events, `for await (const event of run)`, and wait
 * for the result then. It begins with either. Leaving the loop ends the run, as a signal does.
 */
export class FitRun<P, S, M> implements PromiseLike<FitResult<P, S, M>>, AsyncIterable<FitEvent<P, S, M>> {
  readonly #routine: Routine;
  readonly #control: Control;
  readonly #signal: AbortSignal | null;
  readonly #result: Promise<FitResult<P, S, M>>;
  #settle!: { resolve: (result: FitResult<P, S, M>) => void; reject: (error: unknown) => void };
  #begun = false;
  #interrupt: (() => void) | null = null;

  /** @internal */
  constructor(routine: Routine, control: Control, signal: AbortSignal | null) {
    this.#routine = routine;
    this.#control = control;
    this.#signal = signal;
    this.#result = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // Whoever looks at events hears of errors there.
    this.#result.catch(() => undefined);
  }

  then<A = FitResult<P, S, M>, B = never>(
    fulfilled?: ((result: FitResult<P, S, M>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!this.#begun) {
      this.#begun = true;
      void this.#pump(false)
        .next()
        .catch(() => undefined);
    }
    return this.#result.then(fulfilled, rejected);
  }

  /** @throws `ArgumentError` if the run has begun already */
  [Symbol.asyncIterator](): AsyncGenerator<FitEvent<P, S, M>, void, undefined> {
    if (this.#begun)
      throw new ArgumentError("fit: expected one loop over the events of a run, got another; call fit again");
    this.#begun = true;
    return this.#pump(true);
  }

  /** What a promise gives, or `abandoned` if the signal comes first. (A race would hold on to every promise.) */
  #waitFor(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#interrupt = () => resolve(abandoned);
      promise.then(resolve, reject);
    });
  }

  async *#pump(telling: boolean): AsyncGenerator<FitEvent<P, S, M>, void, undefined> {
    const stop = (): void => this.#interrupt?.();
    this.#signal?.addEventListener("abort", stop);
    let ended = false;
    let answer: unknown;
    /** Runs the routine to the next event or promise; `null` at its end. */
    let begun = performance.now();
    const advance = (): FitEvent<P, S, M> | Promise<unknown> | null => {
      try {
        const { value, done } = answer === abandoned ? this.#routine.throw(abandoned) : this.#routine.next(answer);
        answer = undefined;
        if (done !== true) return value as FitEvent<P, S, M> | Promise<unknown>;
        ended = true;
        this.#settle.resolve(value as FitResult<P, S, M>);
        return null;
      } catch (error) {
        ended = true;
        this.#settle.reject(error);
        throw error;
      }
    };
    try {
      for (let item = advance(); item !== null; item = advance()) {
        if (item instanceof Promise) answer = await this.#waitFor(item);
        else if (telling) yield item;
        if (performance.now() - begun > slice) {
          await nextTask();
          begun = performance.now();
        }
      }
    } finally {
      this.#signal?.removeEventListener("abort", stop);
      this.#control.stopped = true;
      // Left by break: the routine tells its end, to callbacks too.
      while (!ended) {
        const item = advance();
        if (item instanceof Promise) answer = await item;
      }
    }
  }
}
