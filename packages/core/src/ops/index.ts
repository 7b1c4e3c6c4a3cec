/**
 * Every operator, in the order in which the families build on each other.
 * @module
 */
export { astype, broadcastTo, permute, reshape, sum } from "./linear.js";
export type { ReduceOptions, Reduction } from "./reduceOptions.js";
export type { LineOptions } from "./lines.js";
export type { Binary, Unary } from "./elementwise.js";
export * from "./arithmetic.js";
export * from "./comparisons.js";
export { abs, clamp, maximum, minimum, sign, where } from "./piecewise.js";
export type { ClampOptions } from "./piecewise.js";
export * from "./rounding.js";
export * from "./elementary.js";
export * from "./trigonometric.js";
export * from "./hyperbolic.js";
export { digamma, erf, erfc, erfInv, lgamma } from "./special.js";
export * from "./rectifier.js";
export * from "./hardUnits.js";
export * from "./activation.js";
export * from "./gated.js";
export { argmax, argmin, max, min } from "./extremes.js";
export type { IndexOptions } from "./extremes.js";
export * from "./reduction.js";
export { norm } from "./norm.js";
export type { NormOptions } from "./norm.js";
export * from "./moments.js";
export * from "./shaping.js";
export * from "./joining.js";
export * from "./indexing.js";
export * from "./parts.js";
export * from "./turning.js";
export * from "./padding.js";
export * from "./diagonals.js";
export * from "./scan.js";
export * from "./ordering.js";
export * from "./linalg.js";
export { inverse, solve } from "./solving.js";
export { cholesky, solveTriangular, type TriangularOptions } from "./triangular.js";
export { det, logDet, slogDet, type SignAndLog } from "./determinant.js";
export { einsum } from "./einsum.js";
export { conv1d, conv2d, conv3d, type Convolution, type ConvolutionOptions } from "./convolution.js";
export {
  convTranspose1d,
  convTranspose2d,
  type TransposedConvolution,
  type TransposedConvolutionOptions,
} from "./convTranspose.js";
export type { Padding } from "./windows.js";
export * from "./pooling.js";
