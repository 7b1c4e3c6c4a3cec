/**
 * Cost against iterations.
 * @module
 */
import { ArgumentError, checkOptions } from "@cotangent/core";
import { checkList } from "./lists.js";
import { renderPlot } from "./plot.js";

/** One curve. */
export interface CostSeries {
  readonly name: string;
  /** The costs, one every `every` iterations; what is not finite ends the curve. */
  readonly costs: readonly number[];
  /** Iterations between two costs. Default: 1. */
  readonly every?: number | undefined;
}

/** Options of `costCurves`. */
export interface CostCurvesOptions {
  readonly title: string;
  readonly series: readonly CostSeries[];
  /** What `every` counts, the name of the horizontal axis. Default: iteration. */
  readonly unit?: string | undefined;
  /** A logarithmic cost axis, on which costs of 0 are left out. Default: false. */
  readonly logarithmic?: boolean | undefined;
  /** Costs above are drawn at it, so that a curve that runs away does not flatten the others. */
  readonly limit?: number | undefined;
}

/**
 * Cost curves as SVG.
 *
 * @throws `ArgumentError` if there is no series, one starts with a cost that is not finite, or nothing can be drawn
 * @example
 * ```ts
 * import { costCurves } from "@cotangent/viz";
 * (await costCurves({ title: "Cost", series: [{ name: "a", costs: [3, 2, 1] }] })).includes("Cost"); // → true
 * ```
 */
export async function costCurves(options: CostCurvesOptions): Promise<string> {
  checkOptions("costCurves", options, ["title", "series", "unit", "logarithmic", "limit"], ["title", "series"]);
  const { title, series, unit = "iteration", logarithmic = false, limit = Infinity } = options;
  checkList("costCurves", "series", series);
  if (series.length === 0) throw new ArgumentError("costCurves: expected at least one series, got none");
  const values = series.flatMap(({ name, costs, every = 1 }) => {
    checkList("costCurves", `costs in "${name}"`, costs);
    if (!Number.isFinite(costs[0]))
      throw new ArgumentError(`costCurves: expected finite costs in "${name}", got ${String(costs[0])} at the start`);
    const end = costs.findIndex((cost) => !Number.isFinite(cost));
    const shown = end < 0 ? costs : costs.slice(0, end);
    const stride = Math.max(1, Math.floor(shown.length / 400));
    return shown.flatMap((cost, i) =>
      i % stride === 0 || i === shown.length - 1 ? [{ name, iteration: i * every, cost: Math.min(limit, cost) }] : [],
    );
  });
  const drawable = values.filter(({ cost }) => !logarithmic || cost > 0);
  if (drawable.length === 0)
    throw new ArgumentError(`costCurves: expected a cost above 0 for a logarithmic axis, got none`);
  return renderPlot({
    title,
    width: 460,
    height: 260,
    data: { values: drawable },
    mark: { type: "line", strokeWidth: 2, clip: true },
    encoding: {
      x: { field: "iteration", type: "quantitative", title: unit },
      y: { field: "cost", type: "quantitative", title: "cost (nats)", scale: { type: logarithmic ? "log" : "linear" } },
      ...(series.length > 1
        ? { color: { field: "name", type: "nominal", title: null, sort: series.map(({ name }) => name) } }
        : {}),
    },
  });
}
