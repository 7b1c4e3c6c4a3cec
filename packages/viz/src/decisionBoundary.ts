/**
 * Decision boundaries of classifiers of the plane.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import { checkList } from "./lists.js";
import { palette, renderPlot, type PlotSpec } from "./plot.js";

/** A sample in the plane. */
export interface LabelledPoint {
  readonly x: number;
  readonly y: number;
  readonly label: number;
}

/** One classifier. */
export interface Classifier {
  readonly title: string;
  /** Probabilities of class 1 at points `[x, y]`. */
  readonly predict: (points: readonly (readonly [number, number])[]) => ArrayLike<number>;
}

/** Options of `decisionBoundaries`. */
export interface DecisionBoundaryOptions {
  readonly points: readonly LabelledPoint[];
  /** Shown side by side. */
  readonly classifiers: readonly Classifier[];
  /** Cells along each axis. Default: 140. */
  readonly resolution?: number | undefined;
}

function extent(values: readonly number[]): [number, number] {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const margin = 0.05 * (high - low || 1);
  return [low - margin, high + margin];
}

/** Neighbouring cells of a row that fall to the same class are drawn as one rectangle. */
function regions(
  predict: Classifier["predict"],
  [x0, x1]: [number, number],
  [y0, y1]: [number, number],
  n: number,
): object[] {
  const [dx, dy] = [(x1 - x0) / n, (y1 - y0) / n];
  const grid = Array.from(
    { length: n * n },
    (_, i) => [x0 + ((i % n) + 0.5) * dx, y0 + (Math.floor(i / n) + 0.5) * dy] as const,
  );
  const p = predict(grid);
  if (p.length !== grid.length)
    throw new ArgumentError(`decisionBoundaries: expected ${grid.length} predictions, one a point, got ${p.length}`);
  const found: object[] = [];
  for (let row = 0; row < n; row++)
    for (let start = 0, i = 1; i <= n; i++) {
      const side = p[row * n + start]! > 0.5 ? 1 : 0;
      if (i < n && (p[row * n + i]! > 0.5 ? 1 : 0) === side) continue;
      found.push({ x: x0 + start * dx, x2: x0 + i * dx, y: y0 + row * dy, y2: y0 + (row + 1) * dy, label: side });
      start = i;
    }
  return found;
}

/**
 * Points of two classes over the regions in which classifiers put them, side by side, as SVG.
 *
 * @throws `ArgumentError` if there are no points or no classifiers, a coordinate is not finite, the resolution is not an
 * integer from 1, or a classifier gives another number of predictions than points
 * @example
 * ```ts
 * import { decisionBoundaries } from "@cotangent/viz";
 * const svg = await decisionBoundaries({
 *   points: [{ x: 0, y: 0, label: 0 }, { x: 1, y: 1, label: 1 }],
 *   classifiers: [{ title: "right half", predict: (points) => points.map(([x]) => (x > 0.5 ? 1 : 0)) }],
 * });
 * svg.includes("right half"); // → true
 * ```
 */
export async function decisionBoundaries(options: DecisionBoundaryOptions): Promise<string> {
  checkOptions("decisionBoundaries", options, ["points", "classifiers", "resolution"], ["points", "classifiers"]);
  const { points, classifiers, resolution = 140 } = options;
  if (!Number.isInteger(resolution) || resolution < 1)
    throw new ArgumentError(
      `decisionBoundaries: expected a resolution that is an integer from 1, got ${describe(resolution)}`,
    );
  checkList("decisionBoundaries", "points", points);
  checkList("decisionBoundaries", "classifiers", classifiers);
  const lost = points.find(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y));
  if (lost !== undefined)
    throw new ArgumentError(`decisionBoundaries: expected finite coordinates, got (${lost.x}, ${lost.y})`);
  if (points.length === 0 || classifiers.length === 0)
    throw new ArgumentError(
      `decisionBoundaries: expected points and classifiers, got ${points.length} and ${classifiers.length}`,
    );
  const [dx, dy] = [extent(points.map(({ x }) => x)), extent(points.map(({ y }) => y))];
  const axis = (name: string, domain: [number, number]): PlotSpec => ({
    field: name,
    type: "quantitative",
    title: name === "x" ? "x₁" : "x₂",
    scale: { domain, nice: false, zero: false },
  });
  const color = (range: readonly string[], legend: PlotSpec | null): PlotSpec => ({
    field: "label",
    type: "nominal",
    scale: { domain: [0, 1], range },
    legend,
  });
  const svg = await renderPlot({
    hconcat: classifiers.map(({ title, predict }) => ({
      title,
      width: 330,
      height: 330,
      resolve: { scale: { color: "independent" } },
      layer: [
        {
          data: { values: regions(predict, dx, dy, resolution) },
          mark: { type: "rect", opacity: 1, clip: true },
          encoding: {
            x: axis("x", dx),
            x2: { field: "x2" },
            y: axis("y", dy),
            y2: { field: "y2" },
            color: color(["#F6D5BF", "#C4DEEF"], null),
          },
        },
        {
          data: { values: points },
          mark: { type: "point", filled: true, size: 26, stroke: "white", strokeWidth: 0.5, opacity: 1 },
          encoding: { x: axis("x", dx), y: axis("y", dy), color: color([palette[1], palette[0]], { title: "class" }) },
        },
      ],
    })),
  });
  // Blurred edges of neighbouring cells would show as seams.
  return svg.replaceAll('<g class="mark-rect', '<g shape-rendering="crispEdges" class="mark-rect');
}
