/**
 * Gradient descent.
 * @module
 */
import { checkOptions, expectTensor, scalar, type Tensor } from "@cotangent/core";
import { checkRate, mapGradients, type LearningRate, type Optimizer } from "./optimizer.js";

/** Options of `sgd`. */
export interface SgdOptions {
  /** A number, or a function of the step. */
  readonly learningRate: LearningRate;
}

/** State of `sgd`. */
export interface SgdState {
  /** Steps done, int32, shape `[]`. */
  readonly step: Tensor;
}

/**
 * Gradient descent, $\theta \leftarrow \theta - \alpha \nabla J(\theta)$: on the full batch, or stochastic on mini-batches.
 *
 * @throws `ArgumentError` if the learning rate is not a finite number from 0; from `update`, `ShapeError` if a gradient
 * has another shape than its parameter
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { sgd } from "@cotangent/optim";
 * const optimizer = sgd({ learningRate: 0.1 });
 * const params = { w: tensor([1, 2]) };
 * const { params: next } = optimizer.update({ w: tensor([10, 0]) }, optimizer.init(params), params);
 * next.w.toArray(); // → [0,2]
 * ```
 */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  checkOptions("sgd", options, ["learningRate"], ["learningRate"]);
  const { learningRate } = options;
  if (typeof learningRate !== "function") checkRate("sgd", learningRate);
  return {
    init: () => ({ step: scalar(0, { dtype: "int32" }) }),
    update: (gradients, state, params, given) => {
      checkOptions("sgd.update", given, ["learningRate"]);
      const step = expectTensor(
        "sgd.update",
        (state as SgdState | undefined)?.step,
        "a state that init or update gave",
      );
      const planned = typeof learningRate === "function" ? learningRate(step.item()) : learningRate;
      const rate = checkRate("sgd", given?.learningRate ?? planned);
      const next = mapGradients("sgd.update", (p, g) => p.sub(g.mul(rate)), params, gradients);
      return { params: next, state: { step: step.add(1) } };
    },
  };
}
