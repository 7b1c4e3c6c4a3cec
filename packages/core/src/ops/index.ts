/**
 * Every operator, in the order in which the families build on each other.
 * @module
 */
export { astype, broadcastTo, permute, reshape, sum } from "./linear.js";
export type { ReduceOptions, Reduction } from "./linear.js";
export type { Binary, Unary } from "./elementwise.js";
export * from "./arithmetic.js";
export * from "./piecewise.js";
export * from "./rounding.js";
export * from "./elementary.js";
export * from "./trigonometric.js";
export * from "./hyperbolic.js";
export { digamma, erf, erfc, erfInv, lgamma } from "./special.js";
export * from "./rectifier.js";
export * from "./activation.js";
export * from "./gated.js";
export * from "./reduction.js";
export * from "./shaping.js";
export * from "./indexing.js";
export * from "./linalg.js";
