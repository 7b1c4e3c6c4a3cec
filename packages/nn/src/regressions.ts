/**
 * Regressions: networks without hidden layers. Their weights start at zero, as their costs are convex.
 * @module
 */
import { checkOptions } from "@cotangent/core";
import { checkSize } from "./checks.js";
import { dense, type DenseOptions, type DenseParams } from "./dense.js";
import { zerosInit } from "./initialisers.js";
import type { Model } from "./model.js";

/** Options of `linearRegression` and `logisticRegression`. */
export interface RegressionOptions {
  readonly features: number;
  /** Default: the default dtype. */
  readonly dtype?: DenseOptions["dtype"];
}

/** Options of `softmaxRegression`. */
export interface SoftmaxOptions extends RegressionOptions {
  readonly classes: number;
}

/**
 * Linear regression, $\hat y = X w + b$, for `meanSquaredError` and the like.
 *
 * @throws `ArgumentError` if `features` is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { linearRegression } from "@cotangent/nn";
 * const model = linearRegression({ features: 3 });
 * model.apply(model.init(random(1)), ones([5, 3])).shape; // → [5,1]
 * ```
 */
export function linearRegression(options: RegressionOptions): Model<DenseParams> {
  checkOptions("linearRegression", options, ["features", "dtype"], ["features"]);
  checkSize("linearRegression", "features", options.features);
  return dense({ inputs: options.features, outputs: 1, init: zerosInit, dtype: options.dtype });
}

/**
 * Logistic regression, a network of one neuron without hidden layers: the logit $z = X w + b$, whose probability is
 * $\sigma(z)$. The weight starts at zero, as the cost is convex.
 *
 * @throws `ArgumentError` if `features` is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { logisticRegression } from "@cotangent/nn";
 * const model = logisticRegression({ features: 3 });
 * model.apply(model.init(random(1)), ones([5, 3])).sigmoid().mean().item(); // → 0.5
 * ```
 */
export function logisticRegression(options: RegressionOptions): Model<DenseParams> {
  checkOptions("logisticRegression", options, ["features", "dtype"], ["features"]);
  checkSize("logisticRegression", "features", options.features);
  return dense({ inputs: options.features, outputs: 1, init: zerosInit, dtype: options.dtype });
}

/**
 * Softmax regression: a logit a class, $Z = X W + b$, whose probabilities are $\mathrm{softmax}(Z)$.
 *
 * @throws `ArgumentError` if `features` or `classes` is not an integer from 1
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { softmaxRegression } from "@cotangent/nn";
 * const model = softmaxRegression({ features: 3, classes: 4 });
 * model.apply(model.init(random(1)), ones([1, 3])).softmax().toArray(); // → [[0.25,0.25,0.25,0.25]]
 * ```
 */
export function softmaxRegression(options: SoftmaxOptions): Model<DenseParams> {
  checkOptions("softmaxRegression", options, ["features", "classes", "dtype"], ["features", "classes"]);
  checkSize("softmaxRegression", "features", options.features);
  checkSize("softmaxRegression", "classes", options.classes);
  return dense({ inputs: options.features, outputs: options.classes, init: zerosInit, dtype: options.dtype });
}
