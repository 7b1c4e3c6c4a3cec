/**
 * Every operator, in the order in which the families build on each other.
 * @module
 */
export { astype, broadcastTo, permute, reshape, sum } from "./linear.js";
export type { ReduceOptions, Reduction } from "./linear.js";
export type { Binary, Unary } from "./elementwise.js";
export * from "./arithmetic.js";
export * from "./piecewise.js";
export * from "./elementary.js";
export * from "./activation.js";
export * from "./reduction.js";
export * from "./shaping.js";
export * from "./indexing.js";
export * from "./linalg.js";
export { inverse, solve } from "./solving.js";
export { cholesky, solveTriangular, type TriangularOptions } from "./triangular.js";
export { det, logDet, slogDet, type SignAndLog } from "./determinant.js";
export { einsum } from "./einsum.js";
export * from "./convolution.js";
export * from "./pooling.js";
