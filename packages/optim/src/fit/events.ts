/**
 * What `fit` tells on its way, and what it comes to.
 * @module
 */
import type { Explanation } from "@cotangent/core";
import type { History } from "../history.js";
import type { TrainState } from "../state.js";

/**
 * Why training ended: all epochs are done, the metric did not improve, a signal or a loop that was left, a number that is
 * not finite; or `"error"`, which only events tell, as the run itself throws it.
 */
export type StopReason = "epochs" | "early" | "aborted" | "notFinite" | "error";

/** Before the first step. */
export interface StartEvent<P, S, M> {
  readonly type: "start";
  readonly state: TrainState<P, S, M>;
  /** How many epochs there will be in all, those before `state` among them. */
  readonly epochs: number;
  /** `null`: seen at the end of an epoch. */
  readonly stepsPerEpoch: number | null;
}

/** After a step. */
export interface StepEvent<P, S, M> {
  readonly type: "step";
  readonly state: TrainState<P, S, M>;
  /** 1, 2, … */
  readonly epoch: number;
  /** Steps done in all. */
  readonly step: number;
  /** Of the batch, before the step's update. */
  readonly cost: number;
}

/** After the last step of an epoch. */
export interface EpochEvent<P, S, M> {
  readonly type: "epoch";
  readonly state: TrainState<P, S, M>;
  /** 1, 2, … */
  readonly epoch: number;
  /** The mean of the steps' costs. */
  readonly cost: number;
  /** The cost on the validation data; `null` without any. */
  readonly validationCost: number | null;
  /** One's own metrics on the validation data, by name. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** What training came to. */
export interface FitResult<P, S, M> {
  /** The last good state; the best one if it was to be restored and the run was not aborted. */
  readonly state: TrainState<P, S, M>;
  /** The state of the best epoch; `null` if none was measured, or it lies before this run and was not kept. */
  readonly best: TrainState<P, S, M> | null;
  /** What was kept; `null` if nothing was to be. */
  readonly history: History<P, S, M> | null;
  readonly reason: StopReason;
  /** Epochs done in all. */
  readonly epochs: number;
  /** For `"notFinite"`, what became so, where and from what. */
  readonly explanation: Explanation | null;
}

/** The end. */
export interface StopEvent<P, S, M> extends FitResult<P, S, M> {
  readonly type: "stop";
}

/** What happens, in the order start, (step …, epoch) …, stop. */
export type FitEvent<P = unknown, S = unknown, M = unknown> =
  StartEvent<P, S, M> | StepEvent<P, S, M> | EpochEvent<P, S, M> | StopEvent<P, S, M>;

/** Hears of every event; a promise is waited for. */
export type FitCallback<P = unknown, S = unknown, M = unknown> = (event: FitEvent<P, S, M>) => unknown;
