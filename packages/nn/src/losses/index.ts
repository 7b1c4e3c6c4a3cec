/**
 * Losses: how far predictions are from targets. The cost is their mean over the batch. Logarithms are natural, so
 * cross-entropies are in nats.
 * @module
 */
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  hinge,
  squaredHinge,
  type BinaryCrossEntropyOptions,
  type HingeOptions,
  type LogitsOptions,
} from "./binary.js";
export { crossEntropy, negativeLogLikelihood, type ClassOptions, type CrossEntropyOptions } from "./classes.js";
export { cosineSimilarity, klDivergence, type CosineOptions, type KlDivergenceOptions } from "./distances.js";
export type { Loss, LossOptions, Weights } from "./reduction.js";
export {
  huber,
  meanAbsoluteError,
  meanSquaredError,
  smoothL1,
  type HuberOptions,
  type SmoothL1Options,
} from "./regression.js";
