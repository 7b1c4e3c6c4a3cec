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

/** How a routine goes on. */
type Step = (routine: Routine) => ReturnType<Routine["next"]>;

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
 * for the result then, or when the event `stop` comes; earlier, inside the loop, it would wait for itself. It begins with
 * either. Leaving the loop ends the run, as a signal does.
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
      void this.#pump(false)
        .next()
        .catch(() => undefined);
    }
    return this.#result.then(fulfilled, rejected);
  }

  /** @throws `ArgumentError` if the run has begun already, now or by the first event */
  [Symbol.asyncIterator](): AsyncGenerator<FitEvent<P, S, M>, void, undefined> {
    this.#checkFresh();
    return this.#pump(true);
  }

  #checkFresh(): void {
    if (this.#begun)
      throw new ArgumentError("fit: expected one loop over the events of a run, got another; call fit again");
  }

  /** How to go on once a promise is settled, or the signal came first. (A race would hold on to every promise.) */
  #settled(promise: Promise<unknown>): Promise<Step> {
    return new Promise((resolve) => {
      this.#interrupt = this.#control.patient ? null : () => resolve((routine) => routine.throw(abandoned));
      if (this.#control.stopped || this.#signal?.aborted === true) this.#interrupt?.();
      promise.then(
        (value) => resolve((routine) => routine.next(value)),
        (error: unknown) => resolve((routine) => routine.throw(error)),
      );
    });
  }

  async *#pump(telling: boolean): AsyncGenerator<FitEvent<P, S, M>, void, undefined> {
    // Not before the first event is asked for: an iterator that nobody used leaves the run to others.
    this.#checkFresh();
    this.#begun = true;
    const stop = (): void => this.#interrupt?.();
    this.#signal?.addEventListener("abort", stop);
    let ended = false;
    /** Runs the routine to the next event or promise; `null` at its end. */
    const advance = (step: Step): FitEvent<P, S, M> | Promise<unknown> | null => {
      try {
        const { value, done } = step(this.#routine);
        if (done !== true) {
          const item = value as FitEvent<P, S, M> | Promise<unknown>;
          // Whoever is told of the end may wait for the result there and then.
          if (!(item instanceof Promise) && item.type === "stop" && item.reason !== "error") {
            const { type: _stop, ...result } = item;
            this.#settle.resolve(result);
          }
          return item;
        }
        ended = true;
        this.#settle.resolve(value as FitResult<P, S, M>);
        return null;
      } catch (error) {
        ended = true;
        this.#settle.reject(error);
        throw error;
      }
    };
    const onward: Step = (routine) => routine.next();
    let begun = performance.now();
    try {
      for (let item = advance(onward); item !== null;) {
        let step = onward;
        if (item instanceof Promise) step = await this.#settled(item);
        else if (telling) yield item;
        if (performance.now() - begun > slice) {
          await nextTask();
          begun = performance.now();
        }
        item = advance(step);
      }
    } finally {
      // Left by break: the routine tells its end, to callbacks too.
      this.#control.stopped = true;
      for (let step = onward; !ended;) {
        const item = advance(step);
        step = item instanceof Promise ? await this.#settled(item) : onward;
      }
      this.#signal?.removeEventListener("abort", stop);
    }
  }
}
