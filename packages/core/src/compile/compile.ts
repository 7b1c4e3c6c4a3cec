/**
 * Functions recorded once and replayed.
 * @module
 */
import { context } from "../context.js";
import { ArgumentError, checkFunction, checkOptions, describe, GraphError } from "../errors.js";
import type { Arguments } from "../grad.js";
import { changeSince, isCurrent, isTracked, record, resultsOf, type Recorded } from "./record.js";
import { nextState, Resident } from "./resident.js";
import { show } from "./show.js";
import type { Tensor } from "../tensor.js";
import { difference, noLeaves, patternOf, type Leaves } from "./trees.js";

/** A compiled function; see `compile`. */
export interface Program<A extends Arguments, R> {
  /** The same values as the function itself, bit for bit. */
  (...args: A): R;
  /**
   * Runs the function over a sequence of batches, each time on the state that the time before gave; the state stays in the
   * program's memory and is copied out once, at the end.
   *
   * @throws {@link ArgumentError} if the result is not of the state's structure, shapes and dtypes
   */
  repeat(state: A[0], batches: Iterable<A[1]>): R;
  /**
   * Runs the function once more for every kind of arguments, without computing anything, and compares what it would compute
   * now with what is recorded: operators, their operands and options, constants, draws and the result.
   *
   * @throws {@link GraphError} if that is something else, as the function is not pure; the message says what has changed
   */
  verify(): void;
  /** How many kinds of arguments are recorded. */
  readonly recorded: number;
  /**
   * What was new in the arguments for which the function was recorded last, in words; `null` if it was recorded once, or not
   * yet.
   */
  readonly change: string | null;
  /** What was recorded: for every kind of arguments the steps, memory and arithmetic. */
  toString(): string;
}

/** More recordings than this are probably a mistake: a number that changes in every call. */
const manyRecordings = 10;
/** So many are kept, those used last. */
const keptRecordings = 32;

class Recordings {
  readonly list: Recorded[] = [];
  readonly #f: (...args: Arguments) => unknown;
  /** What was new in the arguments of the latest recording. */
  change: string | null = null;
  /** Each kind of notice is given once. */
  readonly #noticed = new Set<string>();

  constructor(f: (...args: Arguments) => unknown) {
    this.#f = f;
  }

  /** The recording for these arguments, whose leaves are put into `leaves`; `null` where the function has to run itself. */
  find(args: Arguments, leaves: Leaves): Recorded | null {
    const { tensors, generators } = leaves;
    if (context.evaluate !== null || context.observer !== null) return null;
    for (let i = 0; i < this.list.length; i++) {
      const recorded = this.list[i]!;
      if (!isCurrent(recorded) || !recorded.matches(args, leaves)) {
        tensors.length = generators.length = 0;
        continue;
      }
      if (i > 0) this.list.unshift(...this.list.splice(i, 1));
      if (recorded.replay.running || this.#isTracked(tensors)) return null;
      return this.#unlessTracked(recorded.replay.outdated ? this.#again(recorded, leaves) : recorded);
    }
    const pattern = patternOf("arguments", args, leaves);
    if (this.#isTracked(tensors)) return null;
    const recorded = record(this.#f, pattern, leaves);
    const [before] = this.list;
    this.list.unshift(recorded);
    if (before !== undefined) this.change = difference(before.args, pattern);
    if (this.list.length > keptRecordings) this.list.pop()!.replay.dispose();
    if (this.list.length > manyRecordings)
      this.#notice(
        "recordings",
        `compile has recorded ${this.#name} ${this.list.length} times, as shapes or plain values in its arguments changed, last to ${this.change ?? "those of another default dtype"}.`,
      );
    return this.#unlessTracked(recorded);
  }

  /** `null` where derivatives by variables of the closure may be wanted. */
  #unlessTracked(recorded: Recorded): Recorded | null {
    if (!recorded.tracked || !context.recording) return recorded;
    this.#notice(
      "closure",
      `a program of ${this.#name} runs operator by operator, as its result depends on variables of the closure, by which derivatives may be wanted; pass them as arguments, or call it within noGrad.`,
    );
    return null;
  }

  /** Whether derivatives by arguments are wanted. */
  #isTracked(tensors: readonly Tensor[]): boolean {
    if (!isTracked(tensors)) return false;
    this.#notice(
      "arguments",
      `a program of ${this.#name} runs operator by operator, as it was called with variables, by which derivatives are wanted; compile a function that takes the derivatives too, or call it within noGrad.`,
    );
    return true;
  }

  get #name(): string {
    return this.#f.name === "" ? "a function" : this.#f.name;
  }

  #notice(kind: "recordings" | "closure" | "arguments", text: string): void {
    if (this.#noticed.has(kind)) return;
    this.#noticed.add(kind);
    (globalThis as { console?: { warn(text: string): void } }).console?.warn(`Cotangent: ${text}`);
  }

  /** @throws {@link GraphError} if the function computes something else now */
  verify(): void {
    for (const recorded of this.list) {
      const change = isCurrent(recorded) ? changeSince(recorded, this.#f) : null;
      if (change !== null)
        throw new GraphError(
          `verify: expected a pure function, got one that computes something else now than when it was recorded: ${change}; pass what changes as an argument (a number as a tensor, with scalar(…)), or leave this function uncompiled`,
        );
    }
  }

  /** The first recording once more, for other threads. */
  #again(before: Recorded, leaves: Leaves): Recorded {
    before.replay.dispose();
    this.list.shift();
    const recorded = record(this.#f, before.args, leaves);
    this.list.unshift(recorded);
    return recorded;
  }
}

/**
 * The same function, recorded at its first call and replayed from then on as one program: dead and repeated work is left
 * out, elementwise operators run in common loops, and all that is computed on the way stands in one block of memory that is
 * used again in every call. Values are those of the function itself, bit for bit; they stand in memory of their own.
 *
 * Errors of shapes, dtypes and options come while the function is recorded, those of values (singular matrices, indices out
 * of range, what `fromNumber` is told) when the program runs: so not where nothing needs the result. `checkValues` always
 * looks.
 *
 * Arguments and results are tensors, or plain objects and arrays of them, of numbers and texts. Tensors in arguments, of
 * shape `[]` too, may be others in every call; for other shapes and dtypes, and for other numbers, texts and booleans, the
 * function is recorded again: the latest 32 recordings are kept, and a notice says once that there are more than 10.
 * Tensors in the closure are constants; where the result depends on variables among them, derivatives may be wanted, and
 * the function runs as it is, but within `noGrad`. Derivatives and optimisers inside are recorded like everything else. So
 * a training step is one program: count steps by tensors, and pass a rate that changes as one.
 *
 * Generators of random numbers (`random`) are arguments too: what the function draws from them, or from generators made of
 * them by `fork` and `split`, is drawn again in every call, and moves them as the function itself would. One that the
 * function makes from a seed gives the same numbers in every call.
 *
 * The function must be pure: a number outside that it reads, or `Math.random`, is recorded as it was, and what it does
 * besides, such as counting or pushing to a list, happens when it is recorded. `verify` tells whether it would compute
 * something else now. What it writes to its arguments is refused. It cannot read a value (`item`, `toArray`): choose with
 * `where`. Where derivatives of the result are wanted, or within `vmap` and `jvp`, it runs as it is.
 *
 * @param f a synchronous function of tensors, generators and plain structures of them
 * @throws {@link GraphError} while recording, if it reads a value (the message names the line), or draws from a generator
 * in its closure
 * @throws {@link ArgumentError} if an argument or the result is made of something else, such as a promise, or `f` writes to
 * its arguments
 * @throws {@link ShapeError} if the program does not fit into memory
 * @example
 * ```ts
 * import { compile, tensor, valueAndGrad, type Tensor } from "@cotangent/core";
 * const step = compile((w: Tensor, x: Tensor) => {
 *   const [cost, slope] = valueAndGrad((v: Tensor) => v.sub(x).square().mean())(w);
 *   return { w: w.sub(slope.mul(0.5)), cost };
 * });
 * step(tensor(0), tensor([1, 3])).w.item(); // → 2
 * step(tensor(1), tensor([1, 3])).cost.item(); // → 2
 * ```
 */
export function compile<A extends Arguments, R>(f: (...args: A) => R): Program<A, R>;
export function compile<A extends Arguments, R>(f: (...args: A) => R, options?: object): Program<A, R> {
  checkFunction("compile", f);
  checkOptions("compile", options, []);
  const recordings = new Recordings(f as never);
  const program = (...args: A): R => {
    const leaves = noLeaves();
    const recorded = recordings.find(args, leaves);
    if (recorded === null) return f(...args);
    const { replay } = recorded;
    replay.enter(null);
    const generators = replay.run(leaves.tensors, 0, leaves.generators);
    return recorded.fill(resultsOf(recorded, leaves.tensors, replay.results(), generators)) as R;
  };
  const repeat = (state: A[0], batches: Iterable<A[1]>): unknown => {
    if (typeof (batches as Iterable<A[1]> | undefined)?.[Symbol.iterator] !== "function")
      throw new ArgumentError(
        `repeat: expected a state and batches in an array or another iterable, got ${describe(batches)}${Symbol.asyncIterator in Object(batches) ? "; an async one has to be awaited first" : ""}`,
      );
    let present: { state(): unknown; next(batch: unknown): boolean } = { state: () => state, next: () => false };
    for (const batch of batches) {
      if (present.next(batch)) continue;
      const args = [present.state(), batch] as const;
      const leaves = noLeaves();
      const recorded = recordings.find(args, leaves);
      if (recorded !== null) present = new Resident(recorded, leaves);
      else {
        const next = nextState(f as unknown as (state: unknown, batch: unknown) => unknown, ...args);
        present = { state: () => next, next: () => false };
      }
    }
    return present.state();
  };
  return Object.defineProperties(program, {
    name: { value: f.name },
    repeat: { value: repeat },
    verify: { value: () => recordings.verify() },
    recorded: { get: () => recordings.list.length },
    change: { get: () => recordings.change },
    toString: {
      value: () =>
        recordings.list.map(({ args, replay }) => show(f.name, args, replay.plan)).join("\n\n") ||
        `compile(${f.name || "f"}): nothing recorded yet`,
    },
  }) as never;
}
