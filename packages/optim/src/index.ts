/**
 * Optimisers, schedules, clipping and training steps, as pure functions.
 * @module @cotangent/optim
 */
export { accumulate, type AccumulateOptions, type AccumulateState } from "./accumulate.js";
export { adadelta, type AdadeltaOptions, type AdadeltaState } from "./adadelta.js";
export { adagrad, type AdagradOptions, type AdagradState } from "./adagrad.js";
export { adam, adamw, type AdamOptions, type AdamState } from "./adam.js";
export { adamax, type AdamaxOptions, type AdamaxState } from "./adamax.js";
export { chain, type ChainState, type GradientFunction, type GradientTransform, type Link } from "./chain.js";
export { clipByGlobalNorm, clipByNorm, clipByValue, type GlobalNormOptions } from "./clipping.js";
export { freeze, groups, type Group, type GroupsState } from "./groups.js";
export { diff, sharing, type Change, type Extent, type Sharing } from "./diff.js";
export type {
  EpochEvent,
  FitCallback,
  FitEvent,
  FitResult,
  StartEvent,
  StepEvent,
  StopEvent,
  StopReason,
} from "./fit/events.js";
export { fit } from "./fit/fit.js";
export type { CostFitOptions, EarlyStopping, FitCommon, LossFitOptions } from "./fit/options.js";
export type { FitRun } from "./fit/run.js";
export type { Batches, EpochBatches } from "./fit/source.js";
export {
  history,
  type BestPolicy,
  type BranchOptions,
  type History,
  type HistoryPolicy,
  type Turn,
} from "./history.js";
export { lbfgs, type LbfgsOptions, type LbfgsState } from "./lbfgs.js";
export { learningRateRange, type RangeOptions, type RangeReport } from "./learningRateRange.js";
export type { StateOf } from "./leafwise.js";
export { clip, weightDecay, type ClipOptions, type WeightDecayOptions } from "./links.js";
export {
  averagedParameters,
  movingAverage,
  type Averaged,
  type MovingAverageOptions,
  type MovingAverageState,
} from "./movingAverage.js";
export type { Mode } from "./measures.js";
export { nadam, type NadamOptions, type NadamState } from "./nadam.js";
export type { Evaluation, LearningRate, Optimizer, OptimizerState, UpdateOptions } from "./optimizer.js";
export type { Match } from "./patterns.js";
export { plateau, type Plateau, type PlateauOptions, type PlateauState } from "./plateau.js";
export { radam, type RadamOptions } from "./radam.js";
export { rateReport, type Movement, type Point, type RateReport, type TensorMovement } from "./rateReport.js";
export { rmsprop, type RmspropOptions, type RmspropState } from "./rmsprop.js";
export {
  constant,
  exponentialDecay,
  linear,
  multiStep,
  polynomial,
  stepDecay,
  type ExponentialDecayOptions,
  type LinearOptions,
  type MultiStepOptions,
  type PolynomialOptions,
  type Schedule,
  type StepDecayOptions,
} from "./schedules.js";
export { sgd, type SgdOptions, type SgdState } from "./sgd.js";
export type { Context, PredictionContext, Samples, TrainableModel, TrainingContext } from "./context.js";
export { NotFiniteError } from "./notFinite.js";
export { trainState, type ModelStart, type ParamsStart, type TrainState } from "./state.js";
export { train, type CostOptions, type LossOptions, type StepOptions } from "./train.js";
export {
  cosine,
  oneCycle,
  warmRestarts,
  warmup,
  type CosineOptions,
  type OneCycleOptions,
  type WarmRestartsOptions,
  type WarmupOptions,
} from "./waves.js";
