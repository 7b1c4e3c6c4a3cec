/**
 * Checking gradients.
 * @module @cotangent/core/check
 */
import "../fluent.js";

export { compareGradients, type ComparisonOptions, type GradientComparison } from "./differences.js";
