/**
 * The course of a training run, as a routine that yields what happens, and promises that it has to wait for.
 * @module
 */
import { ArgumentError, DataError, type Explanation } from "@cotangent/core";
import { freeze } from "immer";
import { isBetter, measured } from "../measures.js";
import { NotFiniteError } from "../notFinite.js";
import type { TrainState } from "../state.js";
import { advance } from "../train.js";
import type { FitEvent, FitResult, StopReason } from "./events.js";
import { close, isPromise, measure, nextOf, type Cursor, type Waiting } from "./measure.js";
import type { Plan } from "./options.js";

type State = TrainState<unknown, unknown, unknown>;

/** What the one who runs the routine tells it. */
export interface Control {
  /** Whether to end before the next step. */
  stopped: boolean;
  /** Whether the promise that was yielded last must be waited for even if a signal comes: it is a callback's. */
  patient: boolean;
}

/** Thrown into the routine where it waits for data, so that it ends. */
export const abandoned = Symbol("abandoned");

/** Yields events, and promises whose values it wants back. */
export type Routine = Generator<FitEvent | Promise<unknown>, FitResult<unknown, unknown, unknown>, unknown>;
type Telling = Generator<FitEvent | Promise<unknown>, void, unknown>;

/** A position between two steps. */
interface Position {
  /** Epochs done. */
  readonly epochs: number;
  /** Batches of the epoch begun that are done. */
  readonly batches: number;
  readonly cursor: Cursor | null;
}

function* skip(cursor: Cursor, most: number): Waiting<number> {
  for (let i = 0; i < most; i++) if ((yield* nextOf(cursor)).done === true) return i;
  return most;
}

const exhausted = (epoch: number): DataError =>
  new DataError(
    `fit: data: expected at least one batch in epoch ${epoch}, got none; a generator gives its batches but once: pass a function of the epoch`,
  );

/** Where a number of steps leads to: by division, or by reading through epochs whose lengths nobody knows. */
function* locate({ source, epochs }: Plan, { step, random }: State): Waiting<Position> {
  const { stepsPerEpoch } = source;
  if (stepsPerEpoch !== null)
    return { epochs: Math.floor(step / stepsPerEpoch), batches: step % stepsPerEpoch, cursor: null };
  let left = step;
  for (let epoch = 1; epoch <= epochs && left > 0; epoch++) {
    const cursor = source.open(epoch, 0, random);
    const passed = yield* skip(cursor, left);
    if (passed === left) return { epochs: epoch - 1, batches: passed, cursor };
    if (passed === 0) throw exhausted(epoch);
    left -= passed;
  }
  return { epochs: left > 0 ? epochs : 0, batches: 0, cursor: null };
}

/** The state of the best epoch that a state remembers, where it is at hand. */
function bestBefore({ state, history, criterion, restoreBest }: Plan): State | null {
  const { best, bestStep } = state.metrics;
  if (criterion === null || bestStep === undefined) return null;
  const found = [state, ...(history?.states ?? [])].find(
    (each) => each.step === bestStep && measured(each, criterion) === best,
  );
  if (found === undefined && restoreBest)
    throw new ArgumentError(
      `fit: expected the state of step ${bestStep}, the best so far, in the history, got none; keep it by { best: { metric: "${criterion.metric}", … } }, or leave out restoreBest`,
    );
  return found ?? null;
}

/** What a state says after an epoch: what was measured, and which epoch was the best. */
function withMeasurements(state: State, epoch: number, found: Record<string, number>, plan: Plan): State {
  const metrics: Record<string, number> = { ...state.metrics, ...found, epoch };
  const { criterion, minDelta } = plan;
  if (criterion !== null) {
    const value = measured({ ...state, metrics }, criterion);
    const before = metrics["best"];
    if (value !== null && (before === undefined || isBetter(criterion, value, before, minDelta)))
      Object.assign(metrics, { best: value, bestEpoch: epoch, bestStep: state.step });
  }
  return freeze({ ...state, metrics }, true);
}

function epochEvent(state: State, epoch: number, metrics: object): FitEvent {
  const { epochCost, validationCost = null } = state.metrics as { epochCost: number; validationCost?: number };
  const own = Object.fromEntries(Object.keys(metrics).map((name) => [name, state.metrics[name]!]));
  return { type: "epoch", state, epoch, cost: epochCost, validationCost, metrics: own };
}

/** A run: where it stands, and how it goes on. */
class Course {
  readonly #plan: Plan;
  readonly #control: Control;
  #state: State;
  #history: Plan["history"];
  #best: State | null;
  /** Epochs done. */
  #done = 0;

  constructor(plan: Plan, control: Control) {
    this.#plan = plan;
    this.#control = control;
    this.#state = plan.state;
    this.#history = plan.history;
    this.#best = bestBefore(plan);
    const newest = this.#history?.newest ?? -1;
    if (newest > this.#state.step)
      throw new ArgumentError(
        `fit: expected a history until step ${this.#state.step}, where the state stands, got one until step ${newest}; rewind or branch it first`,
      );
  }

  #keep(): void {
    if (this.#history !== null && this.#state.step > this.#history.newest)
      this.#history = this.#history.add(this.#state);
  }

  #isStopped(): boolean {
    return this.#control.stopped || this.#plan.signal?.aborted === true;
  }

  /** Whether the best epoch is long ago. */
  #isLate(): boolean {
    const { patience } = this.#plan;
    return patience !== null && this.#done > 0 && this.#done - (this.#state.metrics["bestEpoch"] ?? 0) >= patience;
  }

  *#tell(event: FitEvent): Telling {
    for (const callback of this.#plan.callbacks) {
      const answer = callback(event);
      if (!isPromise(answer)) continue;
      this.#control.patient = true;
      try {
        yield Promise.resolve(answer);
      } finally {
        this.#control.patient = false;
      }
    }
    yield event;
  }

  *#measureEpoch(epoch: number): Waiting<void> {
    const { measuring } = this.#plan;
    const found = measuring === null ? {} : yield* measure(this.#state, measuring);
    this.#state = withMeasurements(this.#state, epoch, found, this.#plan);
    if (this.#state.metrics["bestStep"] === this.#state.step) this.#best = this.#state;
  }

  /** From the state to the end of an epoch. @returns why it ends before, or `null` */
  *#epoch(epoch: number, position: Position): Generator<FitEvent | Promise<unknown>, StopReason | null, unknown> {
    const { prepared, source, measuring } = this.#plan;
    const cursor = position.cursor ?? source.open(epoch, position.batches, this.#state.random);
    let batches = position.batches;
    let next: IteratorResult<unknown> = { done: false, value: undefined };
    try {
      next = yield* nextOf(cursor);
      if (next.done === true && batches === 0) throw exhausted(epoch);
      let isMeasured = (this.#state.metrics["epoch"] ?? 0) >= epoch;
      while (next.done !== true) {
        if (this.#isStopped()) return "aborted";
        batches++;
        const before = batches === 1 ? 0 : this.#state.metrics["epochCost"];
        const count = batches;
        this.#state = advance(this.#state, next.value, prepared, (cost) => ({
          ...this.#state.metrics,
          epochCost: before === undefined ? cost : before + (cost - before) / count,
        }));
        // Looked at before the step is told, so that the last state of an epoch has its measurements.
        next = yield* nextOf(cursor);
        isMeasured = next.done === true;
        if (isMeasured) yield* this.#measureEpoch(epoch);
        this.#keep();
        yield* this.#tell({
          type: "step",
          state: this.#state,
          epoch,
          step: this.#state.step,
          cost: this.#state.cost!,
        });
        if (isMeasured) yield* this.#tell(epochEvent(this.#state, epoch, measuring?.metrics ?? {}));
      }
      if (!isMeasured) yield* this.#endEpoch(epoch);
      return null;
    } finally {
      if (next.done !== true) close(cursor);
    }
  }

  /** What an epoch lacks whose end was cut off. */
  *#endEpoch(epoch: number): Telling {
    yield* this.#measureEpoch(epoch);
    yield* this.#tell(epochEvent(this.#state, epoch, this.#plan.measuring?.metrics ?? {}));
  }

  *#epochs(): Generator<FitEvent | Promise<unknown>, StopReason, unknown> {
    const { epochs, source } = this.#plan;
    if (this.#isStopped()) return "aborted";
    let position = yield* locate(this.#plan, this.#state);
    this.#done = position.epochs;
    const { epoch } = this.#state.metrics;
    if (position.batches === 0 && this.#done > 0 && source.stepsPerEpoch !== null && (epoch ?? 0) < this.#done)
      yield* this.#endEpoch(this.#done);
    while (this.#done < epochs) {
      if (this.#isStopped()) return "aborted";
      if (position.batches === 0 && this.#isLate()) return "early";
      const reason = yield* this.#epoch(this.#done + 1, position);
      if (reason !== null) return reason;
      this.#done++;
      position = { epochs: this.#done, batches: 0, cursor: null };
    }
    return "epochs";
  }

  *run(): Routine {
    const { epochs, source, restoreBest } = this.#plan;
    let reason: StopReason;
    let explanation: Explanation | null = null;
    let failure: { readonly error: unknown } | null = null;
    this.#keep();
    try {
      yield* this.#tell({ type: "start", state: this.#state, epochs, stepsPerEpoch: source.stepsPerEpoch });
      reason = yield* this.#epochs();
    } catch (error) {
      if (error === abandoned) reason = "aborted";
      else if (error instanceof NotFiniteError) [reason, explanation] = ["notFinite", error.explanation];
      else [reason, failure] = ["error", { error }];
    }
    // Whoever interrupts a run may want to go on with it.
    const state = restoreBest && reason !== "aborted" ? (this.#best ?? this.#state) : this.#state;
    const result = { state, best: this.#best, history: this.#history, reason, epochs: this.#done, explanation };
    try {
      yield* this.#tell({ type: "stop", ...result });
    } catch (error) {
      if (error !== abandoned) failure ??= { error };
    }
    if (failure !== null) throw failure.error;
    return result;
  }
}

/** The whole run. */
export function routine(plan: Plan, control: Control): Routine {
  return new Course(plan, control).run();
}
