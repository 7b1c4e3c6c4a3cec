/**
 * Kept training states: which, how to come back to them, and how to go another way from there.
 * @module
 */
import { ArgumentError, checkOptions, describe, random } from "@cotangent/core";
import { freeze } from "immer";
import { extentOf, tensorsOf, type Extent } from "./diff.js";
import { isBetter, measured, readCriterion, type Criterion, type Mode } from "./measures.js";
import { checkOptimizer, type Optimizer } from "./optimizer.js";
import { Growing } from "./growing.js";
import { checkKind, count } from "./options.js";
import { checkState, type TrainState } from "./state.js";

/** Which state is the best. */
export interface BestPolicy {
  /** `"cost"`, or the name of one of the state's metrics. Default: `"cost"`. */
  readonly metric?: string | undefined;
  /** Whether it should fall or rise. Default: `"min"` for costs; other metrics want to be told. */
  readonly mode?: Mode | undefined;
  /** How many are kept. Default: 1. */
  readonly count?: number | undefined;
}

/** Which states are kept: those that one of the rules wants. */
export interface HistoryPolicy {
  /** Those whose step is a multiple of it, the start among them. */
  readonly every?: number | undefined;
  /** So many of the latest. */
  readonly last?: number | undefined;
  readonly best?: BestPolicy | undefined;
}

/** How to go on from a kept state. */
export interface BranchOptions {
  /** What the branch is called in its lineage. Default: its number of turns, such as `"branch 1"`. */
  readonly name?: string | undefined;
  /** For another random stream. Default: the stream goes on. */
  readonly seed?: number | string | undefined;
}

/** Where a line of states left another one. */
export interface Turn {
  readonly name: string;
  readonly step: number;
}

interface Rules {
  readonly every: number | null;
  readonly last: number;
  readonly best: (Criterion & { readonly count: number }) | null;
}

interface Lists<State> {
  /** Where a branch begins. */
  readonly root: readonly State[];
  readonly every: Growing<State>;
  readonly last: readonly State[];
  /** Best first. */
  readonly best: readonly State[];
}

function begun<State>(root: readonly State[]): Lists<State> {
  return { root, every: new Growing<State>([]), last: [], best: [] };
}

function until<State extends { readonly step: number }>(
  { root, every, last, best }: Lists<State>,
  step: number,
): Lists<State> {
  const early = (list: readonly State[]): State[] => list.filter((state) => state.step <= step);
  return { root: early(root), every: new Growing(early(every.toArray())), last: early(last), best: early(best) };
}

/** The best states with one more, where it is among them. */
function ranked<State extends TrainState<unknown, unknown, unknown>>(
  list: readonly State[],
  state: State,
  rule: NonNullable<Rules["best"]>,
): readonly State[] {
  const value = measured(state, rule);
  if (value === null) return list;
  // Earlier ones win ties.
  const place = list.findIndex((other) => isBetter(rule, value, measured(other, rule)!));
  if (place < 0) return list.length < rule.count ? [...list, state] : list;
  return [...list.slice(0, place), state, ...list.slice(place)].slice(0, rule.count);
}

/**
 * States kept by a policy, as an immutable value: `add`, `rewind` and `branch` give others, which share what they keep.
 * Made by `history`.
 */
export class History<P, S, M> {
  readonly #rules: Rules;
  readonly #lists: Lists<TrainState<P, S, M>>;
  readonly #newest: number;
  #states: readonly TrainState<P, S, M>[] | null = null;
  /** The turns that lead here, the first one first; empty for a trunk. */
  readonly lineage: readonly Turn[];
  /** The history that this one branched from, as it was then. */
  readonly parent: History<P, unknown, M> | null;

  /** @internal */
  constructor(
    rules: Rules,
    lists: Lists<TrainState<P, S, M>>,
    newest: number,
    lineage: readonly Turn[],
    parent: History<P, unknown, M> | null,
  ) {
    this.#rules = rules;
    this.#lists = lists;
    this.#newest = newest;
    this.lineage = lineage;
    this.parent = parent;
    Object.freeze(this);
  }

  /** Kept states by ascending step. */
  get states(): readonly TrainState<P, S, M>[] {
    if (this.#states !== null) return this.#states;
    const { root, every, last, best } = this.#lists;
    const all = new Set([...root, ...every.toArray(), ...last, ...best]);
    return (this.#states = Object.freeze([...all].sort((a, b) => a.step - b.step)));
  }

  /** The steps of the kept states, ascending. */
  get steps(): readonly number[] {
    return this.states.map(({ step }) => step);
  }

  /** The last kept state; `null`: none. */
  get latest(): TrainState<P, S, M> | null {
    return this.states.at(-1) ?? null;
  }

  /** The step of the latest state added, kept or not; -1: none. */
  get newest(): number {
    return this.#newest;
  }

  /** The best state by the policy's metric; `null` without one. */
  get best(): TrainState<P, S, M> | null {
    return this.#lists.best[0] ?? null;
  }

  /** The tensors of all kept states, each counted once. */
  get memory(): Extent {
    return extentOf(tensorsOf(...this.states));
  }

  /**
   * The history with a state that came later, if the policy wants it, and without those that it wants no longer.
   *
   * @throws `ArgumentError` if it is no state, or its step is not after those added before
   */
  add(state: TrainState<P, S, M>): History<P, S, M> {
    checkState("history.add", state);
    if (state.step <= this.#newest)
      throw new ArgumentError(
        `history.add: expected a state after step ${this.#newest}, got one of step ${state.step}; rewind or branch first`,
      );
    const { every, last, best } = this.#rules;
    const before = this.#lists;
    const lists = {
      root: before.root,
      every: every !== null && state.step % every === 0 ? before.every.with(state) : before.every,
      last: last > 0 ? [...before.last, state].slice(-last) : before.last,
      best: best === null ? before.best : ranked(before.best, state, best),
    };
    const same = lists.every === before.every && lists.last === before.last && lists.best === before.best;
    if (!same) freeze(state, true);
    return new History(this.#rules, same ? before : lists, state.step, this.lineage, this.parent);
  }

  /**
   * The kept state of a step.
   *
   * @throws `ArgumentError` if it is not kept; the nearest ones are named
   */
  at(step: number): TrainState<P, S, M> {
    return this.#find("history.at", step);
  }

  #find(operator: string, step: number): TrainState<P, S, M> {
    const found = this.states.find((state) => state.step === step);
    if (found !== undefined) return found;
    const nearest = this.steps
      .slice()
      .sort((a, b) => Math.abs(a - step) - Math.abs(b - step) || a - b)
      .slice(0, 2);
    throw new ArgumentError(
      `${operator}: expected a step that is kept, got ${describe(step)}; ${nearest.length === 0 ? "none is kept yet" : `the nearest kept: ${nearest.join(", ")}`}`,
    );
  }

  /**
   * The history as it was at a kept step, with the states that are still kept from then; training goes on from its
   * `latest`.
   *
   * @throws `ArgumentError` if the step is not kept
   */
  rewind(step: number): History<P, S, M> {
    this.#find("history.rewind", step);
    return new History(this.#rules, until(this.#lists, step), step, this.lineage, this.parent);
  }

  /**
   * Another line from a kept step, of the same policy. This one stays as it is, and is the other's `parent`. The branch
   * begins with the kept state; go on from its `latest`, with another learning rate if you like. With the option
   * `optimizer`, that optimiser begins there with a fresh state.
   *
   * @throws `ArgumentError` if the step is not kept, or an option is unknown
   */
  branch(step: number, options?: BranchOptions): History<P, S, M>;
  branch<T>(step: number, options: BranchOptions & { readonly optimizer: Optimizer<T> }): History<P, T, M>;
  branch(step: number, options?: BranchOptions & { readonly optimizer?: Optimizer<unknown> }): History<P, unknown, M> {
    checkOptions("history.branch", options, ["name", "seed", "optimizer"]);
    const { name = `branch ${this.lineage.length + 1}`, seed, optimizer } = options ?? {};
    if (typeof name !== "string") throw new ArgumentError(`history.branch: expected a name, got ${describe(name)}`);
    if (optimizer !== undefined) checkOptimizer("history.branch", optimizer);
    const from = this.#find("history.branch", step);
    const changed: TrainState<P, unknown, M> = {
      ...from,
      ...(optimizer === undefined ? {} : { optimizer: optimizer.init(from.params) }),
      ...(seed === undefined ? {} : { random: random(seed).state() }),
    };
    const root = optimizer === undefined && seed === undefined ? from : freeze(changed, true);
    const lineage = freeze([...this.lineage, { name, step }], true);
    return new History<P, unknown, M>(this.#rules, begun([root]), step, lineage, this);
  }
}

/**
 * A history of training states, without any yet: `history(policy).add(state)`.
 *
 * @param policy the rules; a state is kept while one of them wants it
 * @param first a state to begin with
 * @throws `ArgumentError` if there is no rule, a number is not an integer from 1, or an option is unknown
 * @example
 * ```ts
 * import { tensor, type Tensor } from "@cotangent/core";
 * import { history, sgd, train, trainState } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: 0.1 });
 * const cost = (p: { w: Tensor }, target: Tensor) => p.w.sub(target).square();
 * let state = trainState({ params: { w: tensor(0) }, optimizer });
 * let kept = history({ every: 4, last: 2 }, state);
 * for (let i = 0; i < 10; i++) {
 *   state = train(state, tensor(1), { cost, optimizer });
 *   kept = kept.add(state);
 * }
 * kept.steps; // → [0,4,8,9,10]
 * kept.rewind(4).latest === kept.at(4); // → true
 * kept.branch(8, { name: "slower" }).lineage[0].step; // → 8
 * ```
 */
export function history<P, S, M = unknown>(policy: HistoryPolicy, first?: TrainState<P, S, M>): History<P, S, M> {
  const empty = new History<P, S, M>(readPolicy("history", policy), begun([]), -1, [], null);
  return first === undefined ? empty : empty.add(first);
}

function readPolicy(operator: string, policy: HistoryPolicy): Rules {
  checkOptions(operator, policy, ["every", "last", "best"]);
  const { every, last, best } = policy ?? {};
  if (every === undefined && last === undefined && best === undefined)
    throw new ArgumentError(`${operator}: expected at least one of every, last and best, got none`);
  if (best !== undefined) checkOptions(`${operator}: best`, best, ["metric", "mode", "count"]);
  return {
    every: every === undefined ? null : checkKind(operator, "every", count, every),
    last: last === undefined ? 0 : checkKind(operator, "last", count, last),
    best:
      best === undefined
        ? null
        : {
            ...readCriterion(`${operator}: best`, best, "cost"),
            count: checkKind(`${operator}: best`, "count", count, best.count ?? 1),
          },
  };
}
