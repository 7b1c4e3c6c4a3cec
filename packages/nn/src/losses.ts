/**
 * Losses: how far predictions are from targets. The cost is their mean over the batch. Logarithms are natural, so
 * cross-entropies are in nats.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  DataError,
  describe,
  DTypeError,
  expectTensor,
  ShapeError,
  type Tensor,
} from "@cotangent/core";

/** How the losses of the samples become one number. */
export interface LossOptions {
  /** `"mean"` is the cost. Default: mean. */
  readonly reduction?: "mean" | "sum" | "none" | undefined;
}

/** A loss of predictions and targets of one shape. */
export type Loss = (prediction: Tensor, target: Tensor, options?: LossOptions) => Tensor;

function reduce(operator: string, losses: Tensor, options: LossOptions | undefined): Tensor {
  checkOptions(operator, options, ["reduction"]);
  const reduction = options?.reduction ?? "mean";
  switch (reduction) {
    case "mean":
      if (losses.size === 0)
        throw new DataError(`${operator}: expected at least one prediction, got none; the mean of nothing is no cost`);
      return losses.mean();
    case "sum":
      return losses.sum();
    case "none":
      return losses;
    default:
      throw new ArgumentError(
        `${operator}: expected the reduction "mean", "sum" or "none", got ${describe(reduction)}`,
      );
  }
}

/** @throws `ArgumentError` if one is no tensor, `DTypeError` if the prediction is no float */
function checkTensors(operator: string, prediction: Tensor, target: Tensor): void {
  expectTensor(operator, prediction, "predictions in a tensor");
  expectTensor(operator, target, "targets in a tensor");
  if (prediction.dtype !== "float64" && prediction.dtype !== "float32")
    throw new DTypeError(
      `${operator}: expected float predictions, got ${prediction.dtype}; pass what the model gives, before threshold or argmax, or convert it with astype("float64")`,
    );
}

/** The target in the prediction's dtype; shapes must be equal, since broadcasting a loss hides mistakes. */
function matched(operator: string, prediction: Tensor, target: Tensor): Tensor {
  checkTensors(operator, prediction, target);
  if (prediction.rank !== target.rank || prediction.shape.some((n, axis) => n !== target.shape[axis]))
    throw new ShapeError(
      `${operator}: expected a target of the prediction's shape [${prediction.shape.join(", ")}], got [${target.shape.join(", ")}]; reshape or unsqueeze it`,
    );
  return target.dtype === prediction.dtype ? target : target.astype(prediction.dtype);
}

const probabilities = new WeakSet<Tensor>();

/** Targets never change, so each is looked at once. */
function checkProbabilities(operator: string, target: Tensor): void {
  if (probabilities.has(target)) return;
  refuse(operator, target, (y) => !(y >= 0 && y <= 1), "targets 0, 1 or between", "map the classes to 0 and 1");
  probabilities.add(target);
}

function refuse(operator: string, x: Tensor, wrong: (v: number) => boolean, wanted: string, remedy: string): void {
  const values = x.toTypedArray();
  const at = values.findIndex(wrong);
  if (at >= 0)
    throw new DataError(`${operator}: expected ${wanted}, got ${values[at]!} at flat index ${at}; ${remedy}`);
}

/**
 * Mean squared error, $\frac{1}{n} \sum_i (\hat y_i - y_i)^2$.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { meanSquaredError } from "@cotangent/nn";
 * meanSquaredError(tensor([1, 4]), tensor([1, 2])).item(); // → 2
 * ```
 */
export const meanSquaredError: Loss = (prediction, target, options) =>
  reduce("meanSquaredError", prediction.sub(matched("meanSquaredError", prediction, target)).square(), options);

/** Below, a logarithm counts as -100. */
const tiny = 3.8e-44;

/**
 * Log loss from probabilities, $-(y \ln p + (1 - y) \ln(1 - p))$; each logarithm is at least -100. From logits use
 * `binaryCrossEntropyWithLogits`, which loses nothing near 0 and 1.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target or a prediction lies outside [0, 1]
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { binaryCrossEntropy } from "@cotangent/nn";
 * binaryCrossEntropy(tensor([0.5, 0.5]), tensor([0, 1])).item(); // → 0.693147
 * ```
 */
export const binaryCrossEntropy: Loss = (prediction, target, options) => {
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
  return reduce("binaryCrossEntropy", y.mul(logP).add(y.rsub(1).mul(logQ)).neg(), options);
};

/**
 * Log loss from logits, $\ln(1 + e^z) - y z$, which is $-(y \ln \sigma(z) + (1 - y) \ln(1 - \sigma(z)))$ without
 * overflow or cancellation.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target lies outside [0, 1]
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { binaryCrossEntropyWithLogits } from "@cotangent/nn";
 * binaryCrossEntropyWithLogits(tensor([0, 1000]), tensor([0, 1])).item(); // → 0.346574
 * ```
 */
export const binaryCrossEntropyWithLogits: Loss = (prediction, target, options) => {
  const y = matched("binaryCrossEntropyWithLogits", prediction, target);
  checkProbabilities("binaryCrossEntropyWithLogits", target);
  return reduce("binaryCrossEntropyWithLogits", prediction.logisticLoss(y), options);
};

/**
 * Softmax cross-entropy from logits, $-\ln \mathrm{softmax}(z)_y$.
 *
 * @param prediction logits, shape `[batch, classes]`
 * @param target int32 classes, shape `[batch]`, or probabilities, shape `[batch, classes]`
 * @throws `ShapeError` if shapes do not fit
 * @throws `DataError` if there are no predictions, or a class is negative or not below the number of classes
 * @throws `DTypeError` if the predictions are not float, or the classes not int32
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { crossEntropy } from "@cotangent/nn";
 * crossEntropy(tensor([[0, 0, 0, 0]]), tensor([2], { dtype: "int32" })).item(); // → 1.386294
 * ```
 */
export const crossEntropy: Loss = (prediction, target, options) => {
  checkTensors("crossEntropy", prediction, target);
  if (prediction.rank !== 2)
    throw new ShapeError(
      `crossEntropy: expected logits of shape [batch, classes], got [${prediction.shape.join(", ")}]`,
    );
  const [batch, classes] = prediction.shape as readonly [number, number];
  const logP = prediction.logSoftmax();
  if (target.rank === 2) {
    checkProbabilities("crossEntropy", target);
    return reduce(
      "crossEntropy",
      logP
        .mul(matched("crossEntropy", prediction, target))
        .sum({ axis: 1 })
        .neg(),
      options,
    );
  }
  if (target.rank !== 1 || target.size !== batch)
    throw new ShapeError(
      `crossEntropy: expected ${batch} classes, one a row of the logits, got shape [${target.shape.join(", ")}]`,
    );
  if (target.dtype !== "int32")
    throw new DTypeError(
      `crossEntropy: expected int32 classes, got ${target.dtype}; convert them with astype("int32")`,
    );
  const wrong = target.toTypedArray().findIndex((y) => y < 0 || y >= classes);
  if (wrong >= 0)
    throw new DataError(
      `crossEntropy: expected classes from 0 to ${classes - 1}, got ${target.toTypedArray()[wrong]!} at index ${wrong}`,
    );
  return reduce(
    "crossEntropy",
    logP
      .gather(target.reshape([batch, 1]), { axis: 1 })
      .reshape([batch])
      .neg(),
    options,
  );
};
