/**
 * Models, initialisers, losses and metrics.
 * @module @cotangent/nn
 */
export {
  heNormal,
  lecunNormal,
  normalInit,
  xavierNormal,
  zerosInit,
  type Initialiser,
  type InitOptions,
} from "./initialisers.js";
export {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  meanSquaredError,
  type Loss,
  type LossOptions,
} from "./losses.js";
export { accuracy, classesOf, threshold } from "./metrics.js";
export type { Activation, Context, Model } from "./model.js";
export {
  deepNetwork,
  dense,
  logisticRegression,
  sequential,
  shallowNetwork,
  type DeepOptions,
  type DenseOptions,
  type DenseParams,
  type ShallowOptions,
} from "./networks.js";
