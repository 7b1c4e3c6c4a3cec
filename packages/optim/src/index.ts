/**
 * Gradient descent and training steps, as pure functions.
 * @module @cotangent/optim
 */
export type { LearningRate, Optimizer, UpdateOptions } from "./optimizer.js";
export { sgd, type SgdOptions, type SgdState } from "./sgd.js";
export { trainState, trainStep, type TrainOptions, type TrainState } from "./train.js";
