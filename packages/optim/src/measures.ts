/**
 * Metrics by name, and which of two values is better.
 * @module
 */
import { ArgumentError, describe } from "@cotangent/core";
import type { TrainState } from "./state.js";

/** Whether a metric should fall or rise. */
export type Mode = "min" | "max";

/** The names of costs, which should fall. */
const costs: readonly unknown[] = ["cost", "epochCost", "validationCost"];

/** What is looked at, and which way is up. */
export interface Criterion {
  readonly metric: string;
  readonly mode: Mode;
}

/**
 * Reads the options `metric` and `mode`.
 *
 * @throws `ArgumentError` if the metric is no name, or its mode is unknown
 */
export function readCriterion(
  operator: string,
  options: { readonly metric?: string | undefined; readonly mode?: Mode | undefined },
  fallback: string,
): Criterion {
  const { metric = fallback, mode = costs.includes(metric) ? "min" : undefined } = options;
  if (typeof metric !== "string" || metric === "")
    throw new ArgumentError(`${operator}: expected a metric that is a name, got ${describe(metric)}`);
  if (mode !== "min" && mode !== "max")
    throw new ArgumentError(
      `${operator}: expected a mode, "min" or "max", for the metric "${metric}", got ${describe(mode)}`,
    );
  return { metric, mode };
}

/** The value of a metric in a state; `null` if it has none that is finite. */
export function measured(state: TrainState<unknown, unknown, unknown>, { metric }: Criterion): number | null {
  const value = metric === "cost" ? state.cost : state.metrics[metric];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Whether `a` is better than `b` by more than `minDelta`. */
export function isBetter({ mode }: Criterion, a: number, b: number, minDelta = 0): boolean {
  return mode === "min" ? a < b - minDelta : a > b + minDelta;
}
