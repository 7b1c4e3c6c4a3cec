/**
 * Automatic differentiation: tensors, operators, reverse and forward mode.
 * @module @cotangent/core
 */
import "./fluent.js";

export { compile, type Program } from "./compile/compile.js";
export { stopBlas, useBlas, type BlasInfo, type BlasOptions } from "./blas/useBlas.js";
export { backward, type BackwardOptions } from "./backward.js";
export { Gradients } from "./gradients.js";
export { checkpoint } from "./checkpoint.js";
export { scalar, tensor, variable, type DTypeOptions, type TensorData, type TensorOptions } from "./construct.js";
export { noGrad, setDefaultDtype, withBackend, withDefaultDtype, type BackendName } from "./context.js";
export { defineOp, type CustomOp, type OpDefinition, type OpDomain } from "./customOp.js";
export type { DType, NestedArray, TypedArray } from "./dtype.js";
export {
  ArgumentError,
  checkFunction,
  checkOptions,
  CotangentError,
  DataError,
  describe,
  DTypeError,
  GradientError,
  GraphError,
  NumericError,
  ShapeError,
  ThreadError,
} from "./errors.js";
export { arange, eye, full, linspace, ones, onesLike, oneHot, zeros, zerosLike } from "./filled.js";
export type { Fluent } from "./fluent.js";
export type { Anomaly, AnomalyInput, AnomalyPhase } from "./anomaly.js";
export { detectAnomaly, type AnomalyOptions } from "./detectAnomaly.js";
export { explain, type Explanation, type ExplainOptions } from "./explain.js";
export { hessian, hvp, jacobian, jvp, type Each } from "./derivatives.js";
export { grad, valueAndGrad, vjp, type Given, type GradOptions, type ValueAndGradOptions } from "./grad.js";
export { graphOf, type Graph, type GraphEdge, type GraphNode, type GraphOptions } from "./graph.js";
export type { Computed } from "./history.js";
export type { Labels } from "./labels.js";
export type { GradientVerdict, LayerGradient } from "./layers.js";
export { withLines } from "./lines.js";
export { expectTensor } from "./operand.js";
export * from "./ops/index.js";
export type { RandomDType } from "./distributions.js";
export { Random, type RandomState } from "./random.js";
export { checkRandom, random } from "./seeds.js";
export type { Range } from "./range.js";
export type { Axes, Shape } from "./shape.js";
export { Tensor, type TensorLike } from "./tensor.js";
export { startThreads, stopThreads, threadCount } from "./threads.js";
export { leavesOf, mapTree, type Leaf, type LeafAt, type Tensors, type Tree } from "./tree.js";
export { checkValues, fromNumber, hasValues } from "./values.js";
export { perSampleGradients, vmap, type VmapOptions } from "./vmap.js";
