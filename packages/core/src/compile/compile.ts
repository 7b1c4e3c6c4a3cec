/**
 * Functions recorded once and replayed.
 * @module
 */
import { context } from "../context.js";
import { ArgumentError, checkFunction, describe } from "../errors.js";
import type { Arguments } from "../grad.js";
import { untracked } from "../leaf.js";
import type { Tensor } from "../tensor.js";
import { Replay } from "./program.js";
import { show } from "./show.js";
import { Trace, type Place } from "./trace.js";
import { alike, fill, matches, patternOf, type Pattern } from "./trees.js";

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
  /** How many kinds of arguments are recorded. */
  readonly recorded: number;
  /** What was recorded: for every kind of arguments the steps, memory and arithmetic. */
  toString(): string;
}

/** One recording: for arguments of one pattern. */
interface Recorded {
  readonly args: Pattern;
  readonly result: Pattern;
  readonly defaultDtype: string;
  /** For every tensor of the result, in order. */
  readonly sources: readonly Source[];
  readonly replay: Replay;
}

/** Where a tensor of the result comes from: computed, an argument as it came, or a constant. */
type Source =
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "argument"; readonly index: number }
  | { readonly kind: "constant"; readonly value: Tensor };

function record(f: (...args: Arguments) => unknown, pattern: Pattern, tensors: readonly Tensor[]): Recorded {
  const trace = new Trace();
  const handles = tensors.map(({ dtype, layout }, i) => trace.input(i, dtype, layout.shape));
  const value = trace.run(() => f(...(fill(pattern, handles) as Arguments)));
  const results: Tensor[] = [];
  const result = patternOf("a function whose result is", value, results);
  const outputs: Place[] = [];
  const placed = new Map<Tensor, Source>();
  const sources = results.map((x): Source => {
    const argument = handles.indexOf(x);
    if (argument >= 0) return { kind: "argument", index: argument };
    if (!trace.isOpen(x)) return { kind: "constant", value: untracked(x) };
    const known = placed.get(x);
    if (known !== undefined) return known;
    const source: Source = { kind: "output", index: outputs.push(trace.placeOf(x)) - 1 };
    placed.set(x, source);
    return source;
  });
  const inputs = handles.map((x) => trace.placeOf(x).buffer);
  const replay = new Replay(trace, inputs, outputs);
  return { args: pattern, result, defaultDtype: context.defaultDtype, sources, replay };
}

/** More recordings than this are probably a mistake: a number that changes in every call. */
const manyRecordings = 10;
/** So many are kept, those used last. */
const keptRecordings = 32;

class Recordings {
  readonly list: Recorded[] = [];
  readonly #f: (...args: Arguments) => unknown;
  #warned = false;

  constructor(f: (...args: Arguments) => unknown) {
    this.#f = f;
  }

  /** The recording for these arguments, whose tensors are added to `tensors`; `null` where the function has to run itself. */
  find(args: Arguments, tensors: Tensor[]): Recorded | null {
    if (context.evaluate !== null || context.observer !== null) return null;
    for (let i = 0; i < this.list.length; i++) {
      const recorded = this.list[i]!;
      tensors.length = 0;
      if (recorded.defaultDtype !== context.defaultDtype || !matches(recorded.args, args, tensors)) continue;
      if (i > 0) this.list.unshift(...this.list.splice(i, 1));
      if (isTracked(tensors)) return null;
      return recorded.replay.outdated ? this.#again(recorded, tensors) : recorded;
    }
    tensors.length = 0;
    const pattern = patternOf("arguments", args, tensors);
    if (isTracked(tensors)) return null;
    const recorded = record(this.#f, pattern, tensors);
    this.list.unshift(recorded);
    if (this.list.length > keptRecordings) this.list.pop()!.replay.dispose();
    if (this.list.length > manyRecordings && !this.#warned) {
      this.#warned = true;
      (globalThis as { console?: { warn(text: string): void } }).console?.warn(
        `Cotangent: compile has recorded ${this.#f.name === "" ? "a function" : this.#f.name} ${this.list.length} times, as shapes or plain numbers in its arguments changed; pass numbers that change as tensors, with scalar(…).`,
      );
    }
    return recorded;
  }

  /** The first recording once more, for other threads. */
  #again(before: Recorded, tensors: readonly Tensor[]): Recorded {
    before.replay.dispose();
    this.list.shift();
    const recorded = record(this.#f, before.args, tensors);
    this.list.unshift(recorded);
    return recorded;
  }
}

function resultOf(recorded: Recorded, args: readonly Tensor[], outputs: readonly Tensor[]): unknown {
  return fill(recorded.result, tensorsOf(recorded, args, outputs));
}

function tensorsOf({ sources }: Recorded, args: readonly Tensor[], outputs: readonly Tensor[]): Tensor[] {
  const tensors = new Array<Tensor>(sources.length);
  for (let i = 0; i < sources.length; i++) {
    const source = sources[i]!;
    tensors[i] =
      source.kind === "output"
        ? outputs[source.index]!
        : source.kind === "argument"
          ? args[source.index]!
          : source.value;
  }
  return tensors;
}

/** Whether derivatives by one of them are wanted, which a program does not hand on. */
function isTracked(tensors: readonly Tensor[]): boolean {
  if (context.recording) for (let i = 0; i < tensors.length; i++) if (tensors[i]!.node !== null) return true;
  return false;
}

/**
 * The same function, recorded at its first call and replayed from then on as one program: dead and repeated work is left
 * out, elementwise operators run in common loops, and all that is computed on the way stands in one block of memory that
 * is used again in every call. Values are those of the function itself, bit for bit; they stand in memory of their own.
 *
 * Arguments and results are tensors, or plain objects and arrays of them. Tensors in arguments, of shape `[]` too, may be
 * others in every call; for other shapes and dtypes, and for other numbers, texts and booleans, the function is recorded
 * again. Tensors in the closure are constants. Derivatives and optimisers inside are recorded like everything else. So a
 * training step is one program: count steps by tensors, and pass a rate that changes as one.
 *
 * The function must be pure. It cannot read a value (`item`, `toArray`): choose with `where`. It cannot draw random
 * numbers: pass them in. Where derivatives of the result are wanted, or within `vmap` and `jvp`, it runs as it is.
 *
 * @param f a synchronous function of tensors and of plain structures of them
 * @throws {@link GraphError} while recording, if it reads a value (the message names the line) or draws random numbers
 * @throws {@link ArgumentError} if an argument or the result is made of something else
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
export function compile<A extends Arguments, R>(f: (...args: A) => R): Program<A, R> {
  checkFunction("compile", f);
  const recordings = new Recordings(f as never);
  const found: Tensor[] = [];
  const program = (...args: A): R => {
    const recorded = recordings.find(args, found);
    return recorded === null ? f(...args) : (resultOf(recorded, found, recorded.replay.run(found)) as R);
  };
  const repeat = (state: A[0], batches: Iterable<A[1]>): unknown => {
    if (typeof (batches as Iterable<A[1]> | undefined)?.[Symbol.iterator] !== "function")
      throw new ArgumentError(`repeat: expected a state and a list of batches, got ${describe(batches)}`);
    let present: Present = { state: () => state, next: () => false, end: () => undefined };
    try {
      for (const batch of batches) {
        if (present.next(batch)) continue;
        const args = [present.state(), batch] as unknown as A;
        present.end();
        const tensors: Tensor[] = [];
        const recorded = recordings.find(args, tensors);
        if (recorded !== null) present = new Resident(recorded, tensors);
        else {
          const next = f(...args);
          present = { state: () => next, next: () => false, end: () => undefined };
        }
      }
      return present.state();
    } finally {
      present.end();
    }
  };
  return Object.defineProperties(program, {
    name: { value: f.name },
    repeat: { value: repeat },
    recorded: { get: () => recordings.list.length },
    toString: {
      value: () =>
        recordings.list.map(({ args, replay }) => show(f.name, args, replay.plan)).join("\n\n") ||
        `compile(${f.name || "f"}): nothing recorded yet`,
    },
  }) as never;
}

/** The state between two steps. */
interface Present {
  state(): unknown;
  /** One more step on it, if it can take this batch. */
  next(batch: unknown): boolean;
  /** It is not needed any more. */
  end(): void;
}

/** A state that stands in the memory of a program, step after step. */
class Resident implements Present {
  readonly #recorded: Recorded;
  #tensors: readonly Tensor[];
  #ended = false;
  /** How many of the arguments' tensors belong to the state. */
  readonly #count: number;
  /** The result that becomes each tensor of the state; `null` where they have to be copied out first. */
  readonly #feeds: readonly (number | "stays")[] | null;

  constructor(recorded: Recorded, tensors: readonly Tensor[]) {
    this.#recorded = recorded;
    this.#tensors = [...tensors];
    const [state] = (recorded.args as Extract<Pattern, { kind: "list" }>).items;
    if (!alike(state!, recorded.result))
      throw new ArgumentError(
        "repeat: expected a function of a state and a batch that returns the next state, of the same structure, shapes and dtypes, got one that returns something else",
      );
    const { sources, replay } = recorded;
    this.#count = sources.length;
    const feeds = sources.map((source, i) => {
      if (source.kind === "output" && replay.isApart(source.index)) return source.index;
      return source.kind === "argument" && source.index === i ? "stays" : null;
    });
    this.#feeds = feeds.includes(null) ? null : (feeds as (number | "stays")[]);
    replay.hold();
    try {
      replay.load(tensors);
      replay.step();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#recorded.replay.letGo();
  }

  /** One more step, if the batch has the recorded pattern. */
  next(batch: unknown): boolean {
    const { args, replay } = this.#recorded;
    if (replay.outdated) return false;
    const [, pattern] = (args as Extract<Pattern, { kind: "list" }>).items;
    const tensors: Tensor[] = this.#tensors.slice(0, this.#count);
    if (!matches(pattern!, batch, tensors)) return false;
    if (this.#feeds === null) {
      const results = tensorsOf(this.#recorded, this.#tensors, replay.results());
      this.#tensors = [...results, ...tensors.slice(this.#count)];
      replay.load(this.#tensors);
    } else {
      replay.feed(this.#feeds);
      replay.load(tensors, this.#count);
    }
    replay.step();
    return true;
  }

  state(): unknown {
    return resultOf(this.#recorded, this.#tensors, this.#recorded.replay.results());
  }
}
