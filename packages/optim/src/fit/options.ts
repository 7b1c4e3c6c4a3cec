/**
 * What `fit` takes.
 * @module
 */
import { ArgumentError, checkFunction, checkOptions, describe, type Tensor } from "@cotangent/core";
import { isSamples, type PredictionContext, type Samples } from "../context.js";
import { history, History, type HistoryPolicy } from "../history.js";
import { readCriterion, type Criterion, type Mode } from "../measures.js";
import { checkKind, count, flag, fromZero } from "../options.js";
import { checkState, trainState, type TrainState } from "../state.js";
import { prepare, type CostOptions, type LossOptions, type Prepared } from "../train.js";
import type { FitCallback } from "./events.js";
import type { AnyMetric, Measuring } from "./measure.js";
import { sourceOf, type Batches, type Source } from "./source.js";

/** When to stop before all epochs are done. */
export interface EarlyStopping {
  /** After how many epochs without an improvement it stops. */
  readonly patience: number;
  /** How much better than the best counts as an improvement. Default: 0. */
  readonly minDelta?: number | undefined;
  /** `"validationCost"`, `"epochCost"` or one of `metrics`. Default: `"validationCost"`, without validation data `"epochCost"`. */
  readonly metric?: string | undefined;
  /** Whether it should fall or rise. Default: `"min"` for costs; other metrics want to be told. */
  readonly mode?: Mode | undefined;
}

/** Options of `fit` that do not depend on what is minimised. */
export interface FitCommon<P, S, M> {
  /** How many in all, those before `state` among them. */
  readonly epochs: number;
  /** Samples a batch. Default: all. */
  readonly batchSize?: number | undefined;
  /** Whether samples come in another order in each epoch; batches of all samples never do. Default: true. */
  readonly shuffle?: boolean | undefined;
  /** Leave out a last batch that is not full. Default: false. */
  readonly dropLast?: boolean | undefined;
  readonly earlyStopping?: EarlyStopping | undefined;
  /** Whether to end with the state of the best epoch, by the metric of `earlyStopping`. Default: false. */
  readonly restoreBest?: boolean | undefined;
  /** Called in turn with every event; promises are waited for. */
  readonly callbacks?: readonly FitCallback<NoInfer<P>, NoInfer<S>, NoInfer<M>>[] | undefined;
  /** Stops before the next step. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps states: a policy, or a history to go on with. */
  readonly history?: HistoryPolicy | History<NoInfer<P>, NoInfer<S>, NoInfer<M>> | undefined;
  /** Where to go on from: a kept or loaded state. Default: fresh parameters of the model. */
  readonly state?: TrainState<P, S, M> | undefined;
  /** Of the fresh state. */
  readonly seed?: number | string | undefined;
}

/** Options of `fit` for a model and a loss. */
export interface LossFitOptions<P, S, M = undefined> extends LossOptions<P, S, M>, FitCommon<P, S, M> {
  /** Features and labels, or batches of them. */
  readonly data: Samples | Batches<Samples>;
  readonly validation?: Samples | Batches<Samples> | undefined;
  /** Measured on all validation data after each epoch. */
  readonly metrics?: Readonly<Record<string, (prediction: Tensor, target: Tensor) => Tensor | number>> | undefined;
}

/** Options of `fit` for a cost of one's own. */
export interface CostFitOptions<P, B, S, M = undefined> extends CostOptions<P, B, S, M>, FitCommon<P, S, M> {
  /** Features and labels, or batches of any form. */
  readonly data: (B & Samples) | Batches<B>;
  readonly validation?: (B & Samples) | Batches<B> | undefined;
  /** Measured on every batch of validation data after each epoch; the mean counts, by the number of samples. */
  readonly metrics?:
    Readonly<Record<string, (params: P, batch: B, context: PredictionContext<M>) => Tensor | number>> | undefined;
}

/** Options, read. */
export interface Plan {
  readonly prepared: Prepared;
  readonly source: Source;
  readonly epochs: number;
  readonly measuring: Measuring | null;
  /** What tells the best epoch; `null`: nobody asks. */
  readonly criterion: Criterion | null;
  readonly patience: number | null;
  readonly minDelta: number;
  readonly restoreBest: boolean;
  readonly callbacks: readonly FitCallback[];
  readonly signal: AbortSignal | null;
  readonly history: History<unknown, unknown, unknown> | null;
  readonly state: TrainState<unknown, unknown, unknown>;
}

type Given = Partial<LossFitOptions<unknown, unknown, unknown>> &
  Partial<CostFitOptions<unknown, unknown, unknown, unknown>>;

const names = [
  "model", "loss", "cost", "optimizer", "compile", "data", "epochs", "batchSize", "shuffle", "dropLast", "validation", "metrics",
  "earlyStopping", "restoreBest", "callbacks", "signal", "history", "state", "seed",
]; // prettier-ignore
/** What `fit` itself writes among the metrics of a state. */
const own = ["cost", "epochCost", "validationCost", "epoch", "best", "bestEpoch", "bestStep"];

function readMetrics(metrics: unknown, validated: boolean): Readonly<Record<string, AnyMetric>> {
  if (metrics === undefined) return {};
  if (typeof metrics !== "object" || metrics === null || Array.isArray(metrics))
    throw new ArgumentError(`fit: expected metrics by name, such as { accuracy }, got ${describe(metrics)}`);
  for (const [name, f] of Object.entries(metrics)) {
    checkFunction("fit", f, `the metric "${name}" to be a function`);
    if (own.includes(name)) throw new ArgumentError(`fit: expected another name than "${name}" for a metric`);
  }
  if (!validated) throw new ArgumentError("fit: expected validation data beside metrics, got none");
  return metrics as Readonly<Record<string, AnyMetric>>;
}

function readStopping(options: Given, metrics: readonly string[]): Pick<Plan, "criterion" | "patience" | "minDelta"> {
  const { earlyStopping, restoreBest = false, validation } = options;
  const operator = "fit: earlyStopping";
  if (earlyStopping !== undefined)
    checkOptions(operator, earlyStopping, ["patience", "minDelta", "metric", "mode"], ["patience"]);
  if (earlyStopping === undefined && !restoreBest) return { criterion: null, patience: null, minDelta: 0 };
  const fallback = validation === undefined ? "epochCost" : "validationCost";
  const criterion = readCriterion(operator, earlyStopping ?? {}, fallback);
  const known = ["epochCost", ...(validation === undefined ? [] : ["validationCost", ...metrics])];
  if (!known.includes(criterion.metric))
    throw new ArgumentError(
      `${operator}: expected a metric out of ${known.join(", ")}, got "${criterion.metric}"${validation === undefined ? "; others want validation data" : ""}`,
    );
  return {
    criterion,
    patience: earlyStopping === undefined ? null : checkKind(operator, "patience", count, earlyStopping.patience),
    minDelta: checkKind(operator, "minDelta", fromZero, earlyStopping?.minDelta ?? 0),
  };
}

function readStart(options: Given): TrainState<unknown, unknown, unknown> {
  const { state, seed, model, optimizer } = options;
  if (state !== undefined) {
    checkState("fit", state);
    if (seed !== undefined)
      throw new ArgumentError("fit: expected a state or a seed, got both; the state has its random stream");
    return state;
  }
  if (model === undefined)
    throw new ArgumentError("fit: expected the option state beside a cost; trainState makes one of parameters");
  if (seed === undefined)
    throw new ArgumentError("fit: expected the option seed for fresh parameters, or state to go on from, got none");
  return trainState({ model, optimizer: optimizer!, seed });
}

function readHistory(given: unknown): History<unknown, unknown, unknown> | null {
  if (given === undefined) return null;
  return given instanceof History ? (given as History<unknown, unknown, unknown>) : history(given as HistoryPolicy);
}

/** @throws `ArgumentError` or `DataError` if options are missing, unknown, or make no sense */
export function readPlan(options: Given): Plan {
  checkOptions("fit", options, names, ["data", "epochs", "optimizer"]);
  const { model, loss, validation, batchSize, callbacks = [], signal } = options;
  const prepared = prepare("fit", options);
  const dropLast = checkKind("fit", "dropLast", flag, options.dropLast ?? false);
  const shuffle = checkKind("fit", "shuffle", flag, options.shuffle ?? true);
  const restoreBest = checkKind("fit", "restoreBest", flag, options.restoreBest ?? false);
  const source = sourceOf("fit: data", options.data, { batchSize, shuffle, dropLast });
  const metrics = readMetrics(options.metrics, validation !== undefined);
  if (!Array.isArray(callbacks))
    throw new ArgumentError(`fit: expected a list of callbacks, got ${describe(callbacks)}`);
  for (const callback of callbacks as readonly unknown[])
    checkFunction("fit", callback, "callbacks that are functions");
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== "function")
    throw new ArgumentError(`fit: expected the signal of an AbortController, got ${describe(signal)}`);
  // The size of batches does not change what is measured, only how much memory it takes.
  const unmixed = { shuffle: false, dropLast: false };
  const cutting = isSamples(validation) ? { ...unmixed, batchSize: batchSize as number | undefined } : unmixed;
  return {
    prepared,
    source,
    epochs: checkKind("fit", "number of epochs", count, options.epochs),
    measuring:
      validation === undefined
        ? null
        : {
            source: sourceOf("fit: validation", validation, cutting),
            loss: model === undefined ? null : { model, loss: loss! },
            cost: prepared.cost,
            metrics,
          },
    ...readStopping(options, Object.keys(metrics)),
    restoreBest,
    callbacks: callbacks as readonly FitCallback[],
    signal: signal ?? null,
    history: readHistory(options.history),
    state: readStart(options),
  };
}
