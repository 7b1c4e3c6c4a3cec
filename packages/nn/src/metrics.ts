/**
 * How good predicted classes are. Arguments are predictions first, then labels.
 * @module
 */
import { checkOptions, DataError, expectTensor, ShapeError, tensor, type Tensor } from "@cotangent/core";
import { checkSize } from "./checks.js";

/** @throws `ArgumentError` if one is no tensor, `ShapeError` if shapes differ or there are none */
export function checkPair(operator: string, predictions: Tensor, labels: Tensor, what = "labels"): void {
  expectTensor(operator, predictions, "predictions in a tensor");
  expectTensor(operator, labels, `${what} in a tensor`);
  if (
    predictions.size === 0 ||
    predictions.rank !== labels.rank ||
    predictions.shape.some((n, axis) => n !== labels.shape[axis])
  )
    throw new ShapeError(
      `${operator}: expected as many predictions as ${what}, got shapes [${predictions.shape.join(", ")}] and [${labels.shape.join(", ")}]`,
    );
}

/**
 * Share of predictions that equal their labels.
 *
 * @throws `ShapeError` if shapes differ or there are none
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { accuracy } from "@cotangent/nn";
 * accuracy(tensor([0, 1, 1, 0]), tensor([0, 1, 0, 0])); // → 0.75
 * ```
 */
export function accuracy(predictions: Tensor, labels: Tensor): number {
  checkPair("accuracy", predictions, labels);
  return predictions.equal(labels).mean().item();
}

/** Counts by label and prediction. */
export function countsOf(
  operator: string,
  predictions: Tensor,
  labels: Tensor,
  classes: number | undefined,
): number[][] {
  checkPair(operator, predictions, labels);
  if (classes !== undefined) checkSize(operator, "classes", classes);
  const limit = classes ?? 2 ** 16;
  const [found, wanted] = [predictions, labels].map((t, i) => {
    const values = t.toTypedArray();
    const wrong = values.findIndex((v) => !Number.isInteger(v) || v < 0 || v >= limit);
    if (wrong >= 0)
      throw new DataError(
        `${operator}: expected classes that are integers from 0 to ${limit - 1}, got ${values[wrong]!} at flat index ${wrong} of the ${i === 0 ? "predictions" : "labels"}; take threshold or classesOf first`,
      );
    return values;
  }) as unknown as [ArrayLike<number>, ArrayLike<number>];
  let size = classes ?? 0;
  if (classes === undefined)
    for (let i = 0; i < found.length; i++) size = Math.max(size, found[i]! + 1, wanted[i]! + 1);
  const counts = Array.from({ length: size }, () => Array<number>(size).fill(0));
  for (let i = 0; i < found.length; i++) counts[wanted[i]!]![found[i]!]! += 1;
  return counts;
}

/** Options of `confusionMatrix`. */
export interface ConfusionOptions {
  /** How many classes there are. Default: one more than the largest that occurs. */
  readonly classes?: number | undefined;
}

/**
 * How often each class was taken for each: $C_{ij}$ counts labels i that were predicted to be j.
 *
 * @returns int32, shape `[classes, classes]`
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if a class is no integer from 0, or not below `classes`
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { confusionMatrix } from "@cotangent/nn";
 * confusionMatrix(tensor([0, 1, 1, 0]), tensor([0, 1, 0, 0])).toArray(); // → [[2,1],[0,1]]
 * ```
 */
export function confusionMatrix(predictions: Tensor, labels: Tensor, options?: ConfusionOptions): Tensor {
  checkOptions("confusionMatrix", options, ["classes"]);
  return tensor(countsOf("confusionMatrix", predictions, labels, options?.classes), { dtype: "int32" });
}
