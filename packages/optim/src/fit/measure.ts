/**
 * How good a state is on the validation data.
 * @module
 */
import { ArgumentError, concat, DataError, describe, noGrad, Tensor } from "@cotangent/core";
import { isSamples, type PredictionContext, type Samples } from "../context.js";
import type { LossOptions } from "../train.js";
import type { TrainState } from "../state.js";
import type { Source } from "./source.js";

type AnyState = TrainState<unknown, unknown, unknown>;

/** A metric of predictions and targets, or of parameters, a batch and a context. */
export type AnyMetric = (...args: never[]) => Tensor | number;

/** What is measured, and how. */
export interface Measuring {
  readonly source: Source;
  readonly loss: Pick<LossOptions<unknown, unknown, unknown>, "model" | "loss"> | null;
  readonly cost: (params: unknown, batch: unknown, context: PredictionContext<unknown>) => Tensor;
  readonly metrics: Readonly<Record<string, AnyMetric>>;
}

/** Something that may have to be waited for: a routine yields promises, and gets what they give. */
export type Waiting<T> = Generator<Promise<unknown>, T, unknown>;

/** Batches one by one. */
export type Cursor = Iterator<unknown> | AsyncIterator<unknown>;

/** Whether something has to be waited for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === "function";
}

/** The next batch; `done` at the end. */
export function* nextOf(cursor: Cursor): Waiting<IteratorResult<unknown>> {
  const next = cursor.next();
  const came = isPromise(next) ? yield Promise.resolve(next) : next;
  if (typeof came === "object" && came !== null) return came as IteratorResult<unknown>;
  throw new ArgumentError(`fit: data: expected an iterator that gives { value, done }, got ${describe(came)}`);
}

/** Lets a source clean up; what goes wrong there comes too late to matter. */
export function close(cursor: Cursor): void {
  const closing = cursor.return?.();
  if (isPromise(closing)) closing.then(null, () => undefined);
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  if (value instanceof Tensor && value.size === 1) return value.item();
  throw new ArgumentError(
    `fit: expected the metric "${name}" to give a number, got ${value instanceof Tensor ? `a tensor of shape [${value.shape.join(", ")}]` : describe(value)}`,
  );
}

/** All measurements of a state: `validationCost`, and one's own metrics. */
export function* measure(state: AnyState, { source, loss, cost, metrics }: Measuring): Waiting<Record<string, number>> {
  const context: PredictionContext<unknown> = { training: false, state: state.modelState };
  const measures: Readonly<Record<string, AnyMetric>> = {
    validationCost: (loss?.loss ?? cost) as AnyMetric,
    ...metrics,
  };
  const predictions: Tensor[] = [];
  const targets: Tensor[] = [];
  const sums: Record<string, number> = {};
  let weights = 0;
  const cursor = source.open(1, 0, state.random);
  const look = (batch: unknown): void => {
    if (loss !== null) {
      if (!isSamples(batch))
        throw new ArgumentError(`fit: expected validation batches { features, labels }, got ${describe(batch)}`);
      predictions.push(loss.model.apply(state.params, batch.features, context));
      targets.push(batch.labels);
    } else {
      const weight = isSamples(batch) ? (batch as Samples).labels.shape[0]! : 1;
      for (const [name, f] of Object.entries(measures))
        sums[name] = (sums[name] ?? 0) + weight * numberOf(name, f(...([state.params, batch, context] as never[])));
      weights += weight;
    }
  };
  let isOpen = true;
  try {
    for (;;) {
      const next = yield* nextOf(cursor);
      isOpen = next.done !== true;
      if (!isOpen) break;
      noGrad(() => look(next.value));
    }
  } finally {
    if (isOpen) close(cursor);
  }
  if (predictions.length === 0 && weights === 0)
    throw new DataError(
      "fit: expected at least one batch of validation data, got none; a generator gives its own but once",
    );
  // Metrics such as an F1 score are no mean over batches, so they see all predictions together.
  const joined = (list: readonly Tensor[]): Tensor => (list.length === 1 ? list[0]! : concat(list));
  const whole = loss === null ? [] : [joined(predictions), joined(targets)];
  return Object.fromEntries(
    Object.entries(measures).map(([name, f]) => [
      name,
      loss === null ? sums[name]! / weights : noGrad(() => numberOf(name, f(...(whole as never[])))),
    ]),
  );
}
