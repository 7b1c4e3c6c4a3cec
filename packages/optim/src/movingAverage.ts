/**
 * Parameters averaged over the steps, which often do better than the last ones.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  describe,
  div,
  mapTree,
  scalar,
  type Tensor,
  type TensorLike,
  type Tree,
} from "@cotangent/core";
import { correction } from "./leafwise.js";
import { checkOptimizer, expectStep, type Optimizer } from "./optimizer.js";
import { belowOne, checkKind, flag } from "./options.js";
import { mapLeaves, named } from "./trees.js";

/** Options of `movingAverage`. */
export interface MovingAverageOptions {
  /** How much of the average stays in a step, $\beta$, from 0 and below 1: it spans about $1 / (1 - \beta)$ steps. */
  readonly decay: number;
  /** Whether the parameters before the first step have no part in it. Default: false. */
  readonly biasCorrection?: boolean | undefined;
}

/** State of `movingAverage`. */
export interface MovingAverageState<S> {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
  /** The averaged parameters, in their structure. */
  readonly average: Tree;
  readonly optimizer: S;
}

/**
 * An optimiser that also keeps the exponential moving average of the parameters,
 * $\bar\theta \leftarrow \beta \bar\theta + (1 - \beta) \theta$, which starts from the parameters there are. With bias
 * correction, $\bar\theta_t = \frac{1 - \beta}{1 - \beta^t} \sum_{i=1}^t \beta^{t-i} \theta_i$: the mean of the parameters
 * after steps only. `averagedParameters` gives it. The steps themselves are those of the optimiser.
 *
 * @throws `ArgumentError` if it is no optimiser, or an option is out of its range, unknown or missing
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { averagedParameters, movingAverage, sgd } from "@cotangent/optim";
 * const optimizer = movingAverage(sgd({ learningRate: 1 }), { decay: 0.75 });
 * const start = { w: tensor([0]) };
 * const { params, state } = optimizer.update({ w: tensor([-4]) }, optimizer.init(start), start);
 * params.w.toArray(); // → [4]
 * averagedParameters({ params, optimizer: state }).w.toArray(); // → [1]
 * ```
 * @see Polyak and Juditsky: Acceleration of stochastic approximation by averaging (1992)
 */
export function movingAverage<S>(
  optimizer: Optimizer<S>,
  options: MovingAverageOptions,
): Optimizer<MovingAverageState<S>> {
  checkOptimizer("movingAverage", optimizer);
  checkOptions("movingAverage", options, ["decay", "biasCorrection"], ["decay"]);
  const decay = checkKind("movingAverage", "decay", belowOne, options.decay);
  const corrected = checkKind("movingAverage", "biasCorrection", flag, options.biasCorrection ?? false);
  return {
    init: (params) => ({
      step: scalar(0, { dtype: "int32" }),
      average: named("movingAverage.init", () => mapTree((p) => p, params)) as Tree,
      optimizer: optimizer.init(params),
    }),
    update: (gradients, state, params, given) => {
      const step = expectStep("movingAverage", state, given).add(1);
      const made = optimizer.update(gradients, state.optimizer, params, given);
      // In the first step the share is 1, so that nothing of the start remains.
      const share: TensorLike = corrected ? div(1 - decay, correction(decay, step)) : 1 - decay;
      const beside = { "an average": state.average };
      const { average } = mapLeaves("movingAverage.update", made.params, beside, ["average"], (p, [average]) => {
        const part = typeof share === "number" ? share : share.astype(p.dtype);
        const kept = typeof part === "number" ? decay : part.rsub(1);
        return { average: average!.mul(kept).add(p.mul(part)) };
      });
      return { params: made.params, state: { step, average: average as Tree, optimizer: made.state } };
    },
    rateAt: (state, path) => optimizer.rateAt?.(state.optimizer, path) ?? NaN,
  };
}

/** The parameters' own type, where the state says it. */
export type Averaged<T> = T extends { readonly params: infer P } ? P : Tree;

/**
 * The averaged parameters that `movingAverage` keeps, from a training state or a state of the optimiser; before the first
 * step, the parameters there are.
 *
 * @throws `ArgumentError` if there is no average in it
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { averagedParameters, movingAverage, sgd } from "@cotangent/optim";
 * const optimizer = movingAverage(sgd({ learningRate: 0.1 }), { decay: 0.99 });
 * const params = { w: tensor(3) };
 * averagedParameters({ params, optimizer: optimizer.init(params) }).w.item(); // → 3
 * ```
 */
export function averagedParameters<T>(state: T): Averaged<T> {
  let at: unknown = state;
  while (typeof at === "object" && at !== null) {
    const { average, optimizer } = at as { readonly average?: unknown; readonly optimizer?: unknown };
    if (average !== undefined) return average as Averaged<T>;
    at = optimizer;
  }
  throw new ArgumentError(
    `averagedParameters: expected a state in which movingAverage keeps an average, got ${describe(state)} without one`,
  );
}
