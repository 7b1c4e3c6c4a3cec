/**
 * Checking gradients.
 * @module @cotangent/core/check
 */
import "../fluent.js";

export { compareGradients, type ComparisonOptions, type GradientComparison } from "./differences.js";
export type { Verdict } from "./examination.js";
export { assertGradients, gradcheck, type GradcheckOptions } from "./gradcheck.js";
export type { Culprit } from "./localise.js";
export { GradientReport, type GradientFailure, type GradientReportData, type Kink, type Undecided } from "./report.js";
export {
  broadcastableShapes,
  broadcastableTensors,
  shapes,
  tensors,
  type ShapesOptions,
  type TensorsOptions,
} from "./arbitraries.js";
export { gradientProperty, type GradientPropertyOptions } from "./property.js";
export { checkOp, type CheckOpOptions, type OpReport, type OpReportData } from "./checkOp.js";
