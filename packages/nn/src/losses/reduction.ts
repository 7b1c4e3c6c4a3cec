/**
 * What all losses share: checks of predictions and targets, and how the losses of samples become one number.
 * @module
 */
import {
  ArgumentError,
  checkOptions,
  checkValues,
  DataError,
  describe,
  DTypeError,
  expectTensor,
  ShapeError,
  tensor,
  Tensor,
} from "@cotangent/core";

/** How the losses of the samples become one number. */
export interface LossOptions {
  /** `"mean"` is the cost. Default: mean. */
  readonly reduction?: "mean" | "sum" | "none" | undefined;
}

/** A loss of predictions and targets. */
export type Loss<O extends LossOptions = LossOptions> = (prediction: Tensor, target: Tensor, options?: O) => Tensor;

/** Factors of classes or elements. */
export type Weights = Tensor | readonly number[];

/**
 * @param divisor of the sum, in the mean; default: how many losses there are
 * @throws `ArgumentError` if the reduction is unknown, `DataError` if there is nothing to take the mean of
 */
export function reduce(operator: string, losses: Tensor, options: LossOptions | undefined, divisor?: Tensor): Tensor {
  const reduction = options?.reduction ?? "mean";
  switch (reduction) {
    case "mean":
      if (losses.size === 0) nothing(operator, "");
      if (divisor === undefined) return losses.mean();
      checkValues(divisor, (d) => {
        if (d.item() === 0) nothing(operator, " whose target counts");
      });
      return losses.sum().div(divisor);
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

function nothing(operator: string, which: string): never {
  throw new DataError(
    `${operator}: expected at least one prediction${which}, got none; the mean of nothing is no cost`,
  );
}

/** @throws `ArgumentError` if one is no tensor or an option is unknown, `DTypeError` if the prediction is no float */
export function checkTensors(
  operator: string,
  prediction: Tensor,
  target: Tensor,
  options: LossOptions | undefined,
  own: readonly string[] = [],
): void {
  expectTensor(operator, prediction, "predictions in a tensor");
  expectTensor(operator, target, "targets in a tensor");
  checkOptions(operator, options, ["reduction", ...own]);
  if (prediction.dtype !== "float64" && prediction.dtype !== "float32")
    throw new DTypeError(
      `${operator}: expected float predictions, got ${prediction.dtype}; pass what the model gives, before threshold or argmax, or convert it with astype("float64")`,
    );
}

/** The target in the prediction's dtype; shapes must be equal, since broadcasting a loss hides mistakes. */
export function matched(operator: string, prediction: Tensor, target: Tensor): Tensor {
  if (prediction.rank !== target.rank || prediction.shape.some((n, axis) => n !== target.shape[axis]))
    throw new ShapeError(
      `${operator}: expected a target of the prediction's shape [${prediction.shape.join(", ")}], got [${target.shape.join(", ")}]; reshape or unsqueeze it`,
    );
  return target.dtype === prediction.dtype ? target : target.astype(prediction.dtype);
}

function checkOnce(checked: WeakSet<Tensor>, target: Tensor, check: (target: Tensor) => void): void {
  checkValues(target, (t) => {
    if (checked.has(t)) return;
    check(t);
    checked.add(t);
  });
}

const probabilities = new WeakSet<Tensor>();

/** Targets never change, so each is looked at once. */
export function checkProbabilities(operator: string, target: Tensor): void {
  checkOnce(probabilities, target, (t) =>
    refuse(operator, t, (y) => !(y >= 0 && y <= 1), "targets 0, 1 or between", "map the classes to 0 and 1"),
  );
}

const signs = new WeakSet<Tensor>();

/** @throws `DataError` if a target is not 1 or -1 */
export function checkSigns(operator: string, target: Tensor): void {
  checkOnce(signs, target, (t) =>
    refuse(operator, t, (y) => y !== 1 && y !== -1, "targets 1 and -1", "map 0 to -1 with y.mul(2).sub(1)"),
  );
}

/** @throws `DataError` with the first element that is wrong, and where it stands */
export function refuse(
  operator: string,
  x: Tensor,
  wrong: (v: number) => boolean,
  wanted: string,
  remedy: string,
): void {
  checkValues(x, (there) => {
    const values = there.toTypedArray();
    const at = values.findIndex(wrong);
    if (at >= 0)
      throw new DataError(`${operator}: expected ${wanted}, got ${values[at]!} at flat index ${at}; ${remedy}`);
  });
}

/**
 * Weights in the prediction's dtype.
 *
 * @throws `ArgumentError` if they are no tensor or list, or one is negative or not finite
 * @throws `ShapeError` if they do not broadcast to the wanted shape
 */
export function weightsFor(
  operator: string,
  option: string,
  weights: Weights | number,
  prediction: Tensor,
  wanted: readonly number[],
): Tensor {
  if (typeof weights !== "number" && !Array.isArray(weights) && !(weights instanceof Tensor))
    throw new ArgumentError(`${operator}: expected ${option} in a tensor, got ${describe(weights)}`);
  const w = weights instanceof Tensor ? weights : tensor(weights as number[]);
  if (w.rank > wanted.length || w.shape.some((n, i) => n !== 1 && n !== wanted[wanted.length - w.rank + i]))
    throw new ShapeError(
      `${operator}: expected ${option} that fit the shape [${wanted.join(", ")}], got [${w.shape.join(", ")}]`,
    );
  checkValues(w, (values) => {
    const wrong = values.toTypedArray().find((v) => !(v >= 0 && v < Infinity));
    if (wrong !== undefined) throw new ArgumentError(`${operator}: expected finite ${option} from 0, got ${wrong}`);
  });
  return w.astype(prediction.dtype);
}
