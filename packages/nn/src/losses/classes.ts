/**
 * Losses of several classes.
 * @module
 */
import { ArgumentError, checkValues, DataError, DTypeError, ShapeError, where, type Tensor } from "@cotangent/core";
import { checkNumber } from "../checks.js";
import {
  checkProbabilities,
  checkTensors,
  matched,
  reduce,
  weightsFor,
  type Loss,
  type LossOptions,
  type Weights,
} from "./reduction.js";

/** Options of `negativeLogLikelihood`. */
export interface ClassOptions extends LossOptions {
  /** Samples of this class count for nothing. Default: -100. */
  readonly ignoreIndex?: number | undefined;
  /** A factor a class, shape `[classes]`. The mean of losses of classes is the weighted mean. Default: none. */
  readonly weights?: Weights | undefined;
}

/** Options of `crossEntropy`. */
export interface CrossEntropyOptions extends ClassOptions {
  /** The share ε of each target that is spread evenly over all classes, from 0 to 1. Default: 0. */
  readonly labelSmoothing?: number | undefined;
}

/** The classes that count, those that do not replaced by 0. */
interface Picked {
  readonly classes: Tensor;
  /** False where a sample is ignored; `null` if none is. */
  readonly kept: Tensor | null;
}

function pick(operator: string, logP: Tensor, target: Tensor, ignoreIndex: number): Picked {
  const [batch, classes] = logP.shape as readonly [number, number];
  if (target.rank !== 1 || target.size !== batch)
    throw new ShapeError(
      `${operator}: expected ${batch} classes, one a row of the predictions, got shape [${target.shape.join(", ")}]`,
    );
  if (target.dtype !== "int32")
    throw new DTypeError(`${operator}: expected int32 classes, got ${target.dtype}; convert them with astype("int32")`);
  if (!Number.isInteger(ignoreIndex))
    throw new ArgumentError(`${operator}: expected ignoreIndex to be an integer, got ${String(ignoreIndex)}`);
  let ignored = true;
  checkValues(target, (t) => {
    const values = t.toTypedArray();
    const wrong = values.findIndex((y) => y !== ignoreIndex && (y < 0 || y >= classes));
    if (wrong >= 0)
      throw new DataError(
        `${operator}: expected classes from 0 to ${classes - 1}, got ${values[wrong]!} at index ${wrong}`,
      );
    ignored = values.includes(ignoreIndex);
  });
  if (!ignored) return { classes: target, kept: null };
  const kept = target.notEqual(ignoreIndex);
  return { classes: where(kept, target, 0), kept };
}

function checkRows(operator: string, prediction: Tensor, what: string): void {
  if (prediction.rank !== 2)
    throw new ShapeError(
      `${operator}: expected ${what} of shape [batch, classes], got [${prediction.shape.join(", ")}]; bring classes to the last axis and reshape`,
    );
}

/** The loss of int32 classes from log-probabilities, with smoothing ε. */
function lossOfClasses(
  operator: string,
  logP: Tensor,
  target: Tensor,
  options: ClassOptions | undefined,
  smoothing: number,
): Tensor {
  const [batch, classes] = logP.shape as readonly [number, number];
  const picked = pick(operator, logP, target, options?.ignoreIndex ?? -100);
  const weights =
    options?.weights === undefined ? null : weightsFor(operator, "weights", options.weights, logP, [classes]);
  const rows = weights === null ? null : weights.broadcastTo([classes]).take(picked.classes);
  let losses = logP
    .gather(picked.classes.reshape([batch, 1]), { axis: 1 })
    .reshape([batch])
    .neg();
  if (rows !== null) losses = losses.mul(rows);
  if (smoothing > 0) {
    const all = (weights === null ? logP : logP.mul(weights)).sum({ axis: 1 });
    losses = losses.mul(1 - smoothing).sub(all.mul(smoothing / classes));
  }
  if (picked.kept !== null) losses = where(picked.kept, losses, 0);
  return reduce(operator, losses, options, divisorOf(picked, rows, losses));
}

/** What the mean divides by; `undefined` where it is the plain mean. */
function divisorOf({ kept }: Picked, rows: Tensor | null, losses: Tensor): Tensor | undefined {
  if (rows !== null) return (kept === null ? rows : where(kept, rows, 0)).sum();
  return kept?.sum().astype(losses.dtype);
}

/**
 * Softmax cross-entropy from logits, $-w_y \ln \mathrm{softmax}(z)_y$ for a class y, $-\sum_c w_c y_c \ln
 * \mathrm{softmax}(z)_c$ for probabilities. Smoothing puts $(1 - \varepsilon) y_c + \varepsilon / C$ for each of the C
 * targets. The mean over classes divides by the sum of the weights $w_y$ of the samples that are not ignored, the mean
 * over probabilities by the batch (as PyTorch does).
 *
 * @param prediction logits, shape `[batch, classes]`
 * @param target int32 classes, shape `[batch]`, or probabilities, shape `[batch, classes]`
 * @throws `ShapeError` if shapes do not fit
 * @throws `DataError` if there are no predictions that count, or a class is negative or not below the number of classes
 * @throws `DTypeError` if the predictions are not float, or the classes not int32
 * @throws `ArgumentError` if the smoothing is not in [0, 1], a weight negative, or `ignoreIndex` given for probabilities
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { crossEntropy } from "@cotangent/nn";
 * const classes = tensor([2, 0], { dtype: "int32" });
 * const logits = tensor([[0, 0, 0], [Math.log(2), 0, 0]]);
 * crossEntropy(logits, classes).item(); // → 0.89588
 * crossEntropy(logits, classes, { weights: [3, 1, 1] }).item(); // → 0.794513
 * crossEntropy(logits, classes, { ignoreIndex: 2 }).item(); // → 0.693147
 * ```
 * @see Szegedy et al.: Rethinking the Inception architecture (2016), section 7, of label smoothing
 */
export const crossEntropy: Loss<CrossEntropyOptions> = (prediction, target, options) => {
  checkTensors("crossEntropy", prediction, target, options, ["labelSmoothing", "ignoreIndex", "weights"]);
  checkRows("crossEntropy", prediction, "logits");
  const smoothing = options?.labelSmoothing ?? 0;
  checkNumber("crossEntropy", "labelSmoothing", smoothing, 0, 1);
  if (target.rank !== 2) return lossOfClasses("crossEntropy", prediction.logSoftmax(), target, options, smoothing);
  checkProbabilities("crossEntropy", target);
  if (options?.ignoreIndex !== undefined)
    throw new ArgumentError("crossEntropy: expected ignoreIndex with int32 classes, got it with probabilities");
  const classes = prediction.shape[1]!;
  let y = matched("crossEntropy", prediction, target);
  if (smoothing > 0) y = y.mul(1 - smoothing).add(smoothing / classes);
  if (options?.weights !== undefined)
    y = y.mul(weightsFor("crossEntropy", "weights", options.weights, prediction, [classes]));
  return reduce("crossEntropy", prediction.logSoftmax().mul(y).sum({ axis: 1 }).neg(), options);
};

/**
 * Negative log-likelihood from log-probabilities, $-w_y \ln p_y$. With `logSoftmax` before it is `crossEntropy`; weights
 * and ignored classes count as there.
 *
 * @param prediction log-probabilities, shape `[batch, classes]`
 * @param target int32 classes, shape `[batch]`
 * @throws `ShapeError` if shapes do not fit
 * @throws `DataError` if there are no predictions that count, or a class is negative or not below the number of classes
 * @throws `DTypeError` if the predictions are not float, or the classes not int32
 * @throws `ArgumentError` if a weight is negative or not finite
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { negativeLogLikelihood } from "@cotangent/nn";
 * const logP = tensor([[0.25, 0.75]]).log();
 * negativeLogLikelihood(logP, tensor([0], { dtype: "int32" })).item(); // → 1.386294
 * ```
 */
export const negativeLogLikelihood: Loss<ClassOptions> = (prediction, target, options) => {
  checkTensors("negativeLogLikelihood", prediction, target, options, ["ignoreIndex", "weights"]);
  checkRows("negativeLogLikelihood", prediction, "log-probabilities");
  return lossOfClasses("negativeLogLikelihood", prediction, target, options, 0);
};
