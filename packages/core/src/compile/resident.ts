/**
 * A state that stands in the memory of a program, step after step.
 * @module
 */
import { ArgumentError } from "../errors.js";
import type { Random } from "../random.js";
import type { Tensor } from "../tensor.js";
import { isCurrent, isTracked, resultsOf, type Recorded } from "./record.js";
import { difference, matches, noLeaves, patternOf, type Leaves, type Pattern } from "./trees.js";

/** @throws {@link ArgumentError} naming the first place where a result is not like the state it should take the place of */
function expectState(state: Pattern, result: Pattern): void {
  const differs = difference(state, result);
  if (differs !== null)
    throw new ArgumentError(
      `repeat: expected a function of a state and a batch that returns the next state, of the same structure, shapes and dtypes, got ${differs}`,
    );
}

/** What a function that runs as it is makes of a state. @throws {@link ArgumentError} if it is no next state */
export function nextState<S, R>(f: (state: S, batch: unknown) => R, state: S, batch: unknown): R {
  const before = patternOf("a state", state, noLeaves());
  const next = f(state, batch);
  expectState(before, patternOf("a function whose result is", next, noLeaves()));
  return next;
}

/** A state that was handed to a program, and all that came of it. */
export class Resident {
  readonly #recorded: Recorded;
  /** The arguments' tensors of the latest step; those of the state are in the program's memory alone. */
  #tensors: readonly Tensor[];
  #generators: readonly Random[] = [];
  /** How many of the arguments' tensors and generators belong to the state. */
  readonly #count: number;
  /** The result that becomes each tensor of the state; `null` where they have to be copied out first. */
  readonly #feeds: readonly (number | "stays")[] | null;
  /** The state, once somebody else has wanted the memory. */
  #left: Leaves | null = null;

  constructor(recorded: Recorded, { tensors, generators }: Leaves) {
    this.#recorded = recorded;
    this.#tensors = tensors;
    const [state] = (recorded.args as Extract<Pattern, { kind: "list" }>).items;
    expectState(state!, recorded.result);
    const { sources, replay } = recorded;
    this.#count = sources.length;
    const feeds = sources.map((source, i) => {
      if (source.kind === "output" && replay.isApart(source.index)) return source.index;
      return source.kind === "argument" && source.index === i ? "stays" : null;
    });
    this.#feeds = feeds.includes(null) ? null : (feeds as (number | "stays")[]);
    replay.enter(this);
    this.#generators = replay.run(tensors, 0, generators);
  }

  /** One more step, if the batch has the recorded pattern. */
  next(batch: unknown): boolean {
    const { args, replay, streams } = this.#recorded;
    if (replay.outdated || !isCurrent(this.#recorded)) return false;
    const [, pattern] = (args as Extract<Pattern, { kind: "list" }>).items;
    const leaves: Leaves = {
      tensors: this.#tensors.slice(0, this.#count),
      generators: streams.map((number) => this.#generators[number]!),
    };
    if (!matches(pattern!, batch, leaves) || isTracked(leaves.tensors)) return false;
    const { tensors, generators } = leaves;
    const stays = this.#feeds !== null && this.#left === null;
    if (stays) replay.feed(this.#feeds);
    else tensors.splice(0, this.#count, ...this.#results().tensors);
    this.#left = null;
    replay.enter(this);
    this.#tensors = tensors;
    this.#generators = replay.run(tensors, stays ? this.#count : 0, generators);
    return true;
  }

  /** Copies the state out, as others are about to use the memory. */
  leave(): void {
    this.#left ??= this.#results();
  }

  /** The state, copied out. */
  state(): unknown {
    this.leave();
    this.#recorded.replay.enter(null);
    return this.#recorded.fill(this.#left!);
  }

  #results(): Leaves {
    const { replay } = this.#recorded;
    return this.#left ?? resultsOf(this.#recorded, this.#tensors, replay.results(), this.#generators);
  }
}
