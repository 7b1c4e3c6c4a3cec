/**
 * Optimisers, schedules, clipping and training steps, as pure functions.
 * @packageDocumentation
 */
export { adadelta, type AdadeltaOptions, type AdadeltaState } from "./adadelta.js";
export { adagrad, type AdagradOptions, type AdagradState } from "./adagrad.js";
export { adam, adamw, type AdamOptions, type AdamState } from "./adam.js";
export { adamax, type AdamaxOptions, type AdamaxState } from "./adamax.js";
export type { StateOf } from "./leafwise.js";
export { nadam, type NadamOptions, type NadamState } from "./nadam.js";
export type { Evaluation, LearningRate, Optimizer, OptimizerState, UpdateOptions } from "./optimizer.js";
export { radam, type RadamOptions } from "./radam.js";
export { rmsprop, type RmspropOptions, type RmspropState } from "./rmsprop.js";
export { sgd, type SgdOptions, type SgdState } from "./sgd.js";
export { trainState, trainStep, type TrainOptions, type TrainState } from "./train.js";
