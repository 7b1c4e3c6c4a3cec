/**
 * Checking gradients.
 * @packageDocumentation
 */
import "../fluent.js";

export { compareGradients, type ComparisonOptions, type GradientComparison } from "./differences.js";
