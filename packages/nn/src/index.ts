/**
 * Models, initialisers, losses and metrics.
 * @module @cotangent/nn
 */
export { f1, precision, recall, type ScoreOptions } from "./classScores.js";
export { parallel, residual, sequential, type Composed, type ListParams, type ListState } from "./composition.js";
export { dense, type DenseOptions, type DenseParams } from "./dense.js";
export {
  constantInit,
  normalInit,
  uniformInit,
  zerosInit,
  type ConstantInitOptions,
  type Initialiser,
  type InitialiserMaybeWith,
  type InitialiserWith,
  type InitOptions,
  type NormalInitOptions,
  type UniformInitOptions,
} from "./initialisers.js";
export {
  activation,
  dropout,
  embedding,
  flatten,
  type DropoutOptions,
  type EmbeddingOptions,
  type EmbeddingParams,
} from "./layers.js";
export * from "./losses/index.js";
export { accuracy, confusionMatrix, type ConfusionOptions } from "./metrics.js";
export type {
  Activation,
  Context,
  Layers,
  Model,
  NoParams,
  NoState,
  ParamsOf,
  PredictionContext,
  StatefulModel,
  StateOf,
  TrainingContext,
} from "./model.js";
export { deepNetwork, shallowNetwork, type DeepOptions, type ShallowOptions } from "./networks.js";
export {
  batchNorm,
  layerNorm,
  type BatchNormOptions,
  type BatchNormState,
  type LayerNormOptions,
  type NormParams,
} from "./normalisation.js";
export { orthogonal, type OrthogonalOptions } from "./orthogonal.js";
export {
  classesOf,
  predict,
  predictProbability,
  threshold,
  type ClassifyOptions,
  type PredictOptions,
} from "./prediction.js";
export {
  linearRegression,
  logisticRegression,
  softmaxRegression,
  type RegressionOptions,
  type SoftmaxOptions,
} from "./regressions.js";
export { heNormal, heUniform, lecunNormal, xavierNormal, xavierUniform } from "./scaledInitialisers.js";
export { perplexity, rocAuc, rSquared, type PerplexityOptions } from "./scores.js";
export { summary, type Summary, type SummaryLayer, type SummaryOptions } from "./summary.js";
