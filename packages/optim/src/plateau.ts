/**
 * A learning rate that falls when a metric no longer improves.
 * @module
 */
import { anyNumber, checkKind, countFromZero, fromZero, belowOne, oneOf, optional, readOptions } from "./options.js";

/** Options of `plateau`. */
export interface PlateauOptions {
  /** The rate at first. */
  readonly initial: number;
  /** What the rate is multiplied by, below 1. Default: 0.1. */
  readonly factor?: number | undefined;
  /** How many updates without improvement are borne. Default: 10. */
  readonly patience?: number | undefined;
  /** Whether the metric should fall or rise. Default: `"min"`. */
  readonly mode?: "min" | "max" | undefined;
  /** How much better than the best counts as an improvement. Default: 1e-4. */
  readonly threshold?: number | undefined;
  /** Whether the threshold is a part of the best, or a difference. Default: `"relative"`. */
  readonly thresholdMode?: "relative" | "absolute" | undefined;
  /** How many updates after a change of the rate do not count. Default: 0. */
  readonly cooldown?: number | undefined;
  /** The rate never falls below this. Default: 0. */
  readonly minimum?: number | undefined;
  /** Smaller changes of the rate are not made. Default: 1e-8. */
  readonly epsilon?: number | undefined;
}

/** State of `plateau`: plain numbers. */
export interface PlateauState {
  /** The rate now. */
  readonly learningRate: number;
  /** The best metric so far; Infinity or -Infinity at the start. */
  readonly best: number;
  /** Updates since then that count. */
  readonly waited: number;
  /** Updates that do not count, still to come. */
  readonly cooldown: number;
}

/** A learning rate with a state; nothing is mutated. */
export interface Plateau {
  init(): PlateauState;
  update(state: PlateauState, metric: number): PlateauState;
}

/**
 * A rate that is multiplied by a factor after more than `patience` updates without an improvement of a metric, such as
 * the cost on validation data. Pass `state.learningRate` to the optimiser's `update`.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing; from `update`, if the metric is not finite
 * @example
 * ```ts
 * import { plateau } from "@cotangent/optim";
 * const { init, update } = plateau({ initial: 1, factor: 0.5, patience: 1 });
 * [3, 2, 2, 2].reduce(update, init()).learningRate; // → 0.5
 * ```
 */
export function plateau(options: PlateauOptions): Plateau {
  const read = readOptions("plateau", options, {
    initial: fromZero,
    factor: optional(belowOne, 0.1),
    patience: optional(countFromZero, 10),
    mode: optional(oneOf("min", "max"), "min"),
    threshold: optional(fromZero, 1e-4),
    thresholdMode: optional(oneOf("relative", "absolute"), "relative"),
    cooldown: optional(countFromZero, 0),
    minimum: optional(fromZero, 0),
    epsilon: optional(fromZero, 1e-8),
  });
  const { initial, factor, patience, mode, threshold, minimum, epsilon } = read;
  const sign = mode === "min" ? 1 : -1;
  const bound = (best: number): number =>
    read.thresholdMode === "relative" ? best * (1 - sign * threshold) : best - sign * threshold;
  const improves = (metric: number, best: number): boolean =>
    Number.isFinite(best) ? sign * metric < sign * bound(best) : true;
  return {
    init: () => ({ learningRate: initial, best: sign * Infinity, waited: 0, cooldown: 0 }),
    update: (state, metric) => {
      const value = checkKind("plateau.update", "metric", anyNumber, metric);
      const better = improves(value, state.best);
      const best = better ? value : state.best;
      const cooldown = Math.max(state.cooldown - 1, 0);
      const waited = better || state.cooldown > 0 ? 0 : state.waited + 1;
      if (waited <= patience) return { learningRate: state.learningRate, best, waited, cooldown };
      const lowered = Math.max(state.learningRate * factor, minimum);
      const learningRate = state.learningRate - lowered > epsilon ? lowered : state.learningRate;
      return { learningRate, best, waited: 0, cooldown: read.cooldown };
    },
  };
}
