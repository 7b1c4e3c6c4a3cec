/**
 * Layered drawings of networks: neurons and connections.
 * @module
 */
import { ArgumentError, checkOptions, describe } from "@cotangent/core";
import { escapeXml } from "./escape.js";
import { palette } from "./plot.js";

/** Options of `networkDrawing`. */
export interface NetworkDrawingOptions {
  readonly title: string;
  /** Neurons a layer, inputs first. */
  readonly sizes: readonly number[];
  /** Per connection of layers, weights `[from][to]`: wider is larger, blue positive, orange negative. */
  readonly weights?: readonly (readonly (readonly number[])[])[] | undefined;
  /** Under each layer, such as "tanh". */
  readonly labels?: readonly string[] | undefined;
}

const shownAtMost = 10;
const [columnWidth, rowHeight, radius] = [150, 30, 10];

interface Neuron {
  readonly index: number;
  readonly x: number;
  readonly y: number;
}

/** The neurons that are drawn of a layer: all, or the first and the last with a gap between. */
function shown(size: number): number[] {
  if (size <= shownAtMost) return Array.from({ length: size }, (_, i) => i);
  const half = shownAtMost / 2;
  return [...Array.from({ length: half }, (_, i) => i), ...Array.from({ length: half }, (_, i) => size - half + i)];
}

function checkSizes(sizes: readonly unknown[]): void {
  if (sizes.length < 2) throw new ArgumentError(`networkDrawing: expected at least two layers, got ${sizes.length}`);
  for (const size of sizes)
    if (typeof size !== "number" || !Number.isInteger(size) || size < 1)
      throw new ArgumentError(`networkDrawing: expected sizes that are integers from 1, got ${describe(size)}`);
}

function checkWeights(matrix: readonly (readonly number[])[], sizes: readonly number[], layer: number): void {
  const [from, to] = [sizes[layer], sizes[layer + 1]];
  if (matrix.length !== from || matrix.some((row) => row.length !== to))
    throw new ArgumentError(
      `networkDrawing: expected weights[${layer}] of shape [${from}, ${to}], got [${matrix.length}, ${matrix[0]?.length ?? 0}]`,
    );
  for (const row of matrix)
    for (const weight of row)
      if (!Number.isFinite(weight))
        throw new ArgumentError(
          `networkDrawing: expected finite weights, got ${describe(weight)} in weights[${layer}]`,
        );
}

/**
 * The layers of a network as SVG. Of a layer with more than ten neurons the first and the last five are drawn.
 *
 * @throws `ArgumentError` if there are fewer than two layers, a size is not an integer from 1, or weights have another
 * shape or are not finite
 * @example
 * ```ts
 * import { networkDrawing } from "@cotangent/viz";
 * networkDrawing({ title: "2-4-1", sizes: [2, 4, 1] }).match(/<circle/g)!.length; // → 7
 * ```
 */
export function networkDrawing(options: NetworkDrawingOptions): string {
  checkOptions("networkDrawing", options, ["title", "sizes", "weights", "labels"], ["title", "sizes"]);
  const { title, sizes, weights, labels } = options;
  checkSizes(sizes);
  weights?.forEach((matrix, layer) => checkWeights(matrix, sizes, layer));
  const tallest = Math.max(...sizes.map((size) => Math.min(size, shownAtMost + 1)));
  const [width, height] = [sizes.length * columnWidth, tallest * rowHeight + 110];
  const middle = 50 + (tallest * rowHeight) / 2;
  const layers = sizes.map((size, layer): Neuron[] => {
    const indices = shown(size);
    const rows = size > shownAtMost ? shownAtMost + 1 : size;
    return indices.map((index, i) => {
      const row = size > shownAtMost && i >= shownAtMost / 2 ? i + 1 : i;
      return { index, x: (layer + 0.5) * columnWidth, y: middle + (row - (rows - 1) / 2) * rowHeight };
    });
  });
  const lines = layers.slice(1).flatMap((to, layer) => {
    const matrix = weights?.[layer];
    const largest = (matrix ?? []).reduce((most, row) => row.reduce((m, w) => Math.max(m, Math.abs(w)), most), 1e-12);
    return layers[layer]!.flatMap((a) =>
      to.map((b) => {
        const weight = matrix?.[a.index]?.[b.index];
        const share = weight === undefined ? 0.3 : Math.abs(weight) / largest;
        const stroke = weight === undefined ? "#999999" : weight >= 0 ? palette[0] : palette[1];
        return `<line x1="${a.x}" y1="${a.y}" x2="${b.x}" y2="${b.y}" stroke="${stroke}" stroke-width="${(0.4 + 2.4 * share).toFixed(2)}" stroke-opacity="${(0.25 + 0.6 * share).toFixed(2)}"/>`;
      }),
    );
  });
  const neurons = layers.flatMap((layer) =>
    layer.map(
      ({ x, y }) => `<circle cx="${x}" cy="${y}" r="${radius}" fill="white" stroke="#333333" stroke-width="1.5"/>`,
    ),
  );
  const texts = sizes.map((size, layer) => {
    const x = (layer + 0.5) * columnWidth;
    const gap = size > shownAtMost ? `<text x="${x}" y="${middle + 6}" font-size="18">⋮</text>` : "";
    const name = labels?.[layer] ?? (layer === 0 ? "inputs" : layer === sizes.length - 1 ? "output" : "hidden");
    return `${gap}<text x="${x}" y="${height - 34}">${size}</text><text x="${x}" y="${height - 16}" fill="#555555">${escapeXml(name)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13" text-anchor="middle"><rect width="100%" height="100%" fill="white"/><text x="${width / 2}" y="24" font-size="15" font-weight="600">${escapeXml(title)}</text>${[...lines, ...neurons, ...texts].join("")}</svg>`;
}
