/**
 * The range test: which learning rates a cost bears.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import type { Samples } from "./context.js";
import { NotFiniteError } from "./notFinite.js";
import type { Optimizer } from "./optimizer.js";
import { aboveOne, belowOne, count, optional, positive, readOptions } from "./options.js";
import { power } from "./schedules.js";
import { checkState, type TrainState } from "./state.js";
import { advance, prepare, type CostOptions, type LossOptions } from "./train.js";

/** How `learningRateRange` goes about it. */
export interface RangeOptions {
  /** The first rate. Default: 1e-7. */
  readonly lowest?: number | undefined;
  /** The last rate. Default: 10. */
  readonly highest?: number | undefined;
  /** How many steps, if all goes well. Default: 100. */
  readonly steps?: number | undefined;
  /** How much of the smoothed cost stays in a step, from 0 and below 1. Default: 0.8. */
  readonly smoothing?: number | undefined;
  /** The test ends where the smoothed cost is so many times its least. Default: 4. */
  readonly divergence?: number | undefined;
}

/** What the range test found. */
export interface RangeReport {
  /** The rates tried, each a constant times the one before. */
  readonly rates: readonly number[];
  /** The cost of each batch, before the step at its rate. */
  readonly costs: readonly number[];
  /** The running mean of the costs, corrected for its start. */
  readonly smoothed: readonly number[];
  /** The rate at which the smoothed cost falls fastest over the logarithm of the rate; `null` if it never falls. */
  readonly suggestion: number | null;
  /** Whether the test ended because the cost grew out of bounds, or was not finite. */
  readonly diverged: boolean;
}

/** The batches, again and again; ends where there are none. */
function* endless<B>(batches: Iterable<B>): Generator<B> {
  for (let some = true; some;) {
    some = false;
    for (const batch of batches) {
      some = true;
      yield batch;
    }
  }
}

/** The place of the steepest descent on the way to the minimum, by differences to both sides. */
function steepest(smoothed: readonly number[]): number | null {
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  // What rounding makes of a constant cost is no descent.
  const rounding = 1e-12 * Math.max(...smoothed.map(Math.abs));
  let [best, place]: [number, number | null] = [-rounding, null];
  for (let i = 0; i <= lowest; i++) {
    const [from, to] = [Math.max(0, i - 1), Math.min(smoothed.length - 1, i + 1)];
    const slope = (smoothed[to]! - smoothed[from]!) / (to - from);
    if (slope < best) [best, place] = [slope, i];
  }
  return place;
}

const kinds = {
  lowest: optional(positive, 1e-7),
  highest: optional(positive, 10),
  steps: optional(count, 100),
  smoothing: optional(belowOne, 0.8),
  divergence: optional(aboveOne, 4),
};

type AnyOptions = Partial<CostOptions<never, never, unknown, unknown> & LossOptions<never, unknown, unknown>> &
  RangeOptions;

/**
 * The learning-rate range test: trains from a state at rates that grow evenly on a logarithmic scale, one batch a step, and
 * says what became of the cost. A good rate lies where the cost falls fastest, which is the suggestion, well below that
 * where it grows again. The state stays as it is. Rates that groups have of their own are not touched.
 *
 * @param batches batches as `train` takes them; they are gone through again where there are fewer than steps
 * @param options those of `train`, and those of the test
 * @throws `ArgumentError` if an option is out of its range, unknown or missing, or there are no batches
 * @throws {@link NotFiniteError} if the cost is not finite before any step was taken
 * @example
 * ```ts
 * import { tensor, type Tensor } from "@cotangent/core";
 * import { learningRateRange, sgd, trainState } from "@cotangent/optim";
 * const cost = (p: { w: Tensor }, target: Tensor) => p.w.sub(target).square();
 * const optimizer = sgd({ learningRate: 0.1 });
 * const state = trainState({ params: { w: tensor(0) }, optimizer });
 * const report = learningRateRange(state, [tensor(1)], { cost, optimizer, lowest: 0.001, highest: 100, steps: 51 });
 * report.diverged; // → true
 * report.suggestion; // → 0.100000
 * ```
 * @see Smith: Cyclical learning rates for training neural networks (2017), section 3.3
 */
export function learningRateRange<P, B, S, M>(
  state: TrainState<P, S, M>,
  batches: Iterable<B>,
  options: CostOptions<P, B, S, M> & RangeOptions,
): RangeReport;
export function learningRateRange<P, S, M>(
  state: TrainState<P, S, M>,
  batches: Iterable<Samples>,
  options: LossOptions<P, S, M> & RangeOptions,
): RangeReport;
export function learningRateRange(
  state: TrainState<unknown, unknown, unknown>,
  batches: Iterable<unknown>,
  options: object,
): RangeReport {
  const name = "learningRateRange";
  checkState(name, state);
  checkOptions(name, options, ["model", "loss", "cost", "optimizer", ...Object.keys(kinds)], ["optimizer"]);
  const { model, loss, cost, optimizer, ...given } = options as AnyOptions;
  const prepared = prepare(name, { model, loss, cost, optimizer } as never);
  const { lowest, highest, steps, smoothing, divergence } = readOptions(name, given, kinds);
  if (highest <= lowest)
    throw new ArgumentError(`${name}: expected a highest rate above the lowest, got ${highest} and ${lowest}`);
  if (typeof (batches as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== "function")
    throw new ArgumentError(`${name}: expected batches that can be gone through, got ${describe(batches)}`);
  const [rates, costs, smoothed]: [number[], number[], number[]] = [[], [], []];
  const report = (diverged: boolean): RangeReport => {
    const place = steepest(smoothed);
    return { rates, costs, smoothed, suggestion: place === null ? null : rates[place]!, diverged };
  };
  let [now, mean] = [state, 0];
  for (const batch of endless(batches)) {
    const i = costs.length;
    if (i === steps) break;
    const rate = steps === 1 ? lowest : lowest * power(highest / lowest, i / (steps - 1));
    const atRate: Optimizer<unknown> = {
      ...prepared.optimizer,
      update: (gradients, before, params, rest) =>
        prepared.optimizer.update(gradients, before, params, { ...rest, learningRate: rate }),
    };
    try {
      now = advance(now, batch, { ...prepared, optimizer: atRate, program: undefined });
    } catch (error) {
      if (i === 0 || !(error instanceof NotFiniteError)) throw error;
      return report(true);
    }
    mean = smoothing * mean + (1 - smoothing) * now.cost!;
    rates.push(rate);
    costs.push(now.cost!);
    smoothed.push(mean / (1 - power(smoothing, i + 1)));
    const least = Math.min(...smoothed);
    if (smoothed[i]! - least > (divergence - 1) * Math.abs(least)) return report(true);
  }
  if (costs.length === 0) throw new ArgumentError(`${name}: expected a batch at least, got none`);
  return report(false);
}
