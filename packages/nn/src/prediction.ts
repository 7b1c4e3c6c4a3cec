/**
 * From outputs to predictions.
 * @module
 */
import { ArgumentError, checkOptions, describe, expectTensor, ShapeError, type Tensor } from "@cotangent/core";
import { checkModel, checkNumber } from "./checks.js";
import type { Model } from "./model.js";

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

/** Options of `predictProbability`. */
export interface PredictOptions<S> {
  /** The state of the model, for models that keep one. */
  readonly state?: S | undefined;
}

function logitsOf<P, S>(
  operator: string,
  model: Model<P, S>,
  params: P,
  x: Tensor,
  options: PredictOptions<S> | undefined,
): Tensor {
  checkModel(operator, model, "a model");
  const state = options?.state;
  if (model.initState !== undefined && state === undefined)
    throw new ArgumentError(
      `${operator}: expected the option state, since the model keeps one; pass that of the training state, or model.initState()`,
    );
  const logits = model.apply(params, x, state === undefined ? undefined : { training: false, state });
  if (logits.rank !== 2)
    throw new ShapeError(
      `${operator}: expected a model whose logits are of shape [batch, 1] or [batch, classes], got [${logits.shape.join(", ")}]`,
    );
  return logits;
}

/**
 * Probabilities of a model that gives logits z: of shape `[batch, 1]` those of class 1, $\sigma(z)$, of shape
 * `[batch, classes]` those of each class, $\mathrm{softmax}(z)$.
 *
 * @returns shape `[batch]` or `[batch, classes]`
 * @throws `ArgumentError` if the model keeps a state and none is given
 * @throws `ShapeError` if the logits are not of such a shape
 * @example
 * ```ts
 * import { ones, random } from "@cotangent/core";
 * import { logisticRegression, predictProbability } from "@cotangent/nn";
 * const model = logisticRegression({ features: 3 });
 * predictProbability(model, model.init(random(1)), ones([2, 3])).toArray(); // → [0.5,0.5]
 * ```
 */
export function predictProbability<P, S>(
  model: Model<P, S>,
  params: P,
  x: Tensor,
  options?: PredictOptions<S>,
): Tensor {
  checkOptions("predictProbability", options, ["state"]);
  const logits = logitsOf("predictProbability", model, params, x, options);
  return logits.shape[1] === 1 ? logits.sigmoid().reshape([-1]) : logits.softmax();
}

/** Options of `predict`. */
export interface ClassifyOptions<S> extends PredictOptions<S> {
  /** Above which probability it is class 1, where there is one logit. Default: 0.5. */
  readonly threshold?: number | undefined;
}

/**
 * Classes by a model that gives logits: of shape `[batch, 1]` 1 where the probability is above the threshold, of shape
 * `[batch, classes]` the most likely class. For numbers, as of a linear regression, call `model.apply`.
 *
 * @returns int32, shape `[batch]`
 * @throws `ArgumentError` if the model keeps a state and none is given, or a threshold comes with several classes
 * @throws `ShapeError` if the logits are not of such a shape
 * @example
 * ```ts
 * import { tensor } from "@cotangent/core";
 * import { logisticRegression, predict } from "@cotangent/nn";
 * const params = { weight: tensor([[2]]), bias: tensor([-1]) };
 * predict(logisticRegression({ features: 1 }), params, tensor([[0], [1]])).toArray(); // → [0,1]
 * ```
 */
export function predict<P, S>(model: Model<P, S>, params: P, x: Tensor, options?: ClassifyOptions<S>): Tensor {
  checkOptions("predict", options, ["state", "threshold"]);
  const logits = logitsOf("predict", model, params, x, options);
  const at = options?.threshold;
  if (at === undefined) return classesOf(logits);
  checkNumber("predict", "threshold", at, 0, 1);
  if (logits.shape[1] !== 1)
    throw new ArgumentError(
      `predict: expected no threshold for ${logits.shape[1]!} classes, of which the most likely is taken, got ${at}`,
    );
  return threshold(logits.sigmoid(), at).reshape([-1]);
}
