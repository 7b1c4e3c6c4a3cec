/**
 * Training as a sequence of immutable states.
 * @module
 */
import {
  ArgumentError,
  checkFunction,
  checkOptions,
  describe,
  leavesOf,
  noGrad,
  NumericError,
  valueAndGrad,
  type Tensor,
} from "@cotangent/core";
import { freeze, produce } from "immer";
import { checkOptimizer, type Evaluation, type Optimizer } from "./optimizer.js";

/** Everything training has come to: a deeply frozen tree whose tensors are shared with the states before and after. */
export interface TrainState<P, S> {
  readonly params: P;
  readonly optimizer: S;
  /** Steps done. */
  readonly step: number;
  /** The cost of the latest step, before its update; `null` at the start. */
  readonly cost: number | null;
}

/**
 * The state before the first step.
 *
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { sgd, trainState } from "@cotangent/optim";
 * trainState({ w: tensor(1) }, sgd({ learningRate: 0.1 })).step; // → 0
 * ```
 */
export function trainState<P, S>(params: P, optimizer: Optimizer<S>): TrainState<P, S> {
  checkOptimizer("trainState", optimizer);
  return freeze({ params, optimizer: optimizer.init(params), step: 0, cost: null }, true);
}

/** What a training step needs. */
export interface TrainOptions<P, B, S> {
  /** The cost of a batch under parameters, a scalar. */
  readonly cost: (params: P, batch: B) => Tensor;
  readonly optimizer: Optimizer<S>;
}

/** @throws `NumericError` naming the leaf, if a gradient is not finite */
function checkGradients(gradients: unknown, step: number): void {
  for (const { path, leaf } of leavesOf(gradients)) {
    const gradient = leaf as Tensor;
    // A finite sum has finite terms; one that overflows says nothing.
    if (!Number.isFinite(gradient.sum().item()) && gradient.isFinite().all().item() === 0)
      throw new NumericError(
        `train: expected a finite gradient at step ${step}, got one that is not${path === "" ? "" : ` for "${path}"`}; look for a derivative that is infinite, such as that of sqrt or log at 0`,
      );
  }
}

/**
 * A pure training step: from a state and a batch to the next state. It keeps no history of what it computes.
 *
 * @throws `ArgumentError` if an option is missing or unknown
 * @throws `NumericError` from the step, if the cost or a gradient is not finite; the state that went in is still good
 * @example
 * ```ts
 * import { tensor, type Tensor } from "@cotangent/core";
 * import { sgd, trainState, trainStep } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: 0.25 });
 * const step = trainStep({ cost: (p: { w: Tensor }, target: Tensor) => p.w.sub(target).square(), optimizer });
 * const start = trainState({ w: tensor(0) }, optimizer);
 * const next = step(start, tensor(4));
 * next.params.w.item(); // → 2
 * next.cost; // → 16
 * start.params.w.item(); // → 0
 * ```
 */
export function trainStep<P, B, S>(
  options: TrainOptions<P, B, S>,
): (state: TrainState<P, S>, batch: B) => TrainState<P, S> {
  checkOptions("trainStep", options, ["cost", "optimizer"], ["cost", "optimizer"]);
  const { cost, optimizer } = options;
  checkFunction("trainStep", cost, "cost to be a function of parameters and a batch");
  checkOptimizer("trainStep", optimizer);
  const gradient = valueAndGrad<[P, B]>(cost);
  return (state, batch) => {
    if (typeof (state as TrainState<P, S> | undefined)?.step !== "number")
      throw new ArgumentError(`trainStep: expected a state from trainState or a step, got ${describe(state)}`);
    const [now, { params, state: optimizerState }] = noGrad(() => {
      const [value, gradients] = gradient(...([state.params, batch] as Parameters<typeof gradient>));
      const now = (value as Tensor).item();
      if (!Number.isFinite(now))
        throw new NumericError(
          `train: expected a finite cost at step ${state.step}, got ${now}; lower the learning rate, or look for infinities in the data`,
        );
      checkGradients(gradients, state.step);
      const objective = (params: P): Evaluation<P> => {
        const [value, gradients] = gradient(...([params, batch] as Parameters<typeof gradient>));
        return { value: value as Tensor, gradients: gradients as P };
      };
      return [now, optimizer.update(gradients as P, state.optimizer, state.params, { objective })];
    });
    return produce(state, (draft) => {
      const next = draft as { -readonly [K in keyof TrainState<P, S>]: TrainState<P, S>[K] };
      next.params = params;
      next.optimizer = optimizerState;
      next.step += 1;
      next.cost = now;
    });
  };
}
