/**
 * Every operator, in the order in which the families build on each other.
 * @module
 */
export { astype, broadcastTo, permute, reshape, sum } from "./linear.js";
export type { ReduceOptions, Reduction } from "./linear.js";
export type { LineOptions } from "./lines.js";
export type { Binary, Unary } from "./elementwise.js";
export * from "./arithmetic.js";
export * from "./piecewise.js";
export * from "./elementary.js";
export * from "./activation.js";
export * from "./reduction.js";
export * from "./shaping.js";
export * from "./indexing.js";
export * from "./parts.js";
export * from "./turning.js";
export * from "./padding.js";
export * from "./diagonals.js";
export * from "./linalg.js";
