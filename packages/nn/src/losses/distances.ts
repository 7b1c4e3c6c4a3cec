/**
 * Divergence of distributions, and likeness of vectors.
 * @module
 */
import { ArgumentError, checkOptions, describe, expectTensor, ShapeError, where, type Tensor } from "@cotangent/core";
import { checkPositive, expectFloat } from "../checks.js";
import { checkProbabilities, checkTensors, matched, reduce, type Loss, type LossOptions } from "./reduction.js";

/** Options of `klDivergence`. */
export interface KlDivergenceOptions extends LossOptions {
  /** Whether the targets are logarithms of probabilities too. Default: false. */
  readonly logTarget?: boolean | undefined;
}

/**
 * Kullback and Leibler's divergence of a prediction $\ln q$ from targets p, elementwise $p (\ln p - \ln q)$; where p is
 * 0, so is the loss. The mean is over all elements, as in PyTorch; divide the sum by the batch for that of the samples.
 *
 * @throws `ShapeError` if shapes differ
 * @throws `DataError` if there are no predictions, or a target lies outside [0, 1] (with `logTarget`, above 0)
 * @throws `DTypeError` if the predictions are not float
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { klDivergence } from "@cotangent/nn";
 * const [q, p] = [tensor([[0.5, 0.5]]), tensor([[1, 0]])];
 * klDivergence(q.log(), p, { reduction: "sum" }).item(); // → 0.693147
 * klDivergence(q.log(), p.log(), { logTarget: true }).item(); // → 0.346574
 * ```
 */
export const klDivergence: Loss<KlDivergenceOptions> = (prediction, target, options) => {
  checkTensors("klDivergence", prediction, target, options, ["logTarget"]);
  const logTarget = options?.logTarget ?? false;
  if (typeof logTarget !== "boolean")
    throw new ArgumentError(`klDivergence: expected logTarget to be true or false, got ${describe(logTarget)}`);
  const y = matched("klDivergence", prediction, target);
  const p = logTarget ? y.exp() : y;
  checkProbabilities("klDivergence", logTarget ? p : target);
  // Both logarithms may be infinite where p is 0.
  const never = p.equal(0);
  const cross = p.mul(where(never, 0, prediction));
  const own = logTarget ? p.mul(where(never, 0, y)) : p.xlogy(p);
  return reduce("klDivergence", own.sub(cross), options);
};

/** Options of `cosineSimilarity`. */
export interface CosineOptions {
  /** Default: 1, and 0 for vectors. */
  readonly axis?: number | undefined;
  /** Norms count as at least this. Default: 1e-8. */
  readonly epsilon?: number | undefined;
}

/**
 * Cosine of the angle between vectors along an axis,
 * $\frac{x \cdot y}{\max(\|x\|, \varepsilon) \max(\|y\|, \varepsilon)}$; other axes broadcast. As a loss take 1 minus
 * its mean.
 *
 * @throws `ShapeError` if shapes do not broadcast, or the axis is out of range
 * @throws `DTypeError` if a tensor is not float
 * @throws `ArgumentError` if epsilon is not a finite number above 0
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { cosineSimilarity } from "@cotangent/nn";
 * cosineSimilarity(tensor([[1, 0], [1, 1]]), tensor([[0, 2], [3, 3]])).toArray(); // → [0,1]
 * ```
 */
export const cosineSimilarity: (x: Tensor, y: Tensor, options?: CosineOptions) => Tensor = (x, y, options) => {
  checkOptions("cosineSimilarity", options, ["axis", "epsilon"]);
  expectTensor("cosineSimilarity", x, "vectors in a tensor");
  expectTensor("cosineSimilarity", y, "vectors in a tensor");
  expectFloat("cosineSimilarity", x);
  expectFloat("cosineSimilarity", y);
  const epsilon = options?.epsilon ?? 1e-8;
  checkPositive("cosineSimilarity", "epsilon", epsilon);
  const rank = Math.max(x.rank, y.rank);
  const axis = options?.axis ?? Math.min(1, rank - 1);
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new ShapeError(`cosineSimilarity: expected an axis of tensors of rank ${rank}, got ${describe(axis)}`);
  // From the end, where broadcasting aligns axes.
  const along = axis < 0 ? axis : axis - rank;
  const unit = (v: Tensor): Tensor => v.div(v.norm({ axis: along, keepDims: true }).clamp({ min: epsilon }));
  return unit(x).mul(unit(y)).sum({ axis: along });
};
