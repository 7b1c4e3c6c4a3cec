/**
 * From outputs to predictions, and how good these are.
 * @module
 */
import { ArgumentError, describe, expectTensor, ShapeError, type Tensor } from "@cotangent/core";

/**
 * Classes from probabilities of class 1: 1 where $p > t$, else 0, as int32.
 *
 * @throws `ArgumentError` if the threshold is not in [0, 1]
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { threshold } from "@cotangent/nn";
 * threshold(tensor([0.2, 0.7])).toArray(); // → [0,1]
 * threshold(tensor([0.2, 0.7]), 0.9).toArray(); // → [0,0]
 * ```
 */
export function threshold(probabilities: Tensor, at = 0.5): Tensor {
  if (!(at >= 0 && at <= 1))
    throw new ArgumentError(`threshold: expected a threshold from 0 to 1, got ${describe(at)}`);
  return expectTensor("threshold", probabilities, "probabilities in a tensor").greater(at).astype("int32");
}

/**
 * Classes from logits: of shape `[batch, 1]` by the threshold ½ of the probability, of shape `[batch, classes]` the largest.
 *
 * @returns int32, shape `[batch]`
 * @throws `ShapeError` if the logits are not of such a shape
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { classesOf } from "@cotangent/nn";
 * classesOf(tensor([[-1], [2]])).toArray(); // → [0,1]
 * classesOf(tensor([[1, 5, 2]])).toArray(); // → [1]
 * ```
 */
export function classesOf(logits: Tensor): Tensor {
  expectTensor("classesOf", logits, "logits in a tensor");
  if (logits.rank !== 2)
    throw new ShapeError(
      `classesOf: expected logits of shape [batch, 1] or [batch, classes], got [${logits.shape.join(", ")}]`,
    );
  if (logits.shape[1] === 1) return threshold(logits.sigmoid()).reshape([-1]);
  return logits.argmax({ axis: 1 });
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
  expectTensor("accuracy", predictions, "predictions in a tensor");
  expectTensor("accuracy", labels, "labels in a tensor");
  if (
    predictions.size === 0 ||
    predictions.rank !== labels.rank ||
    predictions.shape.some((n, axis) => n !== labels.shape[axis])
  )
    throw new ShapeError(
      `accuracy: expected as many predictions as labels, got shapes [${predictions.shape.join(", ")}] and [${labels.shape.join(", ")}]`,
    );
  return predictions.equal(labels).mean().item();
}
