/**
 * How good scores, numbers and distributions are, before classes are made of them.
 * @module
 */
import { checkOptions, DataError, type Tensor } from "@cotangent/core";
import { crossEntropy, type ClassOptions } from "./losses/index.js";
import { checkPair } from "./metrics.js";

/**
 * Area under the receiver operating characteristic: the probability that a sample of class 1 scores higher than one of
 * class 0, equal scores counting half.
 *
 * @param scores the higher, the more likely class 1: logits or probabilities
 * @param labels 0 and 1, of the same shape
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if a score is NaN, a label not 0 or 1, or a class does not occur
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { rocAuc } from "@cotangent/nn";
 * rocAuc(tensor([0.1, 0.4, 0.35, 0.8]), tensor([0, 0, 1, 1])); // → 0.75
 * ```
 * @see Hanley, McNeil: The meaning and use of the area under a receiver operating characteristic curve (1982)
 */
export function rocAuc(scores: Tensor, labels: Tensor): number {
  checkPair("rocAuc", scores, labels);
  const [s, y] = [scores.toTypedArray(), labels.toTypedArray()];
  const odd = y.findIndex((v) => v !== 0 && v !== 1);
  if (odd >= 0) throw new DataError(`rocAuc: expected labels 0 and 1, got ${y[odd]!} at flat index ${odd}`);
  const lost = s.findIndex(Number.isNaN);
  if (lost >= 0) throw new DataError(`rocAuc: expected scores, got NaN at flat index ${lost}`);
  const order = Array.from(s, (_, i) => i).sort((a, b) => s[a]! - s[b]! || 0);
  let [below, wins, positives] = [0, 0, 0];
  for (let start = 0; start < order.length;) {
    const counts = [0, 0];
    let end = start;
    while (end < order.length && s[order[end]!] === s[order[start]!]) counts[y[order[end++]!]!]! += 1;
    const [negative, positive] = counts as [number, number];
    wins += positive * (below + negative / 2);
    below += negative;
    positives += positive;
    start = end;
  }
  if (positives === 0 || below === 0)
    throw new DataError(`rocAuc: expected labels of both classes, got ${positives === 0 ? "no 1" : "no 0"}`);
  return wins / positives / below;
}

/**
 * Coefficient of determination, $R^2 = 1 - \frac{\sum_i (y_i - \hat y_i)^2}{\sum_i (y_i - \bar y)^2}$; of several
 * outputs, their mean.
 *
 * @param predictions shape `[batch]` or `[batch, outputs]`
 * @param targets of the same shape
 * @throws `ShapeError` if shapes differ or there are none
 * @throws `DataError` if all targets of an output are equal
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { rSquared } from "@cotangent/nn";
 * rSquared(tensor([1, 2, 4]), tensor([1, 2, 3])); // → 0.5
 * ```
 */
export function rSquared(predictions: Tensor, targets: Tensor): number {
  checkPair("rSquared", predictions, targets, "targets");
  const batch = predictions.rank === 0 ? 1 : predictions.shape[0]!;
  const y = targets.astype("float64").reshape([batch, -1]);
  const error = predictions.astype("float64").reshape([batch, -1]).sub(y).square().sum({ axis: 0 });
  const spread = y
    .sub(y.mean({ axis: 0 }))
    .square()
    .sum({ axis: 0 });
  if (spread.equal(0).any().item() !== 0)
    throw new DataError("rSquared: expected targets that differ, got one value only; there is no variance to explain");
  return error.div(spread).rsub(1).mean().item();
}

/** Options of `perplexity`. */
export type PerplexityOptions = Pick<ClassOptions, "ignoreIndex">;

/**
 * Perplexity, $e^H$ of the mean cross-entropy H: among how many equally likely classes the model chooses.
 *
 * @param logits shape `[batch, classes]`
 * @param labels int32, shape `[batch]`
 * @throws as `crossEntropy` does
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { perplexity } from "@cotangent/nn";
 * perplexity(tensor([[0, 0, 0, 0]]), tensor([2], { dtype: "int32" })); // → 4
 * ```
 * @see Jelinek, Mercer, Bahl, Baker: Perplexity, a measure of the difficulty of speech recognition tasks (1977)
 */
export function perplexity(logits: Tensor, labels: Tensor, options?: PerplexityOptions): number {
  checkOptions("perplexity", options, ["ignoreIndex"]);
  return crossEntropy(logits, labels, options).exp().item();
}
