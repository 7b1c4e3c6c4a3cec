/**
 * Learning rates that rise, and fall along cosines.
 * @module
 */
import {
  checkKind,
  count,
  fraction,
  fromZero,
  learningRate,
  oneOf,
  optional,
  positive,
  readOptions,
} from "./options.js";
import type { LearningRate } from "./optimizer.js";
import { halfWave, scheduled, type Schedule } from "./schedules.js";

/** Options of `cosine`. */
export interface CosineOptions {
  /** The rate at first. */
  readonly initial: number;
  /** The rate at last. Default: 0. */
  readonly final?: number | undefined;
  /** How many steps it takes. */
  readonly steps: number;
}

/**
 * A rate that falls along half a wave, $\beta + (\alpha_0 - \beta) (1 + \cos(\pi t / n)) / 2$ to the final rate $\beta$,
 * at which it stays.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { cosine } from "@cotangent/optim";
 * const rate = cosine({ initial: 1, steps: 10 });
 * rate(0); // → 1
 * rate(5); // → 0.500000
 * rate(20); // → 0
 * ```
 * @see Loshchilov and Hutter: SGDR: stochastic gradient descent with warm restarts (2017), equation 5
 */
export function cosine(options: CosineOptions): Schedule {
  const { initial, final, steps } = readOptions("cosine", options, {
    initial: fromZero,
    final: optional(fromZero, 0),
    steps: count,
  });
  return scheduled("cosine", (step) => between(initial, final, Math.min(step / steps, 1)));
}

/** Along half a wave from one rate to another. */
function between(start: number, end: number, part: number): number {
  return end + (start - end) * halfWave(part);
}

/** Options of `warmRestarts`. */
export interface WarmRestartsOptions {
  /** The rate at the start of a period. */
  readonly initial: number;
  /** The rate that a period falls to. Default: 0. */
  readonly final?: number | undefined;
  /** How many steps the first period takes. */
  readonly period: number;
  /** How many times longer than the one before each period is, an integer. Default: 1. */
  readonly multiplier?: number | undefined;
}

/**
 * A rate that falls as `cosine` does and starts anew after each period.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { warmRestarts } from "@cotangent/optim";
 * const rate = warmRestarts({ initial: 1, period: 10, multiplier: 2 });
 * [0, 5, 10, 20, 30].map(rate); // → [1.000000,0.500000,1.000000,0.500000,1.000000]
 * ```
 * @see Loshchilov and Hutter: SGDR: stochastic gradient descent with warm restarts (2017)
 */
export function warmRestarts(options: WarmRestartsOptions): Schedule {
  const { initial, final, period, multiplier } = readOptions("warmRestarts", options, {
    initial: fromZero,
    final: optional(fromZero, 0),
    period: count,
    multiplier: optional(count, 1),
  });
  return scheduled("warmRestarts", (step) => {
    let [start, length] = [0, period];
    if (multiplier === 1) start = Math.floor(step / period) * period;
    else
      while (step >= start + length) {
        start += length;
        length *= multiplier;
      }
    return between(initial, final, (step - start) / length);
  });
}

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** The largest rate. */
  readonly peak: number;
  /** The number of steps in all, at least 2. */
  readonly steps: number;
  /** The part of the steps in which the rate rises. Default: 0.3. */
  readonly rise?: number | undefined;
  /** The rate at first is the peak divided by this. Default: 25. */
  readonly startDivisor?: number | undefined;
  /** The rate at last is that at first divided by this. Default: 10000. */
  readonly finalDivisor?: number | undefined;
  /** The way between. Default: `"cosine"`. */
  readonly shape?: "cosine" | "linear" | undefined;
}

/**
 * A rate that rises to a peak, reached in step $r n - 1$ of $n$ with the part $r$ of rise, and falls to nearly nothing in
 * step $n - 1$, where it stays.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { oneCycle } from "@cotangent/optim";
 * const rate = oneCycle({ peak: 1, steps: 10, rise: 0.5, startDivisor: 10, shape: "linear" });
 * [0, 2, 4, 9].map(rate); // → [0.100000,0.550000,1,0.000010]
 * ```
 * @see Smith and Topin: Super-convergence: very fast training of neural networks using large learning rates (2018)
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { peak, steps, rise, startDivisor, finalDivisor, shape } = readOptions("oneCycle", options, {
    peak: fromZero,
    steps: count,
    rise: optional(fraction, 0.3),
    startDivisor: optional(positive, 25),
    finalDivisor: optional(positive, 1e4),
    shape: optional(oneOf("cosine", "linear"), "cosine"),
  });
  const first = peak / startDivisor;
  const last = first / finalDivisor;
  const way = shape === "cosine" ? between : (a: number, b: number, part: number): number => a + (b - a) * part;
  const top = rise * steps - 1;
  return scheduled("oneCycle", (step) => {
    if (step >= steps - 1) return last;
    return step < top ? way(first, peak, step / top) : way(peak, last, (step - top) / (steps - 1 - top));
  });
}

/** Options of `warmup`. */
export interface WarmupOptions {
  /** How many steps the rise takes. */
  readonly steps: number;
  /** The rate, or the schedule, that follows. */
  readonly then: LearningRate;
}

/**
 * A rate that rises evenly before a schedule starts: $\alpha (t + 1) / n$ in the first $n$ steps, where $\alpha$ is the
 * schedule's first rate, so that no step goes to waste at a rate of 0; the schedule's own rate at $t - n$ from then on.
 *
 * @throws `ArgumentError` if an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { stepDecay, warmup } from "@cotangent/optim";
 * const rate = warmup({ steps: 4, then: stepDecay({ initial: 1, every: 2, factor: 0.5 }) });
 * [0, 1, 2, 3, 4, 5, 6].map(rate); // → [0.25,0.5,0.75,1,1,1,0.5]
 * ```
 * @see Goyal et al.: Accurate, large minibatch SGD: training ImageNet in 1 hour (2017), section 2.2
 */
export function warmup(options: WarmupOptions): Schedule {
  const { steps, then } = readOptions("warmup", options, { steps: count, then: learningRate });
  const after = (step: number): number =>
    checkKind("warmup", "rate", fromZero, typeof then === "function" ? then(step) : then);
  return scheduled("warmup", (step) => (step < steps ? (after(0) * (step + 1)) / steps : after(step - steps)));
}
