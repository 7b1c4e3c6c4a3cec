/**
 * Losses of two classes.
 * @module
 */
import type { Tensor } from "@cotangent/core";
import { checkNumber } from "../checks.js";
import {
  checkProbabilities,
  checkSigns,
  checkTensors,
  matched,
  reduce,
  refuse,
  weightsFor,
  type Loss,
  type LossOptions,
  type Weights,
} from "./reduction.js";

/** Options of `binaryCrossEntropy`. */
export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Factors of the losses, of a shape that broadcasts to theirs; the mean divides by the count. Default: none. */
  readonly weights?: Weights | undefined;
}

/** Options of `binaryCrossEntropyWithLogits`. */
export interface LogitsOptions extends LossOptions {
  /** A factor of the losses of class 1, one for all or one a column. Default: 1. */
  readonly positiveWeight?: Weights | number | undefined;
}

/** Below, a logarithm counts as -100. */
const tiny = 3.8e-44;

/**
 * Log loss from probabilities, $-w (y \ln p + (1 - y) \ln(1 - p))$; each logarithm is at least -100. From logits use
 * `binaryCrossEntropyWithLogits`, which loses nothing near 0 and 1.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target or a prediction lies outside [0, 1]
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if a weight is negative or not finite
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { binaryCrossEntropy } from "@cotangent/nn";
 * binaryCrossEntropy(tensor([0.5, 0.5]), tensor([0, 1])).item(); // → 0.693147
 * binaryCrossEntropy(tensor([0.5, 0.5]), tensor([0, 1]), { weights: [1, 3] }).item(); // → 1.386294
 * ```
 */
export const binaryCrossEntropy: Loss<BinaryCrossEntropyOptions> = (prediction, target, options) => {
  checkTensors("binaryCrossEntropy", prediction, target, options, ["weights"]);
  const y = matched("binaryCrossEntropy", prediction, target);
  checkProbabilities("binaryCrossEntropy", target);
  // NaN passes: it shows in the cost, where training stops.
  refuse(
    "binaryCrossEntropy",
    prediction,
    (p) => p < 0 || p > 1,
    "predictions from 0 to 1",
    "take binaryCrossEntropyWithLogits for logits",
  );
  const logP = prediction.clamp({ min: tiny }).log();
  const logQ = prediction.rsub(1).clamp({ min: tiny }).log();
  const losses = y.mul(logP).add(y.rsub(1).mul(logQ)).neg();
  const { weights } = options ?? {};
  const weighted =
    weights === undefined
      ? losses
      : losses.mul(weightsFor("binaryCrossEntropy", "weights", weights, prediction, prediction.shape));
  return reduce("binaryCrossEntropy", weighted, options);
};

/**
 * Log loss from logits, $\ln(1 + e^z) - y z$, which is $-(y \ln \sigma(z) + (1 - y) \ln(1 - \sigma(z)))$ without
 * overflow or cancellation. With the weight p of positives it is $p y \ln(1 + e^{-z}) + (1 - y) \ln(1 + e^z)$.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target lies outside [0, 1]
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if a weight is negative or not finite
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { binaryCrossEntropyWithLogits } from "@cotangent/nn";
 * binaryCrossEntropyWithLogits(tensor([0, 1000]), tensor([0, 1])).item(); // → 0.346574
 * binaryCrossEntropyWithLogits(tensor([0, 0]), tensor([0, 1]), { positiveWeight: 3 }).item(); // → 1.386294
 * ```
 */
export const binaryCrossEntropyWithLogits: Loss<LogitsOptions> = (prediction, target, options) => {
  const name = "binaryCrossEntropyWithLogits";
  checkTensors(name, prediction, target, options, ["positiveWeight"]);
  const y = matched(name, prediction, target);
  checkProbabilities(name, target);
  const { positiveWeight } = options ?? {};
  if (positiveWeight === undefined) return reduce(name, prediction.logisticLoss(y), options);
  const p = weightsFor(name, "positiveWeight", positiveWeight, prediction, prediction.shape);
  // Two terms that are both positive cancel nothing.
  const positive = prediction.neg().softplus().mul(y.mul(p));
  return reduce(name, positive.add(prediction.softplus().mul(y.rsub(1))), options);
};

/** Options of `hinge` and `squaredHinge`. */
export interface HingeOptions extends LossOptions {
  /** Distance from 0 beyond which a right score costs nothing. Default: 1. */
  readonly margin?: number | undefined;
}

function shortfall(operator: string, prediction: Tensor, target: Tensor, options: HingeOptions | undefined): Tensor {
  checkTensors(operator, prediction, target, options, ["margin"]);
  const y = matched(operator, prediction, target);
  checkSigns(operator, target);
  const margin = options?.margin ?? 1;
  checkNumber(operator, "margin", margin, 0, Infinity);
  return prediction.mul(y).rsub(margin).relu();
}

/**
 * Hinge loss of scores, $\max(0, m - y \hat y)$ with the margin m and targets $y = \pm 1$. The derivative at the kink
 * is 0.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target is not 1 or -1
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if the margin is not a finite number from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { hinge } from "@cotangent/nn";
 * hinge(tensor([2, 0.5, 3]), tensor([1, 1, -1]), { reduction: "none" }).toArray(); // → [0,0.5,4]
 * ```
 */
export const hinge: Loss<HingeOptions> = (prediction, target, options) =>
  reduce("hinge", shortfall("hinge", prediction, target, options), options);

/**
 * Squared hinge loss of scores, $\max(0, m - y \hat y)^2$ with the margin m and targets $y = \pm 1$.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target is not 1 or -1
 * @throws `DTypeError` if the predictions are not float
 * @throws `ArgumentError` if the margin is not a finite number from 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { squaredHinge } from "@cotangent/nn";
 * squaredHinge(tensor([2, 0.5, 3]), tensor([1, 1, -1]), { reduction: "none" }).toArray(); // → [0,0.25,16]
 * ```
 */
export const squaredHinge: Loss<HingeOptions> = (prediction, target, options) =>
  reduce("squaredHinge", shortfall("squaredHinge", prediction, target, options).square(), options);
