/**
 * Training from data to a result.
 * @module
 */
import { readPlan, type CostFitOptions, type LossFitOptions } from "./options.js";
import { routine, type Control } from "./routine.js";
import { FitRun } from "./run.js";

/**
 * Trains for some epochs: a model by a loss, or anything by a cost. `await` gives what it came to, `for await` what
 * happens on the way. It goes on from any kept or loaded `state` with the bits of a run that was not interrupted, in the
 * middle of an epoch too: the order of samples depends on the seed and the epoch only, the place in it on the state's step.
 *
 * Validation predicts by the state's own statistics, and its results are the state's `metrics`: `epochCost`,
 * `validationCost` and those of `metrics`; with `earlyStopping` or `restoreBest` also `best`, `bestEpoch` and `bestStep`.
 * A cost, gradient or parameter that is not finite ends the run with the last good state, and `explanation` tells where it
 * came from. Between slices of a few milliseconds timers and a page have their turn; small steps do not wait for it.
 *
 * @returns a run, which begins when it is waited for or looped over
 * @throws `ArgumentError` if an option is missing, unknown or out of its range
 * @throws `DataError` if there are no samples, or a feature or label is not finite (row and column are named)
 * @example
 * ```ts
 * import { random, tensor, type Random, type Tensor } from "@cotangent/core";
 * import { fit, sgd } from "@cotangent/optim";
 * const line = {
 *   init: (random: Random) => ({ slope: random.normal([]), offset: tensor(0) }),
 *   apply: ({ slope, offset }: { slope: Tensor; offset: Tensor }, x: Tensor) => x.mul(slope).add(offset),
 * };
 * const features = random(1).uniform([64]);
 * const options = {
 *   model: line,
 *   loss: (y: Tensor, target: Tensor) => y.sub(target).square().mean(),
 *   optimizer: sgd({ learningRate: 0.5 }),
 *   data: { features, labels: features.mul(2).add(1) },
 *   batchSize: 16,
 *   seed: 1,
 * };
 * const { state, reason } = await fit({ ...options, epochs: 100 });
 * reason; // → epochs
 * state.params.slope.item(); // → 2.000
 * const types: string[] = [];
 * for await (const event of fit({ ...options, epochs: 1 })) types.push(event.type);
 * types; // → ["start","step","step","step","step","epoch","stop"]
 * ```
 */
export function fit<P, S, M = undefined>(options: LossFitOptions<P, S, M>): FitRun<P, S, M>;
export function fit<P, B, S, M = undefined>(options: CostFitOptions<P, B, S, M>): FitRun<P, S, M>;
export function fit(options: object): FitRun<unknown, unknown, unknown> {
  const plan = readPlan(options);
  const control: Control = { stopped: false, patient: false };
  return new FitRun(routine(plan, control), control, plan.signal);
}
