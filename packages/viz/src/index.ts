/**
 * Plots, network drawings, computation graphs and reports.
 * @module @cotangent/viz
 */
export { computationGraph, graphToDot, type DrawableGraph } from "./computationGraph.js";
export { costCurves, type CostCurvesOptions, type CostSeries } from "./costCurves.js";
export {
  decisionBoundaries,
  type Classifier,
  type DecisionBoundaryOptions,
  type LabelledPoint,
} from "./decisionBoundary.js";
export { graphView, type GraphViewOptions } from "./graphView.js";
export { networkDrawing, type NetworkDrawingOptions } from "./networkDrawing.js";
export { renderPlot, type PlotSpec } from "./plot.js";
export { htmlReport, type Figure, type Report, type Section, type Table } from "./report.js";
