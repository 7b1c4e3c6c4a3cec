/**
 * Vega-Lite specifications rendered to SVG.
 * @module
 */
import { ArgumentError } from "@cotangent/core";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

/** A Vega-Lite specification without the parts that `renderPlot` adds. */
export type PlotSpec = Record<string, unknown>;

/** Colours that stay apart for colour-blind eyes (Okabe and Ito 2008). */
export const palette = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"] as const;

const config = {
  font: "system-ui, sans-serif",
  background: "white",
  padding: 12,
  title: { fontSize: 15, fontWeight: 600, anchor: "start", offset: 12 },
  axis: {
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 500,
    gridColor: "#eeeeee",
    domainColor: "#888888",
    tickColor: "#888888",
  },
  legend: { labelFontSize: 12, titleFontSize: 12 },
  range: { category: [...palette] },
  view: { stroke: null },
};

/** Vega numbers clip paths for as long as the process lives; here they start anew, so that equal plots are equal text. */
function renumbered(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replace(/(id="|url\(#)(clip\d+)/g, (_, before: string, id: string) => {
    if (!numbers.has(id)) numbers.set(id, numbers.size);
    return `${before}clip${numbers.get(id)!}`;
  });
}

function compiled(spec: PlotSpec): vega.Runtime {
  try {
    return vega.parse(compile({ ...spec, config } as unknown as TopLevelSpec).spec);
  } catch (error) {
    throw new ArgumentError(`renderPlot: expected a Vega-Lite specification; ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Renders a Vega-Lite specification to SVG text. Equal specifications give equal text.
 *
 * @throws `ArgumentError` if Vega-Lite refuses the specification
 * @example
 * ```ts
 * import { renderPlot } from "@cotangent/viz";
 * const svg = await renderPlot({ data: { values: [{ x: 1, y: 2 }] }, mark: "point", encoding: { x: { field: "x", type: "quantitative" } } });
 * svg.startsWith("<svg"); // → true
 * ```
 */
export async function renderPlot(spec: PlotSpec): Promise<string> {
  const view = new vega.View(compiled(spec), { renderer: "none" });
  try {
    return renumbered(await view.toSVG());
  } finally {
    view.finalize();
  }
}
